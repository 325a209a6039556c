// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import Synchronization

/// A stretch of one segment in memory, moved along while reading.
final class SegmentWindow<Store: BlockStore>: Sendable {
    /// Bytes fetched at a time, and looked through at once.
    static var stretch: Int { 1 << 20 }
    /// A whole block and a stretch more.
    private static var capacity: Int {
        JournalFormat.padded(
            JournalFormat.blockHeaderByteCount + JournalFormat.bodyByteCountMax) + stretch
    }

    private let store: Store
    private let buffer: PageBuffer
    private let place = Mutex(Place())

    /// What the buffer holds.
    struct Place {
        var segment: UInt64 = .max
        var offset = 0
        var count = 0
    }

    init(_ store: Store) {
        self.store = store
        buffer = PageBuffer(count: SegmentWindow.capacity)
    }

    /// Brings `count` bytes from `offset` of a segment into the buffer and says where they are there;
    /// nil when the file ends before. Fetches `ahead` bytes from `offset` on where it must fetch.
    func load(
        _ segment: UInt64, at offset: Int, count: Int, ahead: Int = stretch
    ) throws(JournalFault) -> Range<Int>? {
        precondition(count <= SegmentWindow.capacity)
        var present = place.withLock { $0 }
        if present.segment != segment || offset < present.offset
            || offset > present.offset + present.count
        {
            present = Place(segment: segment, offset: offset, count: 0)
        }
        if offset + count > present.offset + present.count {
            if offset - present.offset + count > SegmentWindow.capacity {
                let start = offset - present.offset
                buffer.moveToFront(start..<present.count)
                present.offset = offset
                present.count -= start
            }
            // As much as fits: so a long journal is read in large pieces.
            let wanted = min(
                SegmentWindow.capacity - present.count,
                offset + max(count, ahead) - present.offset - present.count)
            do {
                present.count += try store.read(
                    segment, at: present.offset + present.count, into: buffer,
                    range: present.count..<present.count + wanted)
            } catch {
                place.withLock { $0 = Place() }
                throw JournalFault(.unreadable(error), segment: segment, offset: offset)
            }
        }
        place.withLock { [present] in $0 = present }
        let start = offset - present.offset
        guard start + count <= present.count else { return nil }
        return start..<start + count
    }

    /// Lends bytes of the buffer.
    func withBytes<Result, Failure: Error>(
        _ range: Range<Int>, _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try buffer.withBytes(range, body)
    }
}
