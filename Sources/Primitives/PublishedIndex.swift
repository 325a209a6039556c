// SPDX-License-Identifier: Apache-2.0

internal import CIntrinsics

/// An append-only hash index that readers search without a lock.
///
/// Slots hold half of the hash and row number + 1, so that a probe that meets another row doesn't
/// have to look at it. A writer fills the row first and then stores its slot with release
/// order; a reader loads the slot with acquire order and so sees the whole row. Nothing is ever
/// removed. Writers are serialised by their owner's lock.
@safe public struct PublishedIndex: ~Copyable, @unchecked Sendable {
    private let slots: FixedTable<UInt64>
    private let mask: UInt64

    /// Room for `rowsMax` rows at a load of at most two thirds, so that probes stay short.
    public init(rowsMax: Int) {
        var size = 16
        while size < rowsMax + rowsMax / 2 { size *= 2 }
        slots = FixedTable(capacity: size, repeating: 0)
        mask = UInt64(size - 1)
    }

    /// Bytes that the index takes.
    public var byteCount: Int { slots.capacity * MemoryLayout<UInt64>.stride }

    /// The first row with this hash that `matches`, or nil. Lock-free, any thread.
    public func find(_ hash: UInt64, where matches: (Int) -> Bool) -> Int? {
        var slot = hash & mask
        while true {
            // SAFETY: an address in the table, which lives as long as self.
            let entry = unsafe stockade_load_acquire(&slots[Int(slot)])
            if entry == 0 { return nil }
            if entry >> 32 == hash >> 32 {
                let row = Int(entry & 0xffff_ffff) - 1
                if matches(row) { return row }
            }
            slot = (slot + 1) & mask
        }
    }

    /// Publishes `row`, whose contents are complete. The caller holds the writers' lock, and keeps
    /// the rows within the bound given at `init`.
    public func insert(_ hash: UInt64, row: Int) {
        var slot = hash & mask
        while slots[Int(slot)] != 0 { slot = (slot + 1) & mask }
        // SAFETY: as in find.
        unsafe stockade_store_release(&slots[Int(slot)], (hash & ~0xffff_ffff) | UInt64(row + 1))
    }

    /// The first row whose half of the hash agrees: which row to fetch, before it is compared.
    public func guess(_ hash: UInt64) -> Int? {
        // SAFETY: as in find.
        let entry = unsafe stockade_load_acquire(&slots[Int(hash & mask)])
        guard entry != 0, entry >> 32 == hash >> 32 else { return nil }
        return Int(entry & 0xffff_ffff) - 1
    }

    /// Asks the processor to fetch the slot of `hash`: worth it when other work comes first.
    public func prefetch(_ hash: UInt64) {
        // SAFETY: a prefetch never faults.
        unsafe stockade_prefetch(&slots[Int(hash & mask)])
    }
}
