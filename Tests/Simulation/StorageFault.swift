// SPDX-License-Identifier: Apache-2.0

import Journal
import Primitives

/// A mistake that journals have really been shipped with: a simulation of storage that can't tell
/// isn't worth its time.
enum StorageFault: CaseIterable {
    /// An answer leaves when its record was appended, not when it was flushed.
    case acknowledgesBeforeFlush
    /// A segment's name isn't made durable.
    case skipsDirectoryFlush
    /// A flush that failed is asked for again, and then says "fine".
    case retriesFlush
    /// The journal is cut off at the first broken block, whatever lies behind it.
    case cutsAtDamage
    /// What the system shows after a failed flush is taken for what the disk has: the last block
    /// isn't written anew at a start.
    case trustsTheCache
}

/// The store as a wrong program would use it.
struct MistakenStore: BlockStore {
    let base: SimulatedStore
    let fault: StorageFault?

    func flush(_ file: SegmentFile) throws(StoreError) {
        do {
            try base.flush(file)
        } catch {
            guard fault == .retriesFlush else { throw error }
            try base.flush(file)
        }
    }

    func flushDirectory() throws(StoreError) {
        if fault != .skipsDirectoryFlush { try base.flushDirectory() }
    }

    func segments() throws(StoreError) -> [SegmentListing] { try base.segments() }

    func read(
        _ number: UInt64, at offset: Int, into buffer: borrowing PageBuffer, range: Range<Int>
    ) throws(StoreError) -> Int {
        try base.read(number, at: offset, into: buffer, range: range)
    }

    func write(_ bytes: Span<UInt8>, to file: SegmentFile, at offset: Int) throws(StoreError) {
        if fault == .trustsTheCache, base.shows(bytes, in: file, at: offset) { return }
        try base.write(bytes, to: file, at: offset)
    }

    func createDraft(_ number: UInt64) throws(StoreError) { try base.createDraft(number) }
    func publishDraft(_ number: UInt64) throws(StoreError) { try base.publishDraft(number) }
    func discardDraft(_ number: UInt64) throws(StoreError) { try base.discardDraft(number) }
    func discardDrafts() throws(StoreError) { try base.discardDrafts() }
    func freeByteCount() throws(StoreError) -> Int { try base.freeByteCount() }
}
