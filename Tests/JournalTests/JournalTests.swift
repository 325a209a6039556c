// SPDX-License-Identifier: Apache-2.0

import Journal
import Primitives
import Testing

/// Writing and reading back, on real files.
@Suite struct JournalTests {
    @Test func whatIsCommittedIsRead() throws {
        let directory = try TemporaryDirectory()
        let desk = try Desk(directory)
        #expect(desk.journal.epoch == 1)
        for tick in [1_000, 1_005, 998] as [UInt64] { desk.append(88, tick: tick, wall: 7) }
        #expect(try desk.commit() == .wrote(records: 3))
        #expect(try desk.commit() == .idle)
        desk.append(16)
        #expect(try desk.commit() == .wrote(records: 1))
        #expect(desk.journal.durableSequence == 4)
        let found = try Found(directory)
        #expect(found.fault == nil)
        #expect(found.records.map(\.sequence) == [1, 2, 3, 4])
        #expect(found.records.prefix(3).map(\.tick.milliseconds) == [1_000, 1_005, 998])
        #expect(found.records[0].wall.milliseconds == 7)
        #expect(found.lengths == [88, 88, 88, 16])
        #expect(found.blocks.map(\.recordCount) == [0, 3, 1])
        #expect(found.blocks.map(\.durableSequence) == [0, 0, 3])
        #expect(found.end?.lastSequence == 4)
        #expect(found.end?.highestTick == Tick(milliseconds: 1_005))
        #expect(found.end?.isTorn == false)
    }

    @Test func aRestartGoesOn() throws {
        let directory = try TemporaryDirectory()
        for epoch in 1...5 as ClosedRange<UInt64> {
            let desk = try Desk(directory, tick: 10 * epoch)
            #expect(desk.journal.epoch == epoch)
            #expect(desk.append() == epoch)
            _ = try desk.commit()
        }
        let found = try Found(directory)
        #expect(found.fault == nil)
        #expect(found.blocks.map(\.epoch) == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
        #expect(found.records.map(\.sequence) == [1, 2, 3, 4, 5])
    }

    @Test func segmentsFollowOneAnother() throws {
        let directory = try TemporaryDirectory()
        let desk = try Desk(directory)
        // 20 MiB in segments of 8 MiB.
        for _ in 0..<40 {
            for _ in 0..<32 { desk.append(16 << 10) }
            while try desk.commit() == .noSegment {
                while try !desk.journal.preparationStep() {}
            }
        }
        let found = try Found(directory)
        #expect(found.fault == nil)
        #expect(found.records.count == 40 * 32)
        #expect(found.end?.segment == 2)
        #expect(Set(found.blocks.map(\.segment)) == [0, 1, 2])
        let again = try Desk(directory)
        #expect(again.end.lastSequence == 40 * 32)
        #expect(again.append() == 40 * 32 + 1)
        _ = try again.commit()
        #expect(try Found(directory).fault == nil)
    }

    @Test func filesAreWholeBeforeTheirName() throws {
        let directory = try TemporaryDirectory()
        let desk = try Desk(directory)
        #expect(directory.names == ["0000000000000000.seg", "0000000000000001.seg"])
        #expect(try !desk.journal.preparationStep())
        #expect(directory.names.contains("0000000000000002.new"))
        while try !desk.journal.preparationStep() {}
        #expect(!directory.names.contains("0000000000000002.new"))
        for name in directory.names {
            #expect(directory.length(of: name) == JournalLimits.segmentByteCountMin)
        }
        // A draft that a crash left is no part of the journal.
        try FileStore(directory: directory.path, access: .readWrite).createDraft(3)
        #expect(try Found(directory).fault == nil)
        _ = try Desk(directory)
        #expect(!directory.names.contains("0000000000000003.new"))
    }

    @Test func roomIsBounded() throws {
        let desk = try Desk(TemporaryDirectory())
        let queue = desk.journal.queue
        #expect(queue.takeRoom(CommitQueue.capacity))
        #expect(!queue.takeRoom(1))
        queue.returnRoom(CommitQueue.capacity)
        #expect(queue.takeRoom(1))
        queue.returnRoom(1)
        // What waits takes room until it is taken out.
        desk.append(16 << 10)
        #expect(!queue.takeRoom(CommitQueue.capacity))
        _ = try desk.commit()
        #expect(queue.takeRoom(CommitQueue.capacity))
        queue.returnRoom(CommitQueue.capacity)
    }

    @Test func spaceIsBounded() throws {
        let desk = try Desk(TemporaryDirectory())
        let queue = desk.journal.queue
        let free = (64 << 20) - queue.usedByteCount
        #expect(queue.hasSpace(free))
        #expect(!queue.hasSpace(free + 1))
        queue.setAside(1_000)
        #expect(!queue.hasSpace(free - 999))
        queue.setAside(-1_000)
        #expect(queue.hasSpace(free))
    }

    @Test func aDirectoryIsLocked() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/data"
        #expect(throws: DataDirectory.Failure.missing(path)) {
            _ = try DataDirectory(path, lock: .shared)
        }
        do {
            let held = try DataDirectory(path, lock: .exclusive)
            for kind in [DataDirectory.Lock.shared, .exclusive] {
                #expect(throws: DataDirectory.Failure.inUse(path)) {
                    _ = try DataDirectory(path, lock: kind)
                }
            }
            _ = consume held
        }
        let one = try DataDirectory(path, lock: .shared)
        let other = try DataDirectory(path, lock: .shared)
        _ = consume one
        _ = consume other
    }

    @Test func namesAreHexadecimal() {
        #expect(SegmentFile.segment(0x1f).name == "000000000000001f.seg")
        #expect(SegmentFile(name: "000000000000001f.seg") == .segment(0x1f))
        #expect(SegmentFile(name: "000000000000001f.new") == .draft(0x1f))
        for name in ["1f.seg", "000000000000001F.seg", "000000000000001f.tmp", "", "lock"] {
            #expect(SegmentFile(name: name) == nil)
        }
    }
}
