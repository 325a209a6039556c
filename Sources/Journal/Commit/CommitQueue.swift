// SPDX-License-Identifier: Apache-2.0

public import Primitives
internal import Synchronization

/// Where records wait for the disk: two buffers, one filled while the other is written.
///
/// Room is taken before a decision takes any lock, so that an append under locks is a copy that can't
/// fail: the room that is taken and not used, and what lies in the buffer that is being filled,
/// never exceed one buffer. Any thread; the buffers are guarded by a leaf lock.
public final class CommitQueue: Sendable {
    private let first: PageBuffer
    private let second: PageBuffer
    private let lock = StripeLocks(count: 1)
    private let state: FixedTable<Filling>  // one row, guarded by `lock`
    private let doze = Doze()

    /// Room taken and not used, and bytes in the filling buffer.
    private let taken = Atomic<Int>(0)
    /// Bytes of the journal in use.
    private let used = Atomic<Int>(0)
    /// Bytes set aside for the ends of what is live.
    private let setAsideBytes = Atomic<Int>(0)
    /// No segment can be prepared.
    private let isDiskFull = Atomic<Bool>(false)
    /// The disk failed: nothing is accepted any more.
    private let isPoisoned = Atomic<Bool>(false)
    /// Records in the filling buffer, for a look without the lock.
    private let waiting = Atomic<Int>(0)
    /// A loop has ended a turn with records.
    private let isSubmitted = Atomic<Bool>(false)
    private let journalByteCountMax: Int

    /// Records begin here in a buffer: before them the block's header and base.
    static let recordsStart =
        JournalFormat.blockHeaderByteCount + JournalFormat.baseByteCount
    /// Bytes of records that a buffer takes.
    public static let capacity = JournalLimits.bufferByteCount - JournalFormat.baseByteCount

    struct Filling: BitwiseCopyable {
        var isSecond = false
        var recordCount = 0
        var end = CommitQueue.recordsStart
        var baseTick = Tick(milliseconds: 0)
        var baseWall = WallTime(milliseconds: 0)
        /// Of the last record appended.
        var lastSequence: UInt64
    }

    /// What the committing thread takes out: it owns that buffer until it takes the next.
    struct Batch {
        var isSecond: Bool
        var recordCount: Int
        /// Bytes of the body, its base included.
        var bodyByteCount: Int
        var firstSequence: UInt64
    }

    /// Makes an empty queue; a `Journal` takes it into use.
    public init(journalByteCountMax: Int) {
        // The last block's padding must fit behind it.
        let size =
            JournalFormat.blockHeaderByteCount + JournalLimits.bufferByteCount
            + JournalFormat.sectorByteCount
        first = PageBuffer(count: size)
        second = PageBuffer(count: size)
        state = FixedTable(capacity: 1, repeating: Filling(lastSequence: 0))
        self.journalByteCountMax = journalByteCountMax
    }

    /// Goes on behind a journal's last record. Before the first append.
    func resume(after lastSequence: UInt64, usedByteCount: Int) {
        lock.lock(0)
        defer { lock.unlock(0) }
        precondition(state[0].recordCount == 0)
        state[0].lastSequence = lastSequence
        used.store(usedByteCount, ordering: .relaxed)
    }

    // MARK: - Room

    /// Whether `byteCount` more fit into the journal's space beside what is set aside: asked for what
    /// begins something new.
    public func hasSpace(_ byteCount: Int) -> Bool {
        !isDiskFull.load(ordering: .relaxed)
            && used.load(ordering: .relaxed) + setAsideBytes.load(ordering: .relaxed)
                + byteCount <= journalByteCountMax
    }

    /// Takes room for records of `byteCount` bytes; false when the disk doesn't keep up.
    public func takeRoom(_ byteCount: Int) -> Bool {
        guard !isPoisoned.load(ordering: .relaxed) else { return false }
        if taken.add(byteCount, ordering: .relaxed).newValue <= CommitQueue.capacity { return true }
        taken.subtract(byteCount, ordering: .relaxed)
        return false
    }

    /// Gives back room that wasn't used.
    public func returnRoom(_ byteCount: Int) {
        taken.subtract(byteCount, ordering: .relaxed)
    }

    /// Sets space aside for the end of something that begins; negative gives it back.
    public func setAside(_ byteCount: Int) {
        setAsideBytes.add(byteCount, ordering: .relaxed)
    }

    /// Bytes of the journal in use.
    public var usedByteCount: Int { used.load(ordering: .relaxed) }

    /// What new reservations and figures may make of the journal, in bytes.
    public var byteCountMax: Int { journalByteCountMax }

    /// Room taken by decisions under way, and bytes that wait for the next write.
    public var takenByteCount: Int { taken.load(ordering: .relaxed) }

    /// Records that wait for the next write.
    public var waitingRecordCount: Int { waiting.load(ordering: .relaxed) }

    /// Whether no further segment can be prepared, as the disk is full.
    public var isOutOfDisk: Bool { isDiskFull.load(ordering: .relaxed) }

    /// Whether the disk failed: nothing is accepted any more.
    public var hasFailed: Bool { isPoisoned.load(ordering: .relaxed) }

    /// Bytes set aside for ends.
    public var setAsideByteCount: Int { setAsideBytes.load(ordering: .relaxed) }

    // MARK: - Appending

