// SPDX-License-Identifier: Apache-2.0

public import Effects
public import Primitives

/// A journal in figures, after its last record.
public struct AuditSummary: Sendable {
    /// The journal's name; nil when it was never begun.
    public var uuid: ClientID?
    /// Segments that exist, and how many of them were begun.
    public var segments = 0
    /// Of those the ones with blocks in them.
    public var segmentsBegun = 0
    /// Bytes of the begun segments up to the end.
    public var byteCount = 0
    /// Blocks, seals included.
    public var blocks: UInt64 = 0
    /// Of those the ones without records.
    public var seals: UInt64 = 0
    /// Bytes left of a write that was never finished.
    public var tornByteCount = 0
    /// How often a server began: the last epoch.
    public var epoch: UInt64 = 0
    /// The last record.
    public var lastSequence: UInt64 = 0
    /// The highest tick that was reached.
    public var highestTick = Tick(milliseconds: 0)
    /// The wall time of the last record.
    public var lastWall = WallTime(milliseconds: 0)
    /// Records of each type.
    public var records: [RecordType: UInt64] = [:]
    /// Codes that were defined.
    public var codes = 0
    /// Accounts that were set.
    public var accounts = 0
    /// Holds that are live.
    public var liveHolds = 0
    /// Holds that ended and are remembered.
    public var endedHolds = 0
    /// Orders that are remembered: all that aren't cancelled, and what was cancelled lately.
    public var orders = 0
    /// Of those the ones that are cancelled.
    public var cancelledOrders = 0
    /// Requests that are remembered.
    public var outcomes = 0
    /// Units over all accounts.
    public var onHand: Int64 = 0
    /// Units over all accounts.
    public var held: Int64 = 0
    /// Units over all accounts.
    public var allocated: Int64 = 0
    /// How far the tables in Postgres are; nil: they weren't asked.
    public var tables: TableSummary?
    /// Violations, also those whose sentence wasn't kept.
    public var violations = 0

    /// For people, a line each.
    public var lines: [String] {
        var lines = [
            "journal \(uuid?.hex ?? "never begun")",
            "segments \(segmentsBegun) begun, \(segments - segmentsBegun) ready, "
                + "\(byteCount) bytes",
            "blocks \(blocks), of them \(seals) seals, epoch \(epoch)",
        ]
        if tornByteCount > 0 {
            lines.append(
                "torn tail \(tornByteCount) bytes of a write that was never finished: nothing in "
                    + "it was acknowledged, and the server will clear it")
        }
        let types = RecordType.allCases.map { "\($0) \(records[$0] ?? 0)" }
        lines.append("records \(lastSequence): \(types.joined(separator: ", "))")
        lines.append(
            "last sequence \(lastSequence), tick \(highestTick.milliseconds) ms, wall "
                + "\(lastWall.milliseconds) ms")
        lines.append("codes \(codes), accounts \(accounts), requests \(outcomes)")
        lines.append(
            "holds \(liveHolds) live, \(endedHolds) ended; orders \(orders), of them "
                + "\(cancelledOrders) cancelled")
        lines.append("units \(onHand) on hand, \(held) held, \(allocated) allocated")
        if let tables { lines.append(tables.line) }
        lines.append("violations \(violations)")
        return lines
    }
}
