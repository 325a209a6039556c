// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// Appends blocks: each durable when `append` returns. One thread.
///
/// One write is in flight at a time, which is what lets a reader tell a torn tail from damage. After
/// an error nothing is written any more: what a failed write or flush left on the disk is unknown.
struct BlockLog<Store: BlockStore>: ~Copyable, Sendable {
    private let store: Store
    private let ready: ReadySegments
    let identity: JournalIdentity
    let epoch: UInt64
    private var segment: SegmentListing
    /// 0: the segment wasn't begun.
    private var offset: Int
    private var number: UInt64
    private var chain: UInt64
    /// Bytes of the segments before this one.
    private var closedByteCount: Int
    private var failure: StoreError?

    /// Goes on where a journal ends. `segment` is the one that `end` names.
    init(
        _ store: Store, ready: ReadySegments, identity: JournalIdentity, epoch: UInt64,
        end: JournalEnd, segment: SegmentListing
    ) {
        self.store = store
        self.ready = ready
        self.identity = identity
        self.epoch = epoch
        self.segment = segment
        offset = end.offset
        number = end.blockCount + 1
        chain = end.chain
        closedByteCount = end.usedByteCount - end.offset
    }

    /// Bytes of the journal up to here, the rests of full segments included.
    var usedByteCount: Int { closedByteCount + offset }

    /// What a block takes, without a segment of its own.
    static func byteCount(body: Int) -> Int {
        JournalFormat.padded(JournalFormat.blockHeaderByteCount + body)
    }

    /// Makes sure that a block of `byteCount` fits: begins the next segment when this one is full.
    /// False when none is ready.
    mutating func makeRoom(
        _ byteCount: Int, firstSequence: UInt64, in sector: borrowing PageBuffer
    ) throws(StoreError) -> Bool {
        if let failure { throw failure }
        if offset > 0, byteCount <= segment.byteCount - offset { return true }
        if offset > 0 {
            guard let next = ready.take(after: segment.number) else { return false }
            closedByteCount += segment.byteCount
            segment = next
            offset = 0
        }
        // Durable before a block follows it: so a whole block always has its segment's header.
        SegmentHeader(
            identity: identity, number: segment.number, byteCount: segment.byteCount,
            epoch: epoch, firstBlock: number, firstSequence: firstSequence, chain: chain
        ).write(to: sector, at: 0)
        do {
            try sector.withBytes(0..<JournalFormat.sectorByteCount) {
                (bytes) throws(StoreError) in
                try store.write(bytes, to: .segment(segment.number), at: 0)
            }
            try store.flush(.segment(segment.number))
        } catch {
            failure = error
            throw error
        }
        offset = JournalFormat.sectorByteCount
        precondition(byteCount <= segment.byteCount - offset, "a block fits into a segment")
        return true
    }

    /// Writes the block that lies in `buffer` from `start` on: room for its header, then a body of
    /// `body` bytes. Padding must fit behind it. The caller has made room.
    mutating func append(
        _ buffer: borrowing PageBuffer, at start: Int, body: Int, recordCount: Int,
        firstSequence: UInt64, durableSequence: UInt64
    ) throws(StoreError) {
        if let failure { throw failure }
        let bodyStart = start + JournalFormat.blockHeaderByteCount
        let bodyRange = bodyStart..<bodyStart + body
        let header = BlockHeader(
            isSeal: recordCount == 0, bodyChecksum: buffer.withBytes(bodyRange) { CRC32C.of($0) },
            epoch: epoch, number: number, firstSequence: firstSequence, recordCount: recordCount,
            bodyByteCount: body, durableSequence: durableSequence, previousChain: chain)
        precondition(offset > 0 && header.blockByteCount <= segment.byteCount - offset)
        header.write(to: buffer, at: start)
        let end = start + header.blockByteCount
        buffer.clear(bodyRange.upperBound..<end)
        do {
            try buffer.withBytes(start..<end) { (bytes) throws(StoreError) in
                try store.write(bytes, to: .segment(segment.number), at: offset)
            }
            try store.flush(.segment(segment.number))
        } catch {
            failure = error
            throw error
        }
        chain = buffer.withBytes(start..<bodyStart) { identity.chain(after: $0) }
        number += 1
        offset += header.blockByteCount
    }
}