    /// Copies a whole record into the filling buffer and answers with its sequence. The caller took
    /// room for it and holds the locks of all that it speaks of. About 30 ns.
    public func append(_ record: borrowing ByteWriter, tick: Tick, wall: WallTime) -> UInt64 {
        precondition(record.count >= JournalFormat.recordHeaderByteCount && record.count % 8 == 0)
        lock.lock(0)
        defer { lock.unlock(0) }
        var filling = state[0]
        if filling.recordCount == 0 {
            filling.baseTick = tick
            filling.baseWall = wall
        }
        let start = filling.end
        precondition(
            start + record.count <= CommitQueue.recordsStart + CommitQueue.capacity,
            "room is taken before it is used")
        // Relative times fit unless the wall clock was set by weeks while a block was open; then the
        // record's wall time, which only people read, is off.
        let tickDelta = Int32(
            clamping: Int64(tick.milliseconds) - Int64(filling.baseTick.milliseconds))
        let wallDelta = Int32(clamping: wall.milliseconds - filling.baseWall.milliseconds)
        if filling.isSecond {
            CommitQueue.write(record, to: second, at: start, tickDelta, wallDelta)
        } else {
            CommitQueue.write(record, to: first, at: start, tickDelta, wallDelta)
        }
        filling.end = start + record.count
        filling.recordCount += 1
        filling.lastSequence += 1
        state[0] = filling
        waiting.store(filling.recordCount, ordering: .relaxed)
        return filling.lastSequence
    }

    private static func write(
        _ record: borrowing ByteWriter, to buffer: borrowing PageBuffer, at start: Int,
        _ tickDelta: Int32, _ wallDelta: Int32
    ) {
        record.withBytes { buffer.write($0, at: start) }
        buffer.store(littleEndian: tickDelta, at: start + JournalFormat.recordTickOffset)
        buffer.store(littleEndian: wallDelta, at: start + JournalFormat.recordWallOffset)
    }

    /// What waits should go to disk now: wakes the committing thread if it sleeps. A loop calls it when
    /// it has nothing else to do, or hasn't called it for a while: each flush costs the processor as
    /// much as thirty decisions, so records that come anyway had better share one.
    public func submit() {
        guard hasRecords else { return }
        isSubmitted.store(true, ordering: .sequentiallyConsistent)
        doze.rouse()
    }

    /// Whether a loop asked for a commit since the last batch was taken.
    var wantsCommit: Bool { isSubmitted.load(ordering: .sequentiallyConsistent) }

    /// Whether records wait; stale at once.
    public var hasRecords: Bool { waiting.load(ordering: .sequentiallyConsistent) > 0 }

    /// The sequence of the last record appended; stale at once.
    public var lastSequence: UInt64 {
        lock.lock(0)
        defer { lock.unlock(0) }
        return state[0].lastSequence
    }

    // MARK: - The committing thread's side

    /// Takes what was appended, its base written, and turns to the other buffer; nil: nothing waits.
    func takeBatch() -> Batch? {
        lock.lock(0)
        defer { lock.unlock(0) }
        let filling = state[0]
        guard filling.recordCount > 0 else { return nil }
        var next = Filling(lastSequence: filling.lastSequence)
        next.isSecond = !filling.isSecond
        state[0] = next
        waiting.store(0, ordering: .sequentiallyConsistent)
        isSubmitted.store(false, ordering: .sequentiallyConsistent)
        let batch = Batch(
            isSecond: filling.isSecond, recordCount: filling.recordCount,
            bodyByteCount: filling.end - JournalFormat.blockHeaderByteCount,
            firstSequence: filling.lastSequence - UInt64(filling.recordCount) + 1)
        writeBase(filling.baseTick, filling.baseWall, inSecond: batch.isSecond)
        taken.subtract(filling.end - CommitQueue.recordsStart, ordering: .relaxed)
        return batch
    }

    private func writeBase(_ tick: Tick, _ wall: WallTime, inSecond: Bool) {
        let place = JournalFormat.blockHeaderByteCount
        if inSecond {
            second.store(littleEndian: tick.milliseconds, at: place)
            second.store(littleEndian: wall.milliseconds, at: place + 8)
        } else {
            first.store(littleEndian: tick.milliseconds, at: place)
            first.store(littleEndian: wall.milliseconds, at: place + 8)
        }
    }

    /// Lends the buffer of the batch that was taken last.
    func withBuffer<Result, Failure: Error>(
        of batch: Batch, _ body: (borrowing PageBuffer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        if batch.isSecond { try body(second) } else { try body(first) }
    }

    /// Sleeps until somebody submits, or so long.
    func sleep(atMostNanoseconds nanoseconds: UInt64, unless isOver: () -> Bool) {
        doze.sleep(atMostNanoseconds: nanoseconds) { wantsCommit || isOver() }
    }

    /// Sleeps until a segment is ready or so long, whatever is submitted meanwhile: records that can't
    /// be written yet are no reason to look again and again.
    func awaitSegment(atMostNanoseconds nanoseconds: UInt64) {
        doze.sleep(atMostNanoseconds: nanoseconds) { false }
    }

    /// Wakes the committing thread for something else than records.
    func rouse() { doze.rouse() }

    func setUsed(_ byteCount: Int) { used.store(byteCount, ordering: .relaxed) }

    func setDiskFull(_ isFull: Bool) { isDiskFull.store(isFull, ordering: .relaxed) }

    func poison() { isPoisoned.store(true, ordering: .relaxed) }
}
