// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// Reads a journal from its first block to its end, and tells a torn tail from damage.
///
/// Used by recovery and by the checker alike; never writes. One write is in flight at a time, so a
/// block that is broken and has a whole one behind it had been written whole: that is damage, and
/// never cut off. A broken block with nothing behind it was never acknowledged.
///
/// Not to be copied: copies share one window. (As a noncopyable type its initialiser couldn't throw.)
public struct JournalScan<Store: BlockStore> {
    private var cursor: BlockCursor<Store>
    private let segments: [SegmentListing]
    /// The segment that the cursor is in, or the first.
    private var index = 0
    /// Where it ends; nil until `next` has answered nil.
    public private(set) var end: JournalEnd?

    /// Looks at the segments and reads the first one's header.
    ///
    /// - Throws: `JournalFault` when segments are missing or foreign, or the storage fails.
    public init(_ store: Store) throws(JournalFault) {
        self.init(try BlockCursor.list(store), BlockCursor(SegmentWindow(store)))
        // Only the first segment may be looked at without its header being there.
        if let first = segments.first { _ = try cursor.enter(first, ahead: JournalScan.ahead) }
    }

    private init(_ segments: [SegmentListing], _ cursor: BlockCursor<Store>) {
        self.segments = segments
        self.cursor = cursor
    }

    private static var ahead: Int { SegmentWindow<Store>.stretch }

    /// Which journal this is; nil when it was never begun.
    public var identity: JournalIdentity? { cursor.identity }

    /// True where there is no segment, not even an empty one.
    public var isEmpty: Bool { segments.isEmpty }

    /// Length of the journal's files, for telling how far a long reading is.
    public var byteCount: Int { segments.reduce(0) { $0 + $1.byteCount } }

    /// Bytes of segments read so far.
    public var bytesRead: Int { cursor.position }

    /// Goes to the next block; nil at the end, and `end` is known then.
    ///
    /// - Throws: `JournalFault`: `.corrupt` when what was acknowledged is damaged.
    public mutating func next() throws(JournalFault) -> JournalBlock? {
        guard end == nil else { return nil }
        while true {
            if let read = try cursor.read(ahead: JournalScan.ahead) { return read }
            // This segment ends here. Go on only where the next one was begun.
            guard index + 1 < segments.count,
                try cursor.enter(segments[index + 1], ahead: JournalScan.ahead)
            else {
                try finish()
                return nil
            }
            index += 1
        }
    }

    /// Lends the records of the block that `next` answered with, one after another.
    public func forEachRecord(_ body: (Span<UInt8>, RecordPosition) -> Void) {
        cursor.visitRecords(from: 0) { record, position in
            body(record, position)
            return .next
        }
    }

    /// Lends the whole body of the block that `next` answered with: 16 bytes of base, then the
    /// records without gaps.
    public func withBody<Result, Failure: Error>(
        _ body: (Span<UInt8>, JournalBlock) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        try cursor.withBody(body)
    }

    // MARK: - The end

    /// No whole block follows here. Makes sure that none lies anywhere behind.
    private mutating func finish() throws(JournalFault) {
        var remains: [JournalEnd.Remains] = []
        for later in index..<max(segments.count, index) {
            let from = later == index ? cursor.offset : 0
            let length = segments[later].byteCount
            // A segment takes its name with its full length; a header and a block are the least.
            if from == 0,
                length % JournalFormat.sectorByteCount != 0
                    || length < 2 * JournalFormat.sectorByteCount
            {
                throw JournalFault(
                    .corrupt(
                        .wrongLength(
                            byteCount: length, expected: JournalLimits.segmentByteCountMin)),
                    segment: segments[later].number, offset: 0)
            }
            if let range = try searchBehind(later, from: from) {
                remains.append(JournalEnd.Remains(segment: segments[later].number, range: range))
            }
        }
        cursor.dropBlock()
        end = JournalEnd(
            lastSequence: cursor.sequence - 1, highestTick: cursor.highestTick,
            lastWall: cursor.lastWall, epoch: cursor.epoch, blockCount: cursor.number - 1,
            segment: index < segments.count ? segments[index].number : 0, offset: cursor.offset,
            lastWriteOffset: cursor.lastWriteOffset, chain: cursor.chain, remains: remains,
            segments: segments, usedByteCount: cursor.position)
    }

    /// Looks at each sector of a segment from `start` on: a whole block there is damage before it.
    /// Answers with the stretch that isn't zero.
    private func searchBehind(_ later: Int, from start: Int) throws(JournalFault) -> Range<Int>? {
        let segment = segments[later]
        var found: Range<Int>?
        var position = start
        while position < segment.byteCount {
            // A sector at a time only where something is: ready segments are zero throughout.
            let stretch = min(SegmentWindow<Store>.stretch, segment.byteCount - position)
            guard let range = try cursor.window.load(segment.number, at: position, count: stretch)
            else { break }
            if cursor.window.withBytes(range, { $0.isZero }) {
                position += stretch
                continue
            }
            let stop = position + stretch
            while position < stop {
                let count = min(JournalFormat.sectorByteCount, segment.byteCount - position)
                guard
                    let sector = try cursor.window.load(
                        segment.number, at: position, count: count)
                else { break }
                if !cursor.window.withBytes(sector, { $0.isZero }) {
                    if try cursor.wholeBlock(
                        in: segment, at: position, ahead: JournalScan.ahead) != nil
                    {
                        throw damage(witnessedIn: later, at: position)
                    }
                    found = (found?.lowerBound ?? position)..<position + count
                }
                position += count
            }
        }
        return found
    }

    private func damage(witnessedIn later: Int, at position: Int) -> JournalFault {
        let segment = segments[min(index, segments.count - 1)].number
        return JournalFault(
            .corrupt(
                .brokenBlock(
                    witnessSegment: segments[later].number, witnessOffset: position)),
            segment: segment, offset: cursor.offset)
    }
}
