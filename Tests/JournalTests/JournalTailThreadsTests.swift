// SPDX-License-Identifier: Apache-2.0

import Foundation
import Journal
import Primitives
import Synchronization
import Testing

/// A tail on the test's thread beside the journal's real ones.
@Suite struct JournalTailThreadsTests {
    private final class Shared: Sendable {
        let durable = Atomic<UInt64>(0)
        let threads = Atomic<Int>(0)
        let failures = Atomic<Int>(0)
    }

    @Test func itKeepsUpWithTheThreads() throws {
        let directory = try TemporaryDirectory()
        let journal = try Desk(directory).journal
        let shared = Shared()
        let count = 150_000
        let clock = JournalClock(
            monotonicNanoseconds: { DispatchTime.now().uptimeNanoseconds },
            time: { (Tick(milliseconds: 2_000), WallTime(milliseconds: 3_000)) })
        run(shared) { () throws(StoreError) in
            try journal.runCommits(clock: clock, hasLiveHolds: { true }) {
                shared.durable.store($0, ordering: .releasing)
            }
        }
        run(shared) { () throws(StoreError) in try journal.runPreparation() }
        run(shared) { () throws(StoreError) in
            JournalTailThreadsTests.append(count, to: journal.queue)
        }
        let store = try FileStore(directory: directory.path, access: .readOnly)
        var tail = try JournalTail(store, from: 1)
        var (next, wrong, segments) = (UInt64(1), 0, Set<UInt64>())
        while next <= UInt64(count) {
            let durable = shared.durable.load(ordering: .acquiring)
            guard let block = try tail.next(upTo: durable) else {
                usleep(50)
                continue
            }
            segments.insert(block.segment)
            tail.visitRecords { bytes, position in
                let number = bytes.littleEndian(UInt32.self, at: 16)
                if position.sequence != next || UInt64(number) + 1 != next
                    || position.sequence > durable
                {
                    wrong += 1
                }
                next += 1
                return .next
            }
        }
        journal.stop()
        while shared.threads.load(ordering: .acquiring) > 0 { usleep(1_000) }
        #expect(wrong == 0 && shared.failures.load(ordering: .relaxed) == 0)
        #expect(segments.count > 1, "the journal went through several segments")
        #expect(tail.bytesBehind(journal.queue.usedByteCount) < 1 << 20)
    }

    private func run(
        _ shared: Shared, _ body: @escaping @Sendable () throws(StoreError) -> Void
    ) {
        shared.threads.add(1, ordering: .relaxed)
        Thread.detachNewThread {
            do throws(StoreError) { try body() } catch {
                shared.failures.add(1, ordering: .relaxed)
            }
            shared.threads.subtract(1, ordering: .releasing)
        }
    }

    private static func append(_ count: Int, to queue: CommitQueue) {
        var record = ByteWriter(capacity: 4_096)
        for number in 0..<count {
            let length = 24 + 8 * (number % 30)
            while !queue.takeRoom(length) { usleep(200) }
            record.removeAll()
            record.append(littleEndian: UInt16(length))
            while record.count < 16 { record.append(UInt8(0)) }
            record.append(littleEndian: UInt32(number))
            while record.count < length { record.append(UInt8(0xee)) }
            _ = queue.append(
                record, tick: Tick(milliseconds: 2_000), wall: WallTime(milliseconds: 3_000))
            // Now a rush, now one at a time.
            if number % 64 == 0 || number % 5_000 < 200 { queue.submit() }
        }
        queue.submit()
    }
}
