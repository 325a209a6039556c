// SPDX-License-Identifier: Apache-2.0

internal import Journal
internal import PostgresClient
internal import Primitives

/// The way to the tables: a connection that was let in, to tables that are this journal's and that
/// nobody else writes any more.
struct ProjectionLink: ~Copyable {
    /// What a writer knows before it connects.
    struct Claim {
        var identity: JournalIdentity
        var journalEpoch: UInt64
        /// Up to which record the journal is durable.
        var durable: UInt64
        /// How far the tables were seen.
        var known: UInt64
        /// The epochs that may stand there because this writer wrote them; empty before its first
        /// time.
        var ownEpochs: Set<UInt64>
        /// How much the new epoch is above the last one, 1 to `ProjectionLimits.epochStride`.
        var step: UInt64 = 1
        /// Whether it writes whatever stands there; only on purpose.
        var ignoresFence = false
    }

    private var connection: PostgresConnection
    private var days: MovementDays
    /// This writer's, on this connection: a transaction that an earlier one left under way can't
    /// commit any more.
    let epoch: UInt64
    /// How far the tables are.
    let sequence: UInt64

    /// Connects, makes the tables if need be, looks whose they are and takes them over.
    ///
    /// - Parameters:
    ///   - conninfo: where Postgres is.
    ///   - claim: what is known.
    ///   - interrupt: looked at in every wait.
    ///   - attempt: told the new epoch before it is written: when the connection breaks just then it
    ///     isn't known which one stands there.
    /// - Returns: the way, for batches that follow its `sequence`.
    /// - Throws: `.off` when the tables aren't this journal's, or can't be.
    static func open(
        _ conninfo: String, _ claim: Claim, interrupt: PostgresInterrupt,
        attempt: (UInt64) -> Void
    ) throws(ProjectionFault) -> ProjectionLink {
        var connection = try later { () throws(PostgresError) in
            try PostgresConnection(
                conninfo, timeout: ProjectionLimits.askTimeout, interrupt: interrupt)
        }
        try makeTables(conninfo, interrupt, &connection)
        let (epoch, sequence) = try take(claim, &connection, attempt)
        let days = try later { () throws(PostgresError) in try MovementDays(&connection) }
        return ProjectionLink(connection, days, epoch: epoch, sequence: sequence)
    }

    private init(
        _ connection: consuming PostgresConnection, _ days: consuming MovementDays,
        epoch: UInt64, sequence: UInt64
    ) {
        self.connection = connection
        self.days = days
        self.epoch = epoch
        self.sequence = sequence
    }

    /// Whether there is any use in it.
    var isUsable: Bool { connection.isUsable }

    /// Reads what must be known to go on.
    mutating func load(_ identity: JournalIdentity) throws(ProjectionFault) -> ProjectionBooks {
        try BookLoader(identity: identity).load(at: sequence, &connection)
    }

    /// Makes the session ready for batches.
    mutating func prepare() throws(ProjectionFault) {
        try ProjectionLink.later { () throws(PostgresError) in
            try BatchWriter.prepare(&connection)
        }
    }

    /// Looks which days there are now; true: one is gone.
    mutating func readDays() throws(ProjectionFault) -> Bool {
        let former = days.known
        days = try ProjectionLink.later { () throws(PostgresError) in
            try MovementDays(&connection)
        }
        return !former.isSubset(of: days.known)
    }

    /// Writes a batch and commits.
    mutating func write(
        _ batch: borrowing ProjectionBatch, _ codes: borrowing CodeBook,
        with writer: inout BatchWriter
    ) throws(ProjectionFault) {
        try days.prepare(batch, &connection)
        do throws(PostgresError) {
            try writer.write(batch, codes, epoch: epoch, &connection)
        } catch { throw ProjectionFault(error) }
    }

    /// Warnings that came with commits.
    func takeWarnings() -> [PostgresWarning] { connection.takeWarnings() }

