// SPDX-License-Identifier: Apache-2.0

import Journal
import Primitives
import Synchronization
import Testing

/// The committing thread itself on a disk that fails at some call: nothing becomes durable after
/// that, nothing more is taken, and what was told to be durable is there when the power comes back.
@Suite struct StorageThreadTests {
    private static let identity = JournalIdentity(
        uuid: ClientID(high: 1, low: 2), hashKeyLow: 3, hashKeyHigh: 4)

    @Test(arguments: 1...12)
    func anErrorEndsEverything(call: Int) throws {
        let store = SimulatedStore(seed: UInt64(call), capacity: 64 << 20)
        let queue = CommitQueue(journalByteCountMax: 1 << 30)
        let journal = try Self.begin(store, queue)
        // A block must fit into one of the test's small segments: most of the room is taken for good.
        #expect(queue.takeRoom(CommitQueue.capacity - (256 << 10)))
        let told = Atomic<UInt64>(0)
        let error = Mutex<StoreError?>(nil)
        let isOver = Atomic<Bool>(false)
        store.plan(.failure, after: call)
        Threads.run(2) { thread in
            guard thread == 0 else { return Self.append(to: queue, until: isOver) }
            do throws(StoreError) {
                try journal.runCommits(
                    clock: Self.clock, hasLiveHolds: { false },
                    onDurable: { told.store($0, ordering: .sequentiallyConsistent) })
            } catch let thrown {
                error.withLock { $0 = thrown }
            }
            isOver.store(true, ordering: .sequentiallyConsistent)
        }
        #expect(error.withLock { $0 } != nil)
        #expect(!queue.takeRoom(64), "a poisoned queue takes nothing")
        store.restart(after: .powerLost)
        let end = try Self.read(store)
        #expect(end.lastSequence >= told.load(ordering: .sequentiallyConsistent))
        #expect(end.lastSequence <= queue.lastSequence)
    }

    /// A disk that fills up refuses new work only when fewer than two segments are left ready.
    @Test func aFullDiskCountsOnceSegmentsRunOut() throws {
        let store = SimulatedStore(seed: 1, capacity: 64 << 20)
        let queue = CommitQueue(journalByteCountMax: 1 << 30)
        let journal = try Self.begin(store, queue)
        while try !journal.preparationStep() {}
        store.grow(by: -(64 << 20))
        while try !journal.preparationStep(wanted: 8) {}
        #expect(queue.hasSpace(1_000), "two segments are ready")
        // Fill them: the third can't be prepared.
        var record = ByteWriter(capacity: 16 << 10)
        record.append(littleEndian: UInt16(16 << 10))
        while record.count < 16 << 10 { record.append(UInt8(0)) }
        var isRefused = false
        for _ in 0..<80 where !isRefused {
            #expect(queue.takeRoom(16 << 10))
            _ = queue.append(
                record, tick: Tick(milliseconds: 1), wall: WallTime(milliseconds: 1))
            _ = try journal.commitStep()
            _ = try journal.preparationStep()
            isRefused = !queue.hasSpace(1_000)
        }
        #expect(isRefused, "one is ready, and there is no space for another")
        store.grow(by: 64 << 20)
        while try !journal.preparationStep() {}
        #expect(queue.hasSpace(1_000))
    }

    private static func begin(
        _ store: SimulatedStore, _ queue: CommitQueue
    ) throws -> Journal<SimulatedStore> {
        var configuration = JournalConfiguration()
        configuration.segmentByteCountMin = 1 << 20
        configuration.segmentByteCountMax = 1 << 20
        return try Journal.begin(
            store, queue: queue, identity: identity, end: read(store),
            configuration: configuration, tick: Tick(milliseconds: 0),
            wall: WallTime(milliseconds: 0))
    }

    private static func read(_ store: SimulatedStore) throws -> JournalEnd {
        var scan = try JournalScan(store)
        while try scan.next() != nil {}
        return try #require(scan.end)
    }

    private static var clock: JournalClock {
        let clock = ContinuousClock()
        let start = clock.now
        return JournalClock(
            monotonicNanoseconds: { UInt64((clock.now - start) / .nanoseconds(1)) },
            time: { (Tick(milliseconds: 1), WallTime(milliseconds: 1)) })
    }

    /// Appends small records, a few at a time, until the committing thread has ended.
    private static func append(to queue: CommitQueue, until isOver: borrowing Atomic<Bool>) {
        var record = ByteWriter(capacity: 64)
        record.append(littleEndian: UInt16(64))
        while record.count < 64 { record.append(UInt8(7)) }
        while !isOver.load(ordering: .sequentiallyConsistent) {
            if queue.takeRoom(record.count) {
                _ = queue.append(
                    record, tick: Tick(milliseconds: 1), wall: WallTime(milliseconds: 1))
                queue.submit()
            }
        }
    }
}
