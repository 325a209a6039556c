// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// Rows in slots of a fixed number, and which of them are free.
struct SlotTable<Row: BitwiseCopyable>: ~Copyable {
    let rows: FixedTable<Row>
    private var free: FixedList<UInt32>

    init(capacity: Int, repeating row: Row) {
        rows = FixedTable(capacity: capacity, repeating: row)
        free = FixedList(capacity: capacity)
        for slot in stride(from: capacity - 1, through: 0, by: -1) { free.append(UInt32(slot)) }
    }

    /// Slots that are taken.
    var count: Int { rows.capacity - free.count }

    /// Slots that aren't.
    var room: Int { free.count }

    /// Takes a slot, the one that was freed last; the caller has looked that there is one.
    @inline(__always)
    mutating func take() -> Int {
        let slot = free[free.count - 1]
        free.truncate(to: free.count - 1)
        return Int(slot)
    }

    /// Gives a slot back.
    @inline(__always)
    mutating func give(_ slot: Int) { free.append(UInt32(slot)) }
}
