// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// Reads a journal that another thread is writing, block by block behind what is durable.
///
/// Takes no lock that the writing threads take, and needs a store of its own for that. Bytes that
/// aren't durable yet are never fetched: so many records that are known to be durable take so many
/// bytes at least, and no more than those are asked for. What it fetches can't change any more, and a
/// block that isn't whole is damage at once.
///
/// One window of memory, 5 MiB. One thread. Not to be copied: copies share the window.
public struct JournalTail<Store: BlockStore> {
    private let store: Store
    private var cursor: BlockCursor<Store>
    private let firstSequence: UInt64
    private let startPosition: Int

    /// Finds the segment that a sequence lies in, by the segments' headers.
    ///
    /// - Parameters:
    ///   - store: for reading; nobody else's.
    ///   - sequence: the first record wanted, from 1. It may not have been written yet.
    /// - Throws: `JournalFault` when segments are missing or foreign, or the storage fails.
    public init(_ store: Store, from sequence: UInt64) throws(JournalFault) {
        self.store = store
        firstSequence = min(max(sequence, 1), UInt64(Int64.max))
        var cursor = BlockCursor(SegmentWindow(store))
        let segments = try BlockCursor.list(store)
        if let first = segments.first, let header = try cursor.header(of: first, ahead: 0) {
            let identity = header.identity
            for index in segments.indices.reversed() {
                guard let header = try cursor.header(of: segments[index], ahead: 0),
                    header.firstSequence <= firstSequence
                else { continue }
                try cursor.jump(
                    to: segments[index], header,
                    behind: segments[..<index].reduce(0) { $0 + $1.byteCount }, of: identity)
                break
            }
        }
        self.cursor = cursor
        startPosition = cursor.position
    }

    /// Which journal this is; nil when it wasn't begun.
    public var identity: JournalIdentity? { cursor.identity }

    /// Of the record after the block that `next` answered with last; before the first one it may be
    /// lower than the sequence that was asked for.
    public var nextSequence: UInt64 { cursor.sequence }

    /// Of the last block that was read or stepped over.
    public var epoch: UInt64 { cursor.epoch }

    /// Bytes of the journal up to here, counted as `CommitQueue.usedByteCount` is.
    public var position: Int { cursor.position }

    /// Bytes of the journal that were read or stepped over since the start.
    public var bytesRead: Int { max(cursor.position - startPosition, 0) }

    /// Bytes of the journal that lie behind what was read, of the `CommitQueue.usedByteCount` that it
    /// has. A seal at the end counts: it is read together with the next record.
    public func bytesBehind(_ usedByteCount: Int) -> Int {
        max(usedByteCount - cursor.position, 0)
    }

    /// Goes to the next block with records; nil while nothing more is durable.
    ///
    /// The first one may begin before the sequence that was asked for; `visitRecords` leaves out what
    /// lies before it. Seals are stepped over.
    ///
    /// - Parameter durable: a sequence that the journal told to be durable, by then. The block that it
    ///   lies in is durable as a whole.
    /// - Returns: the block, whose records `visitRecords` lends.
    /// - Throws: `JournalFault`: what is durable can't be read, or isn't there. Nothing more can be
    ///   read then.
    public mutating func next(upTo durable: UInt64) throws(JournalFault) -> JournalBlock? {
        guard firstSequence <= durable else { return nil }
        while cursor.sequence <= durable {
            if cursor.sequence < firstSequence, try cursor.skip(before: firstSequence) { continue }
            if let block = try cursor.read(ahead: ahead(durable)) {
                if block.recordCount > 0 { return block }
            } else {
                try enterNext(durable)
            }
        }
        cursor.dropBlock()
        return nil
    }

    /// Lends the records of the block that `next` answered with, one after another, from the sequence
    /// that the tail began with or from a later one.
    public func visitRecords<Failure: Error>(
        from sequence: UInt64 = 0,
        _ visit: (Span<UInt8>, RecordPosition) throws(Failure) -> RecordVisit
    ) throws(Failure) {
        try cursor.visitRecords(from: max(sequence, firstSequence), visit)
    }

    /// Bytes that the records up to `durable` take at least: they lie here, or what lies here is the
    /// rest of a segment that is full. Neither changes any more.
    private func ahead(_ durable: UInt64) -> Int {
        let records = min(durable - cursor.sequence + 1, UInt64(SegmentWindow<Store>.stretch))
        return min(
            JournalFormat.padded(
                JournalFormat.blockHeaderByteCount + JournalFormat.baseByteCount
                    + JournalFormat.recordHeaderByteCount * Int(records)),
            SegmentWindow<Store>.stretch)
    }

    /// No whole block lies here, and a durable record is missing: it lies in the next segment.
    private mutating func enterNext(_ durable: UInt64) throws(JournalFault) {
        let next = cursor.segment.map { $0.number + 1 } ?? 0
        let segments = try BlockCursor.list(store)
        if next < UInt64(segments.count), try cursor.enter(segments[Int(next)], ahead: 0) { return }
        throw JournalFault(
            .corrupt(.missingBlock(expected: cursor.number, durableSequence: durable)),
            segment: cursor.segment?.number ?? 0, offset: cursor.offset)
    }
}
