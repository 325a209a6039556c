// SPDX-License-Identifier: Apache-2.0

internal import CLinux
public import Primitives
internal import Synchronization

/// A journal that is written: its queue, its committing thread and the one that prepares segments.
///
/// The threads are the caller's: it runs `runCommits` and `runPreparation` on one each. A test runs
/// their steps itself, in any order.
public final class Journal<Store: BlockStore>: Sendable {
    /// Where records go.
    public let queue: CommitQueue
    /// What was written since the start.
    public let tally: JournalTally
    /// Of this server.
    public let epoch: UInt64
    private let store: Store
    private let ready: ReadySegments
    private let writer: Mutex<CommitWriter<Store>?>
    private let preparer: Mutex<SegmentPreparer<Store>?>
    private let isStopping = Atomic<Bool>(false)

    private init(
        _ store: Store, queue: CommitQueue, tally: JournalTally, epoch: UInt64,
        ready: ReadySegments, writer: consuming CommitWriter<Store>,
        preparer: consuming SegmentPreparer<Store>
    ) {
        self.store = store
        self.queue = queue
        self.tally = tally
        self.epoch = epoch
        self.ready = ready
        self.writer = Mutex(writer)
        self.preparer = Mutex(preparer)
    }

    /// Goes on with a journal that was read to its end: clears what a crash left behind it, makes
    /// sure of a segment to write to, and writes the first block of a new epoch. All of that is
    /// durable when this returns.
    ///
    /// - Parameters:
    ///   - store: opened for writing.
    ///   - queue: empty; the sink's.
    ///   - identity: of the journal; a new one where it was never begun.
    ///   - end: where it ends.
    ///   - configuration: its bounds.
    ///   - tick: where time goes on.
    ///   - wall: now.
    /// - Returns: the journal, whose threads aren't running yet.
    /// - Throws: `StoreError`; a full disk (`isFull`) when there is no room for a first segment.
    public static func begin(
        _ store: Store, queue: CommitQueue, identity: JournalIdentity, end: JournalEnd,
        configuration: JournalConfiguration, tick: Tick, wall: WallTime
    ) throws(StoreError) -> Journal {
        queue.resume(after: end.lastSequence, usedByteCount: end.usedByteCount)
        // Only now: beside a damaged journal nothing is touched.
        try store.discardDrafts()
        try clear(end.remains, in: store)
        try writeAgain(end, in: store)
        var preparer = SegmentPreparer(
            store, next: UInt64(end.segments.count), configuration)
        var listings = end.segments
        let active = Int(end.segment)
        // The one that is written to, and one more: the rest is the preparing thread's.
        preparing: while listings.count < active + 2 {
            switch try preparer.step(ready: 0, wanted: 1) {
            case .finished(let listing): listings.append(listing)
            case .noSpace:
                guard listings.count > active
                else { throw StoreError(.create, "a first segment", errorNumber: ENOSPC) }
                queue.setDiskFull(true)
                break preparing
            case .worked, .idle: continue
            }
        }
        let ready = ReadySegments(Array(listings[(active + 1)...])) { queue.rouse() }
        let tally = JournalTally()
        let epoch = end.epoch + 1
        var writer = CommitWriter(
            queue,
            BlockLog(
                store, ready: ready, identity: identity, epoch: epoch, end: end,
                segment: listings[active]),
            tally: tally, durableSequence: end.lastSequence)
        guard try writer.seal(tick: tick, wall: wall)
        else { throw StoreError(.create, "a further segment", errorNumber: ENOSPC) }
        return Journal(
            store, queue: queue, tally: tally, epoch: epoch, ready: ready, writer: writer,
            preparer: preparer)
    }

