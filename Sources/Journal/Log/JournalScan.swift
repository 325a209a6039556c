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
    private let window: SegmentWindow<Store>
    private let segments: [SegmentListing]
    /// Which journal this is; nil when it was never begun.
    public private(set) var identity: JournalIdentity?
    /// Where it ends; nil until `next` has answered nil.
    public private(set) var end: JournalEnd?

    private var index = 0
    private var offset = 0
    private var lastWriteOffset = 0
    /// Where the segment before ended.
    private var previousEnd = 0
    private var number: UInt64 = 1
    private var sequence: UInt64 = 1
    private var epoch: UInt64 = 0
    private var chain: UInt64 = 0
    private var highestTick = Tick(milliseconds: 0)
    private var lastWall = WallTime(milliseconds: 0)
    private var closedByteCount = 0
    /// The body of the block that `next` answered with, in the window.
    private var body = 0..<0
    private var block: JournalBlock?

    /// Looks at the segments and reads the first one's header.
    ///
    /// - Throws: `JournalFault` when segments are missing or foreign, or the storage fails.
    public init(_ store: Store) throws(JournalFault) {
        self.init(try JournalScan.list(store), SegmentWindow(store))
        try beginSegment()
    }

    private init(_ segments: [SegmentListing], _ window: SegmentWindow<Store>) {
        self.segments = segments
        self.window = window
    }

    private static func list(_ store: Store) throws(JournalFault) -> [SegmentListing] {
        let segments: [SegmentListing]
        do {
            segments = try store.segments()
        } catch {
            throw JournalFault(.unreadable(error), segment: 0, offset: 0)
        }
        for (expected, listing) in segments.enumerated() where listing.number != UInt64(expected) {
            throw JournalFault(.corrupt(.missingSegment), segment: UInt64(expected), offset: 0)
        }
        return segments
    }

    /// Length of the journal's files, for telling how far a long reading is.
    public var byteCount: Int { segments.reduce(0) { $0 + $1.byteCount } }

    /// Bytes of segments read so far.
    public var bytesRead: Int { closedByteCount + offset }

    /// Goes to the next block; nil at the end, and `end` is known then.
    ///
    /// - Throws: `JournalFault`: `.corrupt` when what was acknowledged is damaged.
    public mutating func next() throws(JournalFault) -> JournalBlock? {
        guard end == nil else { return nil }
        while true {
            if identity != nil, let read = try readBlock() { return read }
            // This segment ends here. Go on only where the next one was begun.
            guard index + 1 < segments.count, try header(of: index + 1) != nil else {
                try finish()
                return nil
            }
            closedByteCount += segments[index].byteCount
            previousEnd = offset
            index += 1
            offset = 0
            try beginSegment()
        }
    }

    /// Lends the records of the block that `next` answered with, one after another.
    public func forEachRecord(_ body: (Span<UInt8>, RecordPosition) -> Void) {
        withBody { bytes, block in
            var position = JournalFormat.baseByteCount
            for index in 0..<block.recordCount {
                let length = Int(bytes.littleEndian(UInt16.self, at: position))
                let record = bytes.extracting(position..<position + length)
                let tick = Int64(
                    record.littleEndian(Int32.self, at: JournalFormat.recordTickOffset))
                let wall = Int64(
                    record.littleEndian(Int32.self, at: JournalFormat.recordWallOffset))
                body(
                    record,
                    RecordPosition(
                        sequence: block.firstSequence + UInt64(index),
                        tick: Tick(
                            milliseconds: UInt64(
                                max(Int64(block.baseTick.milliseconds) + tick, 0))),
                        wall: WallTime(milliseconds: block.baseWall.milliseconds &+ wall)))
                position += length
            }
        }
    }

    /// Lends the whole body of the block that `next` answered with: 16 bytes of base, then the
    /// records without gaps.
    public func withBody<Result, Failure: Error>(
        _ body: (Span<UInt8>, JournalBlock) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        guard let block else { return nil }
        return try window.withBytes(self.body) { (bytes) throws(Failure) in
            try body(bytes, block)
        }
    }

    // MARK: - Segments

    /// Reads the header of the segment at `index`, which must follow what was read.
    private mutating func beginSegment() throws(JournalFault) {
        guard index < segments.count else { return }
        let listing = segments[index]
        guard let header = try header(of: index) else {
            // Only the first segment is looked at without its header being there.
            return
        }
        guard header.number == listing.number,
            identity == nil || header.identity == identity
        else { throw corrupt(.foreignSegment) }
        guard header.byteCount == listing.byteCount
        else {
            throw corrupt(
                .wrongLength(byteCount: listing.byteCount, expected: header.byteCount))
        }
        guard header.firstBlock == number, header.firstSequence == sequence,
            header.chain == chain, header.epoch >= epoch
        else {
            // What is broken is the end of the segment before, or, where that is whole, this one.
            guard index > 0 else {
                throw corrupt(.doesNotFollow(firstBlock: header.firstBlock, expected: number))
            }
            throw JournalFault(
                .corrupt(.endsEarly(expected: number, nextFirstBlock: header.firstBlock)),
                segment: segments[index - 1].number, offset: previousEnd)
        }
        identity = header.identity
        lastWriteOffset = 0
        offset = JournalFormat.sectorByteCount
    }

    private func header(of index: Int) throws(JournalFault) -> SegmentHeader? {
        guard segments[index].byteCount >= JournalFormat.sectorByteCount else { return nil }
        guard
            let range = try window.load(
                segments[index].number, at: 0, count: JournalFormat.sectorByteCount)
        else { return nil }
        return window.withBytes(range) { SegmentHeader($0) }
    }

    // MARK: - Blocks

    /// The block at the present offset, if it is whole and the next one.
    private mutating func readBlock() throws(JournalFault) -> JournalBlock? {
        guard let found = try wholeBlock(in: index, at: offset) else { return nil }
        let header = found.header
        guard header.number == number, header.previousChain == chain,
            header.firstSequence == sequence, header.epoch >= epoch, header.epoch < .max
        else { throw corrupt(.misplacedBlock(number: header.number, expected: number)) }
        let base = window.withBytes(found.body) { bytes in
            (bytes.littleEndian(UInt64.self, at: 0), bytes.littleEndian(Int64.self, at: 8))
        }
        let read = JournalBlock(
            number: header.number, epoch: header.epoch, firstSequence: header.firstSequence,
            recordCount: header.recordCount, durableSequence: header.durableSequence,
            baseTick: min(Tick(milliseconds: base.0), .max),
            baseWall: WallTime(milliseconds: base.1), segment: segments[index].number,
            offset: offset, byteCount: header.blockByteCount)
        guard let lastTick = checkedRecords(found.body, read),
            header.isSeal == (read.recordCount == 0)
        else { throw corrupt(.malformedRecords) }
        guard let identity else { return nil }
        let headerEnd = found.body.lowerBound
        chain = window.withBytes(headerEnd - JournalFormat.blockHeaderByteCount..<headerEnd) {
            identity.chain(after: $0)
        }
        number += 1
        sequence += UInt64(read.recordCount)
        epoch = header.epoch
        highestTick = max(highestTick, lastTick)
        lastWall = read.baseWall
        lastWriteOffset = offset
        offset += read.byteCount
        body = found.body
        block = read
        return read
    }

    /// Whether the records fill the body exactly; then the highest tick among them and the base's.
    private func checkedRecords(_ body: Range<Int>, _ block: JournalBlock) -> Tick? {
        window.withBytes(body) { bytes in
            var position = JournalFormat.baseByteCount
            var highest = Int64(block.baseTick.milliseconds)
            for _ in 0..<block.recordCount {
                guard bytes.count - position >= JournalFormat.recordHeaderByteCount
                else { return nil }
                let length = Int(bytes.littleEndian(UInt16.self, at: position))
                guard length >= JournalFormat.recordHeaderByteCount, length % 8 == 0,
                    length <= bytes.count - position
                else { return nil }
                let tick = bytes.littleEndian(
                    Int32.self, at: position + JournalFormat.recordTickOffset)
                highest = max(highest, Int64(block.baseTick.milliseconds) + Int64(tick))
                position += length
            }
            guard position == bytes.count else { return nil }
            return min(Tick(milliseconds: UInt64(highest)), .max)
        }
    }

    private struct FoundBlock {
        var header: BlockHeader
        /// In the window.
        var body: Range<Int>
    }

    /// A block whose header and body are whole, whatever its place; nil when there is none.
    private func wholeBlock(in index: Int, at offset: Int) throws(JournalFault) -> FoundBlock? {
        let segment = segments[index]
        guard offset <= segment.byteCount - JournalFormat.sectorByteCount,
            let sector = try window.load(
                segment.number, at: offset, count: JournalFormat.sectorByteCount),
            let header = window.withBytes(sector, { BlockHeader($0) }),
            header.blockByteCount <= segment.byteCount - offset,
            let whole = try window.load(
                segment.number, at: offset, count: header.blockByteCount)
        else { return nil }
        let start = whole.lowerBound + JournalFormat.blockHeaderByteCount
        let body = start..<start + header.bodyByteCount
        guard window.withBytes(body, { CRC32C.of($0) }) == header.bodyChecksum else { return nil }
        return FoundBlock(header: header, body: body)
    }

    // MARK: - The end

    /// No whole block follows here. Makes sure that none lies anywhere behind.
    private mutating func finish() throws(JournalFault) {
        var remains: [JournalEnd.Remains] = []
        for later in index..<max(segments.count, index) {
            let from = later == index ? offset : 0
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
        block = nil
        end = JournalEnd(
            lastSequence: sequence - 1, highestTick: highestTick, lastWall: lastWall,
            epoch: epoch, blockCount: number - 1,
            segment: index < segments.count ? segments[index].number : 0, offset: offset,
            lastWriteOffset: lastWriteOffset, chain: chain, remains: remains, segments: segments,
            usedByteCount: closedByteCount + offset)
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
            guard let range = try window.load(segment.number, at: position, count: stretch)
            else { break }
            if window.withBytes(range, { $0.isZero }) {
                position += stretch
                continue
            }
            let stop = position + stretch
            while position < stop {
                let count = min(JournalFormat.sectorByteCount, segment.byteCount - position)
                guard
                    let sector = try window.load(segment.number, at: position, count: count)
                else { break }
                if !window.withBytes(sector, { $0.isZero }) {
                    if try wholeBlock(in: later, at: position) != nil {
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
            segment: segment, offset: offset)
    }

    private func corrupt(_ damage: JournalFault.Damage) -> JournalFault {
        JournalFault(
            .corrupt(damage), segment: segments[min(index, segments.count - 1)].number,
            offset: offset)
    }
}
