// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// A place in a journal, moved from block to block: each has to be whole, and the one that follows.
///
/// What a scan from end to end and the tail of a growing journal have in common. Never writes. Not to
/// be copied: copies share one window.
struct BlockCursor<Store: BlockStore> {
    let window: SegmentWindow<Store>
    /// Which journal this is; nil before its first segment.
    private(set) var identity: JournalIdentity?
    /// The segment that it is in; nil before the first.
    private(set) var segment: SegmentListing?
    /// Where the next block belongs there.
    private(set) var offset = 0
    /// Where the last thing before it begins: a block, or the segment's header.
    private(set) var lastWriteOffset = 0
    /// Of the next block.
    private(set) var number: UInt64 = 1
    /// Of the next record.
    private(set) var sequence: UInt64 = 1
    private(set) var epoch: UInt64 = 0
    /// What the next block must name as its predecessor.
    private(set) var chain: UInt64 = 0
    /// The highest tick of the blocks that were read.
    private(set) var highestTick = Tick(milliseconds: 0)
    private(set) var lastWall = WallTime(milliseconds: 0)
    private var closedByteCount = 0
    /// The body of the block that was read last, in the window.
    private var body = 0..<0
    private var block: JournalBlock?

    init(_ window: SegmentWindow<Store>) {
        self.window = window
    }

    /// Bytes of the journal up to here, the rests of full segments included.
    var position: Int { closedByteCount + offset }