    /// Zeroes what an unfinished write left, and makes that durable: a later block must never lie
    /// beside the rest of an earlier one.
    private static func clear(
        _ remains: [JournalEnd.Remains], in store: Store
    ) throws(StoreError) {
        let zeroes = PageBuffer(count: JournalFormat.sectorByteCount)
        for remain in remains {
            for offset in stride(
                from: remain.range.lowerBound, to: remain.range.upperBound, by: zeroes.count)
            {
                let count = min(zeroes.count, remain.range.upperBound - offset)
                try zeroes.withBytes(0..<count) { (bytes) throws(StoreError) in
                    try store.write(bytes, to: .segment(remain.segment), at: offset)
                }
            }
            try store.flush(.segment(remain.segment))
        }
    }

    /// Writes the last block once more, as it is, and flushes it. An earlier server may have ended
    /// because its flush failed: then the system shows bytes that the disk doesn't have, takes them
    /// for clean, and a flush alone would say that all is well (Rebello et al., "Can Applications
    /// Recover from fsync Failures?", 2020).
    private static func writeAgain(_ end: JournalEnd, in store: Store) throws(StoreError) {
        let count = end.offset - end.lastWriteOffset
        guard count > 0 else { return }
        let buffer = PageBuffer(count: count)
        let read = try store.read(
            end.segment, at: end.lastWriteOffset, into: buffer, range: 0..<count)
        guard read == count
        else { throw StoreError(.read, SegmentFile.segment(end.segment).name, errorNumber: EIO) }
        try buffer.withBytes(0..<count) { (bytes) throws(StoreError) in
            try store.write(bytes, to: .segment(end.segment), at: end.lastWriteOffset)
        }
        try store.flush(.segment(end.segment))
    }

    // MARK: - Threads

    /// Commits until `stop`, then what is left and a seal. On a thread of its own, once.
    ///
    /// - Parameters:
    ///   - clock: for seals and their delays.
    ///   - hasLiveHolds: whether the time must be kept on disk.
    ///   - onDurable: told each new durable sequence, right after its flush.
    /// - Throws: `StoreError`: the journal takes nothing more, and what wasn't durable is unknown.
    public func runCommits(
        clock: JournalClock, hasLiveHolds: @Sendable () -> Bool, onDurable: (UInt64) -> Void
    ) throws(StoreError) {
        guard var writer = writer.withLock({ $0.take() })
        else { preconditionFailure("commits run on one thread") }
        var lastBlock = clock.monotonicNanoseconds()
        var isSealed = true
        do {
            while true {
                // Between two turns' ends nobody waits for the disk yet; a batch that grows meanwhile
                // is cheaper than two.
                if !queue.wantsCommit, queue.hasRecords, !isStopping.load(ordering: .relaxed) {
                    queue.sleep(atMostNanoseconds: JournalLimits.submissionDelay) {
                        isStopping.load(ordering: .sequentiallyConsistent)
                    }
                }
                let began = clock.monotonicNanoseconds()
                tally.beginWrite(at: began)
                let step = try writer.commit()
                switch step {
                case .wrote:
                    lastBlock = clock.monotonicNanoseconds()
                    tally.endWrite(began: began, at: lastBlock, wrote: true)
                    onDurable(writer.durableSequence)
                    isSealed = false
                case .noSegment:
                    tally.endWrite(began: began, at: began, wrote: false)
                    // Until one is ready, or the end: then what was never acknowledged is lost.
                    if isStopping.load(ordering: .sequentiallyConsistent) { return }
                    queue.awaitSegment(atMostNanoseconds: JournalLimits.sealDelay)
                case .idle:
                    tally.endWrite(began: began, at: began, wrote: false)
                    let isLast = isStopping.load(ordering: .sequentiallyConsistent)
                    let delay =
                        isSealed ? JournalLimits.tickInterval : JournalLimits.sealDelay
                    let elapsed = clock.monotonicNanoseconds() - lastBlock
                    if isLast || elapsed >= delay, !isSealed || isLast || hasLiveHolds() {
                        let now = clock.time()
                        _ = try writer.seal(tick: now.tick, wall: now.wall)
                        lastBlock = clock.monotonicNanoseconds()
                        isSealed = true
                        if isLast { return }
                        continue
                    }
                    let wait = elapsed >= delay ? delay : delay - elapsed
                    queue.sleep(atMostNanoseconds: wait) {
                        isStopping.load(ordering: .sequentiallyConsistent)
                    }
                }
            }
        } catch {
            queue.poison()
            throw error
        }
    }

