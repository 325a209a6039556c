// SPDX-License-Identifier: Apache-2.0

internal import CIntrinsics

/// Rows of one size at fixed addresses, allocated and touched once, for the life of the process.
///
/// Tables of 2 MiB and more ask for huge pages: they are read at random.
///
/// The table is memory and nothing more: who may touch which row, under which lock, is its owner's
/// rule, stated there. That is why it can be shared between threads.
@safe public struct FixedTable<Row: BitwiseCopyable>: ~Copyable, @unchecked Sendable {
    private let rows: UnsafeMutablePointer<Row>
    /// Rows that exist.
    public let capacity: Int
    private let isOwner: Bool

    /// Allocates `capacity` rows, each set to `row`: every page is touched now and not in the rush.
    public init(capacity: Int, repeating row: Row) {
        precondition(capacity > 0)
        self.capacity = capacity
        isOwner = true
        let bytes = capacity * MemoryLayout<Row>.stride
        // SAFETY: at least 64-byte aligned, so that rows of 64 bytes are one cache line each; bound
        // once. Running out of memory here ends the process at its start, as it should.
        let raw = unsafe stockade_allocate_table(bytes)!
        unsafe rows = raw.bindMemory(to: Row.self, capacity: capacity)
        unsafe rows.initialize(repeating: row, count: capacity)
    }

    /// The rows of another table, read as another type of the same size: for rows of several kinds.
    /// Whoever reads a row knows which kind it is. It must not outlive the other table.
    public init<Other: BitwiseCopyable>(sharing other: borrowing FixedTable<Other>) {
        precondition(MemoryLayout<Row>.stride == MemoryLayout<Other>.stride)
        precondition(MemoryLayout<Row>.alignment <= MemoryLayout<Other>.alignment)
        capacity = other.capacity
        isOwner = false
        // SAFETY: trivial types of the same stride; the owner of both frees the memory with the other
        // table, and touches neither afterwards.
        unsafe rows = UnsafeMutableRawPointer(other.rows).assumingMemoryBound(to: Row.self)
    }

    deinit { if isOwner { unsafe free(rows) } }

    /// A row in place. Traps outside the table. The caller holds the lock that guards the row.
    public subscript(_ index: Int) -> Row {
        unsafeAddress {
            precondition(index >= 0 && index < capacity)
            return unsafe UnsafePointer(rows.advanced(by: index))
        }
        nonmutating unsafeMutableAddress {
            precondition(index >= 0 && index < capacity)
            return unsafe rows.advanced(by: index)
        }
    }

    /// Asks the processor to fetch a row of more than one cache line from its begin to its end.
    public func prefetchWhole(_ index: Int) {
        precondition(index >= 0 && index < capacity)
        let row = unsafe UnsafeRawPointer(rows.advanced(by: index))
        // SAFETY: addresses in the table; a prefetch never faults anyway.
        unsafe stockade_prefetch(row)
        unsafe stockade_prefetch(row + MemoryLayout<Row>.stride - 1)
    }

    /// Asks the processor to fetch a row: worth it when other work comes first.
    public func prefetch(_ index: Int) {
        precondition(index >= 0 && index < capacity)
        // SAFETY: an address in the table; a prefetch never faults anyway.
        unsafe stockade_prefetch(rows.advanced(by: index))
    }
}
