// SPDX-License-Identifier: Apache-2.0

import Foundation
import Journal
import Primitives
import Synchronization
import Testing

/// Reading behind a journal that is being written.
@Suite struct JournalTailTests {
    private func tail(
        _ directory: TemporaryDirectory, from sequence: UInt64 = 1
    ) throws -> JournalTail<FileStore> {
        try JournalTail(FileStore(directory: directory.path, access: .readOnly), from: sequence)
    }

    /// The sequences of all that can be read up to `durable`.
    private func sequences(
        _ tail: inout JournalTail<FileStore>, upTo durable: UInt64
    ) throws -> [UInt64] {
        var sequences: [UInt64] = []
        while try tail.next(upTo: durable) != nil {
            tail.visitRecords { _, position in
                sequences.append(position.sequence)
                return .next
            }
        }
        return sequences
    }

    @Test func itFollowsWhatIsDurable() throws {
        let directory = try TemporaryDirectory()
        let desk = try Desk(directory)
        var tail = try tail(directory)
        #expect(try tail.next(upTo: 0) == nil)
        for round in 0..<50 {
            for _ in 0...round { desk.append() }
            // Appended, and not durable.
            #expect(try tail.next(upTo: desk.journal.durableSequence) == nil)
            let first = desk.journal.durableSequence + 1
            _ = try desk.commit()
            if round % 3 == 0 { _ = try desk.seal() }
            let durable = desk.journal.durableSequence
            let read = try sequences(&tail, upTo: durable)
            #expect(read == Array(first...durable))
            #expect(tail.nextSequence == durable + 1 && tail.epoch == 1)
            #expect(
                tail.bytesBehind(desk.journal.queue.usedByteCount) == (round % 3 == 0 ? 4_096 : 0))
        }
        #expect(tail.identity == Desk.identity)
        // The last block is written once more by whoever begins again.
        let again = try Desk(directory)
        let last = again.append()
        _ = try again.commit()
        let read = try sequences(&tail, upTo: last)
        #expect(read == [last])
        #expect(tail.epoch == 2)
    }

    @Test func itBeginsAnywhereAndCrossesSegments() throws {
        let directory = try TemporaryDirectory()
        let desk = try Desk(directory)
        var whole = try tail(directory)
        var read: [UInt64] = []
        for _ in 0..<40 {
            for _ in 0..<32 { desk.append(16 << 10) }
            while try desk.commit() == .noSegment {
                while try !desk.journal.preparationStep() {}
            }
            read += try sequences(&whole, upTo: desk.journal.durableSequence)
        }
        let durable = desk.journal.durableSequence
        #expect(durable == 40 * 32 && read == Array(1...durable))
        #expect(whole.position == desk.journal.queue.usedByteCount)
        for first in [1, 2, 32, 33, 500, 511, 512, 513, 1_000, durable - 1, durable] {
            var tail = try tail(directory, from: first)
            let read = try sequences(&tail, upTo: durable)
            #expect(read == Array(first...durable), "from \(first)")
            #expect(tail.position == whole.position)
        }
        // Only what the wanted segment has is stepped over.
        var late = try tail(directory, from: durable)
        #expect(try sequences(&late, upTo: durable).count == 1)
        #expect(late.bytesRead < JournalLimits.segmentByteCountMin)
        // What isn't written yet comes when it is.
        var future = try tail(directory, from: durable + 2)
        #expect(try future.next(upTo: durable) == nil)
        for _ in 0..<3 { desk.append() }
        _ = try desk.commit()
        let came = try sequences(&future, upTo: durable + 3)
        #expect(came == [durable + 2, durable + 3])
    }

    @Test func aWalkStopsAndGoesOn() throws {
        let directory = try TemporaryDirectory()
        let desk = try Desk(directory)
        for _ in 0..<10 { desk.append() }
        _ = try desk.commit()
        var tail = try tail(directory, from: 3)
        #expect(try tail.next(upTo: 10)?.firstSequence == 1)
        var seen: [UInt64] = []
        tail.visitRecords { _, position in
            seen.append(position.sequence)
            return position.sequence == 6 ? .stop : .next
        }
        tail.visitRecords(from: 9) { _, position in
            seen.append(position.sequence)
            return .next
        }
        #expect(seen == [3, 4, 5, 6, 9, 10])
    }

    /// Blocks: 0 seal, 1 to 4 of one record each; each a sector, from byte 4096.
    @Test func whatIsDurableAndBrokenIsDamage() throws {
        let name = "0000000000000000.seg"
        for byte in [0, 9, 20, 44, 60, 64, 70, 100] as [UInt64] {
            let directory = try TemporaryDirectory()
            let desk = try Desk(directory)
            for _ in 0..<4 {
                desk.append()
                _ = try desk.commit()
            }
            // The last one, too: that it was durable is known here.
            for block in [4, 2] as [UInt64] {
                let place = 4_096 * (block + 1) + byte
                let old = try directory.read(name, at: place, count: 1)
                try directory.overwrite(name, at: place, with: [old[0] ^ 4])
                var tail = try tail(directory)
                var count: UInt64 = 0
                do throws(JournalFault) {
                    while try tail.next(upTo: 4) != nil { count += 1 }
                    Issue.record("damage wasn't seen")
                } catch {
                    #expect(error.isCorruption && error.offset == Int(4_096 * (block + 1)))
                    #expect(error.explanation.contains(name))
                }
                #expect(count == block - 1)
                // Up to there it is read.
                var before = try self.tail(directory)
                #expect(try sequences(&before, upTo: block - 1).count == Int(block - 1))
            }
        }
    }

    @Test func brokenAndMissingSegmentsAreDamage() throws {
        let directory = try TemporaryDirectory()
        let desk = try Desk(directory)
        for _ in 0..<20 {
            for _ in 0..<32 { desk.append(16 << 10) }
            while try desk.commit() == .noSegment {
                while try !desk.journal.preparationStep() {}
            }
        }
        let second = "0000000000000001.seg"
        try directory.overwrite(second, at: 20, with: [1])
        var broken = try tail(directory)
        #expect(throws: JournalFault.self) { _ = try sequences(&broken, upTo: 640) }
        #expect(broken.nextSequence == 481, "fifteen blocks are in the first one")
        try FileManager.default.removeItem(atPath: "\(directory.path)/\(second)")
        let file = try FileStore(directory: directory.path, access: .readOnly)
        #expect(throws: JournalFault.self) {
            var tail = try JournalTail(file, from: 1)
            while try tail.next(upTo: 640) != nil {}
        }
    }

    @Test func anEmptyDirectoryHasNothingYet() throws {
        let directory = try TemporaryDirectory()
        var tail = try tail(directory)
        #expect(try tail.next(upTo: 0) == nil && tail.identity == nil && tail.position == 0)
        let desk = try Desk(directory)
        desk.append()
        _ = try desk.commit()
        #expect(try sequences(&tail, upTo: 1) == [1])
        #expect(tail.identity == Desk.identity)
    }
}