    /// Prepares segments until `stop`. On a thread of its own, once.
    ///
    /// - Throws: `StoreError` when the disk failed; a full disk is waited out.
    public func runPreparation() throws(StoreError) {
        guard var preparer = preparer.withLock({ $0.take() })
        else { preconditionFailure("segments are prepared on one thread") }
        let wantedWhenIdle = try preparer.wantedWhenIdle()
        var blocks = tally.blocks
        while !isStopping.load(ordering: .sequentiallyConsistent) {
            let isIdle = tally.blocks - blocks <= JournalLimits.idleBlocksMax
            blocks = tally.blocks
            let ready = ready.count
            let pause: UInt64
            if ready < JournalLimits.readySegments || isIdle && ready < wantedWhenIdle {
                switch try prepare(
                    &preparer, wanted: isIdle ? wantedWhenIdle : JournalLimits.readySegments)
                {
                case .worked, .idle: pause = ready > 0 ? JournalLimits.preparationPause : 0
                case .finished: pause = 0
                case .noSpace: pause = JournalLimits.fullDiskPause
                }
            } else {
                // A rush doesn't pay for what can wait.
                pause =
                    ready < wantedWhenIdle ? JournalLimits.idleProbe : JournalLimits.tickInterval
            }
            guard pause > 0 else { continue }
            self.ready.wanted.sleep(atMostNanoseconds: pause) {
                isStopping.load(ordering: .sequentiallyConsistent)
            }
        }
    }

    private func prepare(
        _ preparer: inout SegmentPreparer<Store>, wanted: Int
    ) throws(StoreError) -> SegmentPreparer<Store>.Step {
        let step: SegmentPreparer<Store>.Step
        do {
            step = try preparer.step(ready: ready.count, wanted: wanted)
        } catch {
            queue.poison()
            throw error
        }
        switch step {
        case .finished(let listing):
            ready.add(listing)
            queue.setDiskFull(false)
        // With enough ready it only means that no more can be put by.
        case .noSpace: queue.setDiskFull(ready.count < JournalLimits.readySegments)
        case .idle, .worked: break
        }
        return step
    }

    /// Asks both threads to end: what was appended is committed first.
    public func stop() {
        isStopping.store(true, ordering: .sequentiallyConsistent)
        queue.rouse()
        ready.wanted.rouse()
    }

    // MARK: - Steps, for a simulation

    /// One commit on the caller's thread.
    public func commitStep() throws(StoreError) -> CommitWriter<Store>.Step {
        try writer.withLock { (writer) throws(StoreError) in
            guard writer != nil else { preconditionFailure("commits run on one thread") }
            return try writer!.commit()
        }
    }

    /// A seal on the caller's thread, unless records wait or no segment is ready.
    public func sealStep(tick: Tick, wall: WallTime) throws(StoreError) -> Bool {
        try writer.withLock { (writer) throws(StoreError) in
            guard writer?.hasPending == false else { return false }
            return try writer!.seal(tick: tick, wall: wall)
        }
    }

    /// One step of preparing on the caller's thread towards `wanted` ready segments; true when there
    /// is nothing to do now.
    public func preparationStep(
        wanted: Int = JournalLimits.readySegments
    ) throws(StoreError) -> Bool {
        try preparer.withLock { (preparer) throws(StoreError) in
            guard preparer != nil else {
                preconditionFailure("segments are prepared on one thread")
            }
            switch try prepare(&preparer!, wanted: wanted) {
            case .idle, .noSpace: return true
            case .worked, .finished: return false
            }
        }
    }

    /// Everything up to here is durable, as far as steps went.
    public var durableSequence: UInt64 {
        writer.withLock { writer in
            guard let sequence = writer?.durableSequence
            else { preconditionFailure("a thread commits") }
            return sequence
        }
    }
}
