// SPDX-License-Identifier: Apache-2.0

internal import Effects
public import Primitives

/// A loop's scratch for decisions, and what the last one answers with.
///
/// Made once per loop and reused, so that a decision allocates nothing. Not thread-safe.
public struct DecisionContext: ~Copyable {
    /// The hold that the decision made, met or ended.
    public internal(set) var hold = HoldView()
    /// Its legs, in line order.
    public internal(set) var legs = FixedList<HoldLeg>(capacity: CoreLimits.linesPerDecisionMax)
    /// The order that the decision made, met or changed.
    public internal(set) var order = OrderView()
    /// Its legs, in line order.
    public internal(set) var orderLegs = FixedList<OrderLeg>(
        capacity: CoreLimits.linesPerDecisionMax)
    /// The reservations that it was made of.
    public internal(set) var orderReservations = FixedList<ClientID>(
        capacity: CoreLimits.reservationsPerOrderMax)
    /// What happened to it, oldest first.
    public internal(set) var orderEvents = FixedList<OrderEvent>(
        capacity: CoreLimits.eventsPerOrderMax)
    /// The stock account that the decision changed or read; of a transfer, the one that gave.
    public internal(set) var stock = StockView()
    /// The account that a transfer gave to.
    public internal(set) var otherStock = StockView()
    /// What a walk over the tables has found.
    public internal(set) var listed = FixedList<ClientID>(capacity: CoreLimits.listedMax)
    /// The highest last-change sequence of what the answer speaks of: it may leave once that is
    /// durable. 0 when it depends on nothing.
    public internal(set) var sequence: UInt64 = 0

    /// Holds that this context's decisions have expired since it was made.
    public internal(set) var expiredCount: UInt64 = 0
    /// Ids that its turns of the wheels have forgotten, as their retention was over.
    public internal(set) var forgottenCount: UInt64 = 0

    var record = ByteWriter(capacity: RecordHeader.recordByteCountMax)
    /// Brands, warehouses and dealers that came lately.
    let memo = CodeMemo()
    /// Of the command's lines.
    var skuHashes = FixedList<UInt64>(capacity: CoreLimits.linesPerDecisionMax)
    /// Of the command itself.
    var asked = LegScratch()
    /// Of holds that end on the way.
    var ending = LegScratch()
    /// Of lines that leave the warehouse to us.
    var choice = WarehouseChoice()
    /// Hold stripes of one decision over several ids.
    var holdStripes = FixedList<UInt16>(capacity: CoreLimits.reservationsPerOrderMax + 2)
    /// Rows of the holds that become an order.
    var holdRows = FixedList<Int>(capacity: CoreLimits.reservationsPerOrderMax)
    var roomTaken = 0
    var roomUsed = 0
    /// Where the next turn of the wheels begins, so that no stripe is always last.
    var wheelRotation = 0

    /// Whether the decisions are items of one call, and one of them has collected due holds.
    private enum Batch { case none, fresh, collected }
    private var batch = Batch.none

    /// Allocates the scratch, about 1.5 MiB.
    public init() {}

    /// From here to `endBatch`, decisions that are short of stock collect due holds once between
    /// them: what a call of a thousand items takes stays near what one of one takes.
    public mutating func beginBatch() { batch = .fresh }

    /// Each decision is on its own again.
    public mutating func endBatch() { batch = .none }

    /// Whether a decision that is short of stock may collect due holds first.
    var mayCollect: Bool { batch != .collected }

    mutating func noteCollecting() {
        if batch == .fresh { batch = .collected }
    }

    mutating func begin() {
        sequence = 0
        legs.removeAll()
    }

    mutating func dependsOn(_ changed: UInt64) {
        sequence = max(sequence, changed)
    }
}
