// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import Synchronization

/// Cells for the legs of holds and orders that have more than one.
///
/// Chains instead of arrays, so that any mix of lengths fits without fragments. A cell belongs to
/// the row whose chain it is in, under that row's hold stripe; the free list has a lock of its own,
/// a leaf: nothing is locked inside it.
struct LegSlab: ~Copyable, Sendable {
    /// A leg with what was cancelled of it, where it is an order's.
    struct Cell: BitwiseCopyable {
        var leg = Leg()
        var cancelled: UInt32 = 0
    }

    private let cells: FixedTable<Cell>
    private let lock = StripeLocks(count: 1)
    private let state: FixedTable<Filling>  // one row, guarded by `lock`

    struct Filling: BitwiseCopyable {
        var firstFree: UInt32 = 0
        /// Cells from here on were never used. Cell 0 is nobody's: 0 ends a chain.
        var untouched: UInt32 = 1
        /// Cells that are neither in a chain nor promised to one.
        var spare: Int
    }

    init(capacity: Int) {
        cells = FixedTable(capacity: capacity + 1, repeating: Cell())
        state = FixedTable(capacity: 1, repeating: Filling(spare: capacity))
    }

    static func byteCount(capacity: Int) -> Int { capacity * MemoryLayout<Cell>.stride }

    /// Sets `count` cells aside; false when there aren't as many.
    func promise(_ count: Int) -> Bool {
        guard count > 0 else { return true }
        lock.lock(0)
        defer { lock.unlock(0) }
        guard state[0].spare >= count else { return false }
        state[0].spare -= count
        return true
    }

    /// Gives back cells that were promised and not taken.
    func withdraw(_ count: Int) {
        guard count > 0 else { return }
        lock.lock(0)
        state[0].spare += count
        lock.unlock(0)
    }

    /// Puts a promised cell in front of a chain and returns its number.
    func push(_ leg: Leg, before next: UInt32) -> UInt32 {
        lock.lock(0)
        var cell = state[0].firstFree
        if cell == 0 {
            cell = state[0].untouched
            state[0].untouched += 1
        } else {
            state[0].firstFree = cells[Int(cell)].leg.next
        }
        lock.unlock(0)
        var filled = Cell()
        filled.leg = leg
        filled.leg.next = next
        cells[Int(cell)] = filled
        return cell
    }

    /// Frees a chain of `count` cells.
    func free(_ first: UInt32, count: Int) {
        guard count > 0 else { return }
        var last = first
        for _ in 1..<count { last = cells[Int(last)].leg.next }
        lock.lock(0)
        cells[Int(last)].leg.next = state[0].firstFree
        state[0].firstFree = first
        state[0].spare += count
        lock.unlock(0)
    }

    /// The leg in a cell of the caller's chain.
    subscript(_ cell: UInt32) -> Leg { cells[Int(cell)].leg }

    /// Units that were cancelled of the leg in a cell of the caller's chain.
    func cancelled(_ cell: UInt32) -> Int64 { Int64(cells[Int(cell)].cancelled) }

    /// Notes that more units were cancelled of the leg in a cell of the caller's chain.
    func cancel(_ units: Int64, of cell: UInt32) {
        precondition(units >= 0 && cancelled(cell) + units <= cells[Int(cell)].leg.amount)
        cells[Int(cell)].cancelled += UInt32(units)
    }
}