    /// The journal's segments, which have no gaps.
    static func list(_ store: Store) throws(JournalFault) -> [SegmentListing] {
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

    // MARK: - Segments

    /// The header of a segment, whatever it says; nil unless it is whole.
    func header(of listing: SegmentListing, ahead: Int) throws(JournalFault) -> SegmentHeader? {
        let count = JournalFormat.sectorByteCount
        guard listing.byteCount >= count,
            let range = try window.load(listing.number, at: 0, count: count, ahead: ahead)
        else { return nil }
        return window.withBytes(range) { SegmentHeader($0) }
    }

    /// Goes on in a segment, which must follow what was read; false, and nothing changes, when it
    /// wasn't begun.
    mutating func enter(_ listing: SegmentListing, ahead: Int) throws(JournalFault) -> Bool {
        guard let header = try header(of: listing, ahead: ahead) else { return false }
        try check(header, against: listing)
        guard header.firstBlock == number, header.firstSequence == sequence,
            header.chain == chain, header.epoch >= epoch
        else {
            // What is broken is the end of the segment before, or, where that is whole, this one.
            guard listing.number > 0 else {
                throw JournalFault(
                    .corrupt(.doesNotFollow(firstBlock: header.firstBlock, expected: number)),
                    segment: listing.number, offset: 0)
            }
            throw JournalFault(
                .corrupt(.endsEarly(expected: number, nextFirstBlock: header.firstBlock)),
                segment: listing.number - 1, offset: offset)
        }
        closedByteCount += segment?.byteCount ?? 0
        begin(listing, header)
        return true
    }

    /// Goes to the begin of a segment, whatever lies before it, and believes what its header says.
    /// `closedByteCount` is the length of the segments before it, `identity` is segment 0's.
    mutating func jump(
        to listing: SegmentListing, _ header: SegmentHeader, behind closedByteCount: Int,
        of identity: JournalIdentity
    ) throws(JournalFault) {
        self.identity = identity
        try check(header, against: listing)
        number = header.firstBlock
        sequence = header.firstSequence
        epoch = header.epoch
        chain = header.chain
        self.closedByteCount = closedByteCount
        begin(listing, header)
    }

    private func check(
        _ header: SegmentHeader, against listing: SegmentListing
    ) throws(JournalFault) {
        let damage: JournalFault.Damage
        if header.number != listing.number || identity != nil && header.identity != identity {
            damage = .foreignSegment
        } else if header.byteCount != listing.byteCount {
            damage = .wrongLength(byteCount: listing.byteCount, expected: header.byteCount)
        } else {
            return
        }
        throw JournalFault(.corrupt(damage), segment: listing.number, offset: 0)
    }

    private mutating func begin(_ listing: SegmentListing, _ header: SegmentHeader) {
        identity = header.identity
        segment = listing
        lastWriteOffset = 0
        offset = JournalFormat.sectorByteCount
    }

    // MARK: - Blocks

    /// The block at the present place, if it is whole and the next one; nil when there is none. So
    /// many bytes as `ahead` from here on may be fetched at once.
    mutating func read(ahead: Int) throws(JournalFault) -> JournalBlock? {
        guard let segment, let identity,
            let found = try wholeBlock(in: segment, at: offset, ahead: ahead)
        else { return nil }
        let header = found.header
        try checkFollows(header)
        let base = window.withBytes(found.body) { bytes in
            (bytes.littleEndian(UInt64.self, at: 0), bytes.littleEndian(Int64.self, at: 8))
        }
        let read = JournalBlock(
            number: header.number, epoch: header.epoch, firstSequence: header.firstSequence,
            recordCount: header.recordCount, durableSequence: header.durableSequence,
            baseTick: min(Tick(milliseconds: base.0), .max),
            baseWall: WallTime(milliseconds: base.1), segment: segment.number,
            offset: offset, byteCount: header.blockByteCount)
        guard let lastTick = checkedRecords(found.body, read),
            header.isSeal == (read.recordCount == 0)
        else { throw corrupt(.malformedRecords) }
        advance(header, at: found.body.lowerBound, identity)
        highestTick = max(highestTick, lastTick)
        lastWall = read.baseWall
        body = found.body
        block = read
        return read
    }

    /// Steps over the block at the present place by its header, if that is whole and the block ends
    /// before `sequence`; its body isn't looked at.
    mutating func skip(before sequence: UInt64) throws(JournalFault) -> Bool {
        guard let segment, let identity,
            let found = try wholeHeader(in: segment, at: offset, ahead: 0)
        else { return false }
        let header = found.header
        try checkFollows(header)
        guard self.sequence + UInt64(header.recordCount) <= sequence else { return false }
        advance(header, at: found.start + JournalFormat.blockHeaderByteCount, identity)
        block = nil
        return true
    }

    private func checkFollows(_ header: BlockHeader) throws(JournalFault) {
        guard header.number == number, header.previousChain == chain,
            header.firstSequence == sequence, header.epoch >= epoch, header.epoch < .max
        else { throw corrupt(.misplacedBlock(number: header.number, expected: number)) }
    }

    private mutating func advance(
        _ header: BlockHeader, at headerEnd: Int, _ identity: JournalIdentity
    ) {
        chain = window.withBytes(headerEnd - JournalFormat.blockHeaderByteCount..<headerEnd) {
            identity.chain(after: $0)
        }
        number += 1
        sequence += UInt64(header.recordCount)
        epoch = header.epoch
        lastWriteOffset = offset
        offset += header.blockByteCount
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

    struct FoundBlock {
        var header: BlockHeader
        /// In the window.
        var body: Range<Int>
    }

    /// A block whose header and body are whole, whatever its place; nil when there is none.
    func wholeBlock(
        in segment: SegmentListing, at offset: Int, ahead: Int
    ) throws(JournalFault) -> FoundBlock? {
        guard let header = try wholeHeader(in: segment, at: offset, ahead: ahead)?.header,
            let whole = try window.load(
                segment.number, at: offset, count: header.blockByteCount, ahead: ahead)
        else { return nil }
        let start = whole.lowerBound + JournalFormat.blockHeaderByteCount
        let body = start..<start + header.bodyByteCount
        guard window.withBytes(body, { CRC32C.of($0) }) == header.bodyChecksum else { return nil }
        return FoundBlock(header: header, body: body)
    }

    /// A block's header that is whole, and where it begins in the window.
    private func wholeHeader(
        in segment: SegmentListing, at offset: Int, ahead: Int
    ) throws(JournalFault) -> (header: BlockHeader, start: Int)? {
        guard offset <= segment.byteCount - JournalFormat.sectorByteCount,
            let sector = try window.load(
                segment.number, at: offset, count: JournalFormat.sectorByteCount, ahead: ahead),
            let header = window.withBytes(sector, { BlockHeader($0) }),
            header.blockByteCount <= segment.byteCount - offset
        else { return nil }
        return (header, sector.lowerBound)
    }

    private func corrupt(_ damage: JournalFault.Damage) -> JournalFault {
        JournalFault(.corrupt(damage), segment: segment?.number ?? 0, offset: offset)
    }

    // MARK: - Lending

    /// Forgets the block that was read last.
    mutating func dropBlock() { block = nil }

    /// Lends the records of the block that was read last, from a sequence on, one after another.
    func visitRecords<Failure: Error>(
        from first: UInt64,
        _ visit: (Span<UInt8>, RecordPosition) throws(Failure) -> RecordVisit
    ) throws(Failure) {
        _ = try withBody { (bytes, block) throws(Failure) in
            var position = JournalFormat.baseByteCount
            for index in 0..<block.recordCount {
                let length = Int(bytes.littleEndian(UInt16.self, at: position))
                let record = bytes.extracting(position..<position + length)
                position += length
                let sequence = block.firstSequence + UInt64(index)
                guard sequence >= first else { continue }
                let tick = Int64(
                    record.littleEndian(Int32.self, at: JournalFormat.recordTickOffset))
                let wall = Int64(
                    record.littleEndian(Int32.self, at: JournalFormat.recordWallOffset))
                let place = RecordPosition(
                    sequence: sequence,
                    tick: Tick(
                        milliseconds: UInt64(max(Int64(block.baseTick.milliseconds) + tick, 0))),
                    wall: WallTime(milliseconds: block.baseWall.milliseconds &+ wall))
                guard try visit(record, place) == .next else { return }
            }
        }
    }

    /// Lends the whole body of the block that was read last.
    func withBody<Result, Failure: Error>(
        _ body: (Span<UInt8>, JournalBlock) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        guard let block else { return nil }
        return try window.withBytes(self.body) { (bytes) throws(Failure) in
            try body(bytes, block)
        }
    }
}
