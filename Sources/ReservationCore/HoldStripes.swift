// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives

/// Holds, orders and outcomes: rows, index, wheel and ring, one part of each per hold stripe.
///
/// Everything here is guarded by the lock of the stripe that is named in the call. It is memory with
/// an order to it; what may happen to a hold is decided in `ReservationCore`.
struct HoldStripes: ~Copyable, Sendable {
    /// Holds and orders.
    let entries: FixedTable<EntryRow>
    /// Outcomes, in the same rows: which of the two a row is, `isOutcome` says.
    let outcomes: FixedTable<OutcomeRow>
    let index: IdentityIndex
    let legs: LegSlab
    let notes: NoteSlab
    let refusals: RefusalRing
    let wheelHeads: FixedTable<UInt32>
    let fineOccupancy: FixedTable<UInt64>
    private let states: FixedTable<StripeState>
    let rowsPerPart: Int
    let count: Int
    /// Milliseconds for which what has ended is remembered.
    let retention: UInt64

    /// A cache line and more apart, so that loops don't share one.
    struct StripeState: BitwiseCopyable {
        /// The last tick that the wheel has gone through.
        var wheelTick: UInt64 = 0
        var freeEntry: UInt32 = 0
        var untouchedEntries = 0
        /// Slots of the part's index that are taken: a replay, whose bytes may lie, stops before it
        /// is full. In service nobody reads it, and of what comes and goes then only the heads of
        /// notes go on being counted.
        var indexed = 0
        var padding: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    }

    init(_ configuration: CoreConfiguration) {
        count = configuration.holdStripes
        retention = configuration.retentionMilliseconds
        rowsPerPart = configuration.rowsPerPart
        entries = FixedTable(capacity: count * rowsPerPart, repeating: EntryRow())
        outcomes = FixedTable(sharing: entries)
        index = IdentityIndex(parts: count, rowsPerPart: rowsPerPart)
        legs = LegSlab(capacity: configuration.legCellsMax)
        notes = NoteSlab(capacity: configuration.notesMax)
        refusals = RefusalRing(
            bytes: configuration.refusalRingBytes, parts: count,
            reachMilliseconds: configuration.refusalReachMilliseconds)
        wheelHeads = FixedTable(capacity: count * WheelShape.headsPerStripe, repeating: 0)
        fineOccupancy = FixedTable(capacity: count * WheelShape.occupancyWords, repeating: 0)
        var state = StripeState()
        state.wheelTick = configuration.firstTick.milliseconds
        states = FixedTable(capacity: count, repeating: state)
    }

    static func byteCount(_ configuration: CoreConfiguration) -> Int {
        let rows = configuration.rowsPerPart
        let perRow = MemoryLayout<EntryRow>.stride
        let slots = IdentityIndex.slotsPerPart(rows: rows) * MemoryLayout<UInt64>.stride
        return configuration.holdStripes * (rows * perRow + slots)
            + LegSlab.byteCount(capacity: configuration.legCellsMax)
            + NoteSlab.byteCount(capacity: configuration.notesMax)
            + configuration.refusalRingBytes
    }

    func state(_ stripe: Int) -> StripeState { states[stripe] }

    func setWheelTick(_ stripe: Int, _ tick: UInt64) { states[stripe].wheelTick = tick }

    func countIndexed(_ change: Int, in stripe: Int) { states[stripe].indexed += change }

    /// A row for a hold, an order or an outcome, or nil when the stripe's part is full.
    @inline(__always)  // as a call it is lent a copy of all 424 bytes of this value
    func takeEntry(in stripe: Int) -> Int? {
        let free = states[stripe].freeEntry
        if free != 0 {
            let row = Int(free) - 1
            states[stripe].freeEntry = entries[row].wheelNext
            return row
        }
        let next = states[stripe].untouchedEntries
        guard next < rowsPerPart else { return nil }
        states[stripe].untouchedEntries = next + 1
        return stripe * rowsPerPart + next
    }

    /// Fetches the row that `takeEntry` will take, if it will: two cache lines at the most. The caller
    /// holds the stripe.
    @inline(__always)
    func prefetchEntry(in stripe: Int) {
        let free = states[stripe].freeEntry
        let fresh = min(states[stripe].untouchedEntries, rowsPerPart - 1)
        entries.prefetchWhole(free == 0 ? stripe * rowsPerPart + fresh : Int(free) - 1)
    }

    /// Whether `takeEntry` would succeed.
    func hasEntry(in stripe: Int) -> Bool {
        states[stripe].freeEntry != 0 || states[stripe].untouchedEntries < rowsPerPart
    }

    func freeEntry(_ row: Int, in stripe: Int) {
        entries[row] = EntryRow()
        entries[row].wheelNext = states[stripe].freeEntry
        states[stripe].freeEntry = UInt32(row + 1)
    }

    /// Whether a row is an outcome. In one, the bytes of an entry's state are zero and so say that
    /// it is free; in a free row, the mark of an outcome is zero too.
    func isOutcome(_ row: Int) -> Bool {
        entries[row].state == .free && outcomes[row].isTaken
    }

    /// Rows of a stripe that were ever used, for audits.
    func touchedEntries(in stripe: Int) -> Range<Int> {
        stripe * rowsPerPart..<stripe * rowsPerPart + states[stripe].untouchedEntries
    }

    /// Calls `body` with each leg of an order and what was cancelled of it, in line order.
    func forEachOrderLeg(of row: EntryRow, _ body: (Leg, Int64) -> Void) {
        if row.legCount == 1 { return body(row.leg, row.leg.cancelledOfOnly) }
        var cell = row.leg.next
        for _ in 0..<row.legCount {
            let leg = legs[cell]
            body(leg, legs.cancelled(cell))
            cell = leg.next
        }
    }

    /// Calls `body` with each leg of a row, in line order.
    func forEachLeg(of row: EntryRow, _ body: (Leg) -> Void) {
        if row.legCount == 1 { return body(row.leg) }
        var cell = row.leg.next
        for _ in 0..<row.legCount {
            let leg = legs[cell]
            body(leg)
            cell = leg.next
        }
    }
}
