// SPDX-License-Identifier: Apache-2.0

import Foundation
import Journal
import Primitives
import Synchronization
import Testing

/// What the threads of this test share.
final class Crowd: Sendable {
    /// Appenders that are done.
    let finished = Atomic<Int>(0)
    /// The highest sequence told durable.
    let durable = Atomic<UInt64>(0)
    /// Told durable out of order.
    let disorder = Atomic<Int>(0)
    /// Times that there was no room.
    let stalls = Atomic<Int>(0)
    let threads = Atomic<Int>(0)
}

/// The journal with its real threads, and several that append.
@Suite struct JournalThreadsTests {
    @Test func manyAppendAndAllIsReadBack() throws {
        let directory = try TemporaryDirectory()
        let desk = try Desk(directory)
        let journal = desk.journal
        let crowd = Crowd()
        let (appenders, each) = (3, 40_000)
        let clock = JournalClock(
            monotonicNanoseconds: { DispatchTime.now().uptimeNanoseconds },
            time: { (Tick(milliseconds: 2_000), WallTime(milliseconds: 3_000)) })
        run(crowd) {
            do throws(StoreError) {
                try journal.runCommits(clock: clock, hasLiveHolds: { true }) { sequence in
                    let before = crowd.durable.exchange(sequence, ordering: .relaxed)
                    if before >= sequence { crowd.disorder.add(1, ordering: .relaxed) }
                }
            } catch { crowd.disorder.add(1_000, ordering: .relaxed) }
        }
        run(crowd) {
            do throws(StoreError) {
                try journal.runPreparation()
            } catch { crowd.disorder.add(1_000, ordering: .relaxed) }
        }
        for number in 0..<appenders {
            run(crowd) {
                JournalThreadsTests.append(each, to: journal.queue, as: number, crowd)
                crowd.finished.add(1, ordering: .releasing)
            }
        }
        while crowd.finished.load(ordering: .acquiring) < appenders { usleep(1_000) }
        journal.stop()
        while crowd.threads.load(ordering: .acquiring) > 0 { usleep(1_000) }

        #expect(crowd.disorder.load(ordering: .relaxed) == 0)
        #expect(crowd.durable.load(ordering: .relaxed) == UInt64(appenders * each))
        let found = try Found(directory)
        #expect(found.fault == nil)
        #expect(found.records.map(\.sequence) == (1...UInt64(appenders * each)).map { $0 })
        #expect(found.blocks.last?.recordCount == 0, "the last block is a seal")
        #expect(journal.tally.records == appenders * each)
        // Each thread's records in its own order, whole.
        var next = [Int](repeating: 0, count: appenders)
        var scan = try JournalScan(FileStore(directory: directory.path, access: .readOnly))
        var wrong = 0
        while try scan.next() != nil {
            scan.forEachRecord { bytes, _ in
                let author = Int(bytes[12])
                let count = Int(bytes.littleEndian(UInt32.self, at: 16))
                if author >= appenders || count != next[author] || bytes[bytes.count - 1] != 0xee {
                    wrong += 1
                } else {
                    next[author] += 1
                }
            }
        }
        #expect(wrong == 0 && next == [Int](repeating: each, count: appenders))
    }

    private func run(_ crowd: Crowd, _ body: @escaping @Sendable () -> Void) {
        crowd.threads.add(1, ordering: .relaxed)
        Thread.detachNewThread {
            body()
            crowd.threads.subtract(1, ordering: .releasing)
        }
    }

    /// Appends records of different lengths, as decisions do: room first, then the record.
    private static func append(
        _ count: Int, to queue: CommitQueue, as author: Int, _ crowd: Crowd
    ) {
        var record = ByteWriter(capacity: 4_096)
        for number in 0..<count {
            let length = 32 + 8 * (number % 40)
            while !queue.takeRoom(1_024) {
                crowd.stalls.add(1, ordering: .relaxed)
                usleep(200)
            }
            record.removeAll()
            record.append(littleEndian: UInt16(length))
            while record.count < 12 { record.append(UInt8(0)) }
            record.append(littleEndian: UInt32(author))
            record.append(littleEndian: UInt32(number))
            while record.count < length { record.append(UInt8(0xee)) }
            _ = queue.append(
                record, tick: Tick(milliseconds: 2_000), wall: WallTime(milliseconds: 3_000))
            queue.returnRoom(1_024 - length)
            if number % 64 == 0 { queue.submit() }
        }
        queue.submit()
    }
}
