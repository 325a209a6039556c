// SPDX-License-Identifier: Apache-2.0

import Journal
import Primitives

/// Segments in memory, to be read only.
struct MemoryStore: BlockStore {
    var files: [UInt64: [UInt8]]

    func segments() throws(StoreError) -> [SegmentListing] {
        files.keys.sorted().map {
            SegmentListing(number: $0, byteCount: files[$0]?.count ?? 0)
        }
    }

    func read(
        _ number: UInt64, at offset: Int, into buffer: borrowing PageBuffer, range: Range<Int>
    ) throws(StoreError) -> Int {
        guard let file = files[number] else { throw refusal }
        let count = max(0, min(range.count, file.count - offset))
        if count > 0 {
            buffer.write(file.span.extracting(offset..<offset + count), at: range.lowerBound)
        }
        return count
    }

    /// A checker that writes is a mistake.
    private var refusal: StoreError { StoreError(.write, "a read-only store", errorNumber: 1) }

    func write(
        _ bytes: Span<UInt8>, to file: SegmentFile, at offset: Int
    ) throws(StoreError) { throw refusal }
    func flush(_ file: SegmentFile) throws(StoreError) { throw refusal }
    func createDraft(_ number: UInt64) throws(StoreError) { throw refusal }
    func publishDraft(_ number: UInt64) throws(StoreError) { throw refusal }
    func discardDraft(_ number: UInt64) throws(StoreError) { throw refusal }
    func discardDrafts() throws(StoreError) { throw refusal }
    func flushDirectory() throws(StoreError) { throw refusal }
    func freeByteCount() throws(StoreError) -> Int { 0 }
}