    #if PlantedFaults
        /// Sets the mark back, as if it were written in a transaction of its own.
        mutating func plantMark(_ sequence: UInt64) throws(ProjectionFault) {
            try ProjectionLink.later { () throws(PostgresError) in
                _ = try connection.query(
                    "UPDATE stockade.state SET applied_seq = $1", [.int8(Int64(sequence))])
            }
        }
    #endif

    // MARK: - Opening

    private static func makeTables(
        _ conninfo: String, _ interrupt: PostgresInterrupt,
        _ connection: inout PostgresConnection
    ) throws(ProjectionFault) {
        let state = try later { () throws(PostgresError) in
            try SchemaKeeper.state(&connection)
        }
        if state == .current { return }
        if state.isForbidden { throw .off(state.explanation) }
        do throws(SchemaError) {
            var keeper: SchemaKeeper
            do {
                keeper = SchemaKeeper(try PostgresConnection(conninfo, interrupt: interrupt))
            } catch {
                throw SchemaError.postgres(error)
            }
            _ = try keeper.up()
        } catch { throw ProjectionFault(error) }
    }

    private static func take(
        _ claim: Claim, _ connection: inout PostgresConnection, _ attempt: (UInt64) -> Void
    ) throws(ProjectionFault) -> (epoch: UInt64, sequence: UInt64) {
        let mark = try mark(claim, &connection)
        let journal = claim.identity.uuid
        // Before all else: what another server has done meanwhile is no sign of a lost disk.
        // Nor is an older epoch, which a failover brings back, one of another server.
        if let own = claim.ownEpochs.min(), mark.epoch > own, mark.journal == journal,
            !claim.ownEpochs.contains(mark.epoch), !claim.ignoresFence
        {
            throw .off(overtaken(mark.epoch))
        }
        if let objection = mark.objection(journal, durable: claim.durable, known: claim.known) {
            throw .off(objection)
        }
        if claim.ignoresFence { return (mark.epoch, mark.sequence) }
        let highest = max(claim.journalEpoch, mark.epoch)
        guard highest <= UInt64(Int64.max) - ProjectionLimits.epochStride else {
            throw .off(
                "the tables' epoch is \(highest), and there is none above it: somebody changed "
                    + "stockade.state. Set the epoch of its row to 0, and let `stockade resync` "
                    + "write the tables anew")
        }
        // By chance: two writers that take the tables over at once never mean the same one.
        let epoch = highest + claim.step
        attempt(epoch)
        let taken = try later { () throws(PostgresError) in
            try mark.claim(epoch, &connection)
        }
        guard let sequence = taken else {
            throw .later(PostgresError(.refused, "another server took the tables over just now"))
        }
        let now = ProjectionMark(journal: journal, epoch: epoch, sequence: sequence)
        if let objection = now.objection(journal, durable: claim.durable, known: claim.known) {
            throw .off(objection)
        }
        return (epoch, sequence)
    }

    private static func mark(
        _ claim: Claim, _ connection: inout PostgresConnection
    ) throws(ProjectionFault) -> ProjectionMark {
        let found = try later { () throws(PostgresError) in try ProjectionMark.read(&connection) }
        if let found { return found }
        guard claim.ownEpochs.isEmpty else {
            throw .off(
                "the tables were emptied or made anew while this server wrote them. `stockade "
                    + "resync` writes them anew; so does a restart of this server, more slowly")
        }
        let made = try later { () throws(PostgresError) in
            try ProjectionMark.create(claim.identity.uuid, &connection)
            return try ProjectionMark.read(&connection)
        }
        guard let made else {
            throw .later(PostgresError(.unexpected, "the row of stockade.state didn't stay"))
        }
        return made
    }

    private static func overtaken(_ epoch: UInt64) -> String {
        "another server took these tables over (epoch \(epoch)): it runs on a copy of this one's "
            + "journal. Only one may sell this stock; find out which, and stop the other. When this "
            + "one stays, restart it, and let `stockade resync` write the tables anew"
    }

    /// Whatever goes wrong in `body` may work later.
    private static func later<Result: ~Copyable>(
        _ body: () throws(PostgresError) -> Result
    ) throws(ProjectionFault) -> Result {
        do { return try body() } catch { throw .later(error) }
    }
}
