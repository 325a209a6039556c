// SPDX-License-Identifier: Apache-2.0

internal import Effects
public import Journal
internal import Primitives

/// Verifies a journal from its first record to its end, and tells what it comes to.
///
/// Reads only. One thread; memory grows with the accounts, with what is remembered and with the
/// orders, about 250 bytes each.
public struct JournalAudit: ~Copyable {
    private var model: LedgerModel
    private var end: JournalEnd?
    private var identity: JournalIdentity?
    private var seals: UInt64 = 0
    private let tables: TableComparison?

    /// Begins an audit.
    ///
    /// - Parameters:
    ///   - retentionMilliseconds: what the server had: the journal doesn't store it.
    ///   - keepsForgotten: whether a dump tells of what the retention made forgotten too, at the price
    ///     of its memory.
    ///   - tables: compared with the journal too, if there are any.
    public init(
        retentionMilliseconds: UInt64, keepsForgotten: Bool, tables: TableComparison? = nil
    ) {
        self.tables = tables
        precondition(AuditLimits.retentionMilliseconds.contains(retentionMilliseconds))
        model = LedgerModel(retention: retentionMilliseconds, keepsForgotten: keepsForgotten)
    }

    /// Reads and judges the whole journal; called once.
    ///
    /// - Parameters:
    ///   - scan: before its first block.
    ///   - progress: called at each segment with the bytes read, the bytes there are, and the last
    ///     sequence.
    /// - Throws: `AuditFault` when the journal is damaged or out of reach, or the tables are.
    /// - Complexity: O(records), about 1.5 us each.
    public mutating func read<Store>(
        _ scan: inout JournalScan<Store>, progress: (Int, Int, UInt64) -> Void
    ) throws(AuditFault) {
        precondition(end == nil)
        var epoch: UInt64 = 0
        var segment: UInt64 = 0
        while let block = try next(&scan) {
            if identity == nil, let found = scan.identity {
                identity = found
                try compare { (tables) throws(TableFault) in try tables.begin(found.uuid) }
            }
            if block.segment != segment {
                segment = block.segment
                progress(scan.bytesRead, scan.byteCount, model.lastSequence)
            }
            if block.epoch != epoch {
                model.begin(epoch: block.epoch, at: block.baseTick.milliseconds)
                epoch = block.epoch
            }
            model.pass(block.baseTick.milliseconds)
            if block.recordCount == 0 { seals += 1 }
            try apply(scan, block)
        }
        guard let end = scan.end else { preconditionFailure("a scan without blocks has its end") }
        model.finish(at: end.highestTick.milliseconds)
        self.end = end
        identity = scan.identity
        let last = model.lastSequence
        try compare { (tables) throws(TableFault) in try tables.end(at: last) }
    }

    private func compare(
        _ body: (TableComparison) throws(TableFault) -> Void
    ) throws(AuditFault) {
        guard let tables else { return }
        do { try body(tables) } catch { throw .tables(error) }
    }

    private func next<Store>(
        _ scan: inout JournalScan<Store>
    ) throws(AuditFault) -> JournalBlock? {
        do {
            return try scan.next()
        } catch {
            throw .journal(error)
        }
    }

    private mutating func apply<Store>(
        _ scan: borrowing JournalScan<Store>, _ block: JournalBlock
    ) throws(AuditFault) {
        var fault: AuditFault?
        scan.forEachRecord { bytes, position in
            guard fault == nil else { return }
            let place = LedgerModel.Place(
                sequence: position.sequence, tick: position.tick.milliseconds,
                wall: position.wall.milliseconds)
            let record: Record
            do throws(RecordError) { record = try Record(bytes) } catch {
                fault = .record(
                    error, sequence: position.sequence, segment: block.segment,
                    offset: block.offset)
                return
            }
            model.apply(record, at: place)
            do throws(TableFault) { try tables?.take(record, at: place) } catch {
                fault = .tables(error)
            }
        }
        if let fault { throw fault }
    }

    /// The first violations, at most `AuditLimits.violationsKeptMax`, in the order of the journal; then
    /// the first differences of each table.
    public var violations: [Violation] {
        model.violations.kept + (tables?.differences.kept ?? [])
    }

    /// The journal in figures, once it was read. O(accounts and remembered ids).
    public func summary() -> AuditSummary {
        var summary = AuditSummary()
        guard let end else { return summary }
        summary.uuid = identity?.uuid
        summary.segments = end.segments.count
        summary.segmentsBegun = Int(end.segment) + (end.offset > 0 ? 1 : 0)
        summary.byteCount = end.usedByteCount
        summary.blocks = end.blockCount
        summary.seals = seals
        summary.tornByteCount = end.remains.reduce(0) { $0 + $1.range.count }
        summary.epoch = end.epoch
        summary.lastSequence = end.lastSequence
        summary.highestTick = end.highestTick
        summary.lastWall = WallTime(milliseconds: model.lastWall)
        for type in RecordType.allCases {
            summary.records[type] = model.recordCounts[Int(type.rawValue)]
        }
        summary.codes = model.codes.count
        summary.accounts = model.accounts.count
        for index in 0..<model.holds.count {
            let hold = model.holds[index]
            guard !model.isForgotten(hold) else { continue }
            if hold.state == .held { summary.liveHolds += 1 } else { summary.endedHolds += 1 }
        }
        for index in 0..<model.orders.count where !model.isForgotten(model.orders[index]) {
            summary.orders += 1
            if model.orders[index].isCancelled { summary.cancelledOrders += 1 }
        }
        summary.outcomes = model.outcomes.values.count { !model.isForgotten(since: $0.tick) }
        for row in 0..<model.accounts.count {
            summary.onHand &+= model.accounts[row].onHand
            summary.held &+= model.accounts[row].held
            summary.allocated &+= model.accounts[row].allocated
        }
        summary.tables = tables?.summary(model.lastSequence)
        summary.violations = model.violations.count + (summary.tables?.differences ?? 0)
        return summary
    }

    /// Writes the state at the end as lines of JSON (`Protocols/dump.md`).
    ///
    /// - Parameter write: takes a piece of about 256 KiB.
    /// - Throws: what `write` throws, which ends the dump.
    public func dump<Failure: Error>(
        _ write: (Span<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        guard let end else { return }
        let dump = StateDump(model: model, identity: identity, end: end)
        try dump.write(write)
    }
}
