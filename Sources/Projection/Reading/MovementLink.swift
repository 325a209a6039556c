// SPDX-License-Identifier: Apache-2.0

internal import PostgresClient
internal import Primitives

/// A connection that movements are read by, made when it is needed. One thread.
struct MovementLink: ~Copyable {
    // One statement, so that the changes and the mark are of one snapshot. By the account's number
    // each day has them in order.
    private static let statement = """
        SELECT s.applied_seq, m.seq, m.line, m.at, m.kind, m.on_hand_change, m.held_change,
            m.allocated_change, m.safety_change, m.reference
        FROM stockade.state s LEFT JOIN LATERAL (
            SELECT * FROM stockade.movements
            WHERE account = (
                    SELECT account FROM stockade.stock
                    WHERE brand = $1::text AND sku = $2::text AND warehouse = $3::text)
                AND seq >= $4::int8
            ORDER BY seq LIMIT $5::int8) m ON true
        WHERE s.grp = $6::int2 AND s.journal = $7::uuid
        ORDER BY m.seq
        """

    private let conninfo: String
    private let journal: ClientID
    private let interrupt: PostgresInterrupt
    private var connection: PostgresConnection?
    /// Until when nobody connects, and why.
    private var pause: (end: ContinuousClock.Instant, reason: String)?

    init(_ conninfo: String, _ journal: ClientID, _ interrupt: PostgresInterrupt) {
        self.conninfo = conninfo
        self.journal = journal
        self.interrupt = interrupt
    }

    /// Reads, on a new connection if the old one broke meanwhile.
    mutating func read(
        _ query: MovementReader.Query, until deadline: ContinuousClock.Instant
    ) -> Result<MovementPage, MovementFault> {
        let wasConnected = connection != nil
        do throws(PostgresError) {
            return try .success(page(query, until: deadline))
        } catch {
            guard wasConnected, error.kind == .lost || isEnding(error) else {
                return .failure(fault(error))
            }
        }
        connection = nil
        do throws(PostgresError) {
            return try .success(page(query, until: deadline))
        } catch { return .failure(fault(error)) }
    }

    /// Class 57P: the server ends, or ends this session.
    private func isEnding(_ error: PostgresError) -> Bool {
        error.kind == .refused && error.sqlState.hasPrefix("57P")
    }

    private mutating func page(
        _ query: MovementReader.Query, until deadline: ContinuousClock.Instant
    ) throws(PostgresError) -> MovementPage {
        let left = deadline - ContinuousClock.now
        guard left > .zero else { throw PostgresError(.timedOut, "others were before it") }
        if connection?.isUsable != true { try connect(within: left) }
        let rows = try connection?.query(
            MovementLink.statement,
            [
                .text(query.brand), .text(query.sku), .text(query.warehouse),
                .int8(Int64(clamping: query.first)), .int8(Int64(query.limit)),
                .int2(ProjectionMark.group), .uuid(journal),
            ], timeout: max(deadline - ContinuousClock.now, .milliseconds(1)))
        guard let rows, rows.count > 0 else {
            throw PostgresError(.unreachable, "the tables there aren't this server's, or not yet")
        }
        return try MovementLink.page(rows)
    }

    private mutating func connect(within left: Duration) throws(PostgresError) {
        connection = nil
        if let pause, pause.end > ContinuousClock.now {
            throw PostgresError(.unreachable, pause.reason)
        }
        do throws(PostgresError) {
            var opened = try PostgresConnection(conninfo, timeout: left, interrupt: interrupt)
            // Statistics lag behind what is written, so that the planner would read whole days.
            try opened.execute(
                """
                SET default_transaction_read_only = on; SET enable_seqscan = off;
                SET enable_bitmapscan = off; SET enable_sort = off; SET jit = off;
                SET statement_timeout = '\(MovementLimits.timeout.components.seconds)s'
                """)
            pause = nil
            connection = consume opened
        } catch {
            pause = (ContinuousClock.now + MovementLimits.pause, error.message)
            throw error
        }
    }

    private func fault(_ error: PostgresError) -> MovementFault {
        switch error.kind {
        case .connectionString, .unreachable, .lost: .notConnected(error.explanation)
        case .timedOut: .timedOut(MovementLimits.timeout)
        case .interrupted: .stopped
        case .refused where isEnding(error): .notConnected(error.explanation)
        // The server's own limit, a little before ours.
        case .refused where error.sqlState == "57014": .timedOut(MovementLimits.timeout)
        case .refused, .unexpected: .refused(error.explanation)
        }
    }

    private static func page(_ rows: borrowing PostgresRows) throws(PostgresError) -> MovementPage {
        var page = MovementPage(
            movements: [], appliedSequence: UInt64(clamping: try rows.integer(0, 0) ?? 0))
        for row in 0..<rows.count {
            guard let sequence = try rows.integer(row, 1) else { break }
            let text = try rows.text(row, 4) ?? ""
            guard let kind = MovementRow.Kind.allCases.first(where: { "\($0.text)" == text }) else {
                throw PostgresError(.unexpected, "a movement of a kind that isn't known: \(text)")
            }
            page.movements.append(
                Movement(
                    sequence: UInt64(clamping: sequence),
                    line: UInt64(clamping: try rows.integer(row, 2) ?? 0),
                    wall: try rows.timestamptz(row, 3) ?? WallTime(milliseconds: 0), kind: kind,
                    onHandChange: try rows.integer(row, 5) ?? 0,
                    heldChange: try rows.integer(row, 6) ?? 0,
                    allocatedChange: try rows.integer(row, 7) ?? 0,
                    safetyChange: try rows.integer(row, 8) ?? 0,
                    reference: try rows.uuid(row, 9) ?? ClientID(high: 0, low: 0)))
        }
        return page
    }
}
