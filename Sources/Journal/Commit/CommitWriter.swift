// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// Writes what waits in the queue: group commit, one write in flight. One thread.
public struct CommitWriter<Store: BlockStore>: ~Copyable, Sendable {
    /// What a step did.
    public enum Step: Hashable, Sendable {
        /// Nothing waits.
        case idle
        /// A block of so many records is durable.
        case wrote(records: Int)
        /// Records wait and no segment is ready for them.
        case noSegment
    }

    private let queue: CommitQueue
    private var log: BlockLog<Store>
    private let tally: JournalTally
    /// For segment headers and seals.
    private let sector = PageBuffer(count: JournalFormat.sectorByteCount)
    /// Taken out of the queue and waiting for a segment.
    private var pending: CommitQueue.Batch?
    /// Everything up to here is durable.
    public private(set) var durableSequence: UInt64

    init(
        _ queue: CommitQueue, _ log: consuming BlockLog<Store>, tally: JournalTally,
        durableSequence: UInt64
    ) {
        self.queue = queue
        self.log = log
        self.tally = tally
        self.durableSequence = durableSequence
    }

    /// Writes one block of everything that waits, and returns when it is durable.
    ///
    /// - Throws: `StoreError`; nothing may be written afterwards, and nothing is.
    public mutating func commit() throws(StoreError) -> Step {
        if pending == nil { pending = queue.takeBatch() }
        guard let batch = pending else { return .idle }
        guard
            try log.makeRoom(
                BlockLog<Store>.byteCount(body: batch.bodyByteCount),
                firstSequence: batch.firstSequence, in: sector)
        else { return .noSegment }
        let durable = durableSequence
        try queue.withBuffer(of: batch) { (buffer) throws(StoreError) in
            try log.append(
                buffer, at: 0, body: batch.bodyByteCount, recordCount: batch.recordCount,
                firstSequence: batch.firstSequence, durableSequence: durable)
        }
        pending = nil
        durableSequence = batch.firstSequence + UInt64(batch.recordCount) - 1
        tally.count(records: batch.recordCount, bodyByteCount: batch.bodyByteCount)
        queue.setUsed(log.usedByteCount)
        return .wrote(records: batch.recordCount)
    }

    /// Writes a block without records: it carries the time, and is the witness that what lies before
    /// it was written whole.
    ///
    /// - Returns: false when no segment is ready; then there is nothing to seal it in.
    public mutating func seal(tick: Tick, wall: WallTime) throws(StoreError) -> Bool {
        precondition(pending == nil, "records come first")
        let body = JournalFormat.baseByteCount
        let next = durableSequence + 1
        guard
            try log.makeRoom(
                BlockLog<Store>.byteCount(body: body), firstSequence: next, in: sector)
        else { return false }
        sector.store(littleEndian: tick.milliseconds, at: JournalFormat.blockHeaderByteCount)
        sector.store(littleEndian: wall.milliseconds, at: JournalFormat.blockHeaderByteCount + 8)
        try log.append(
            sector, at: 0, body: body, recordCount: 0, firstSequence: next,
            durableSequence: durableSequence)
        tally.countSeal()
        queue.setUsed(log.usedByteCount)
        return true
    }

    /// Records wait that were taken out of the queue already.
    var hasPending: Bool { pending != nil }
}
