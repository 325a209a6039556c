// SPDX-License-Identifier: Apache-2.0

import Foundation
import Journal
import Primitives
import Testing

/// What a crash may leave is cleared away; what was acknowledged and isn't there any more is damage.
@Suite struct DamageTests {
    /// Blocks: 0 seal, 1 to 4 of one record each; each a sector, from byte 4096.
    private func journal(in directory: TemporaryDirectory, sealed: Bool = false) throws {
        let desk = try Desk(directory)
        for _ in 0..<4 {
            desk.append()
            _ = try desk.commit()
        }
        if sealed { _ = try desk.seal() }
    }

    private let name = "0000000000000000.seg"
    private func sector(_ block: Int) -> UInt64 { UInt64(4_096 * (block + 1)) }

    @Test(arguments: [0, 9, 20, 44, 60, 64, 70, 100])
    func aFlipInTheMiddleIsDamage(byte: UInt64) throws {
        let directory = try TemporaryDirectory()
        try journal(in: directory)
        let old = try directory.read(name, at: sector(2) + byte, count: 1)
        try directory.overwrite(name, at: sector(2) + byte, with: [old[0] ^ 4])
        let found = try Found(directory)
        #expect(found.fault?.isCorruption == true)
        #expect(found.fault?.offset == Int(sector(2)))
        #expect(found.records.count == 1, "what lies before it is read")
    }

    /// The last block has no witness behind it: only a seal, or the next block, is one.
    @Test func aFlipInTheLastBlockNeedsASeal() throws {
        for sealed in [false, true] {
            let directory = try TemporaryDirectory()
            try journal(in: directory, sealed: sealed)
            try directory.overwrite(name, at: sector(4) + 100, with: [0xff])
            let found = try Found(directory)
            #expect((found.fault?.isCorruption == true) == sealed)
            if !sealed {
                #expect(found.end?.isTorn == true)
                #expect(found.end?.lastSequence == 3)
            }
        }
    }

    @Test func aTornTailIsCleared() throws {
        let directory = try TemporaryDirectory()
        try journal(in: directory)
        try directory.overwrite(name, at: sector(5) + 512, with: [1, 2, 3])
        try directory.overwrite(name, at: sector(9), with: [1])
        let found = try Found(directory)
        #expect(found.fault == nil)
        #expect(found.end?.isTorn == true)
        #expect(found.end?.lastSequence == 4)
        let desk = try Desk(directory)
        #expect(desk.append() == 5)
        _ = try desk.commit()
        let after = try Found(directory)
        #expect(after.fault == nil && after.end?.isTorn == false)
        #expect(after.records.count == 5)
    }

    @Test func swappedAndCopiedBlocksAreDamage() throws {
        let directory = try TemporaryDirectory()
        try journal(in: directory)
        let one = try directory.read(name, at: sector(1), count: 4_096)
        let two = try directory.read(name, at: sector(2), count: 4_096)
        try directory.overwrite(name, at: sector(1), with: two)
        try directory.overwrite(name, at: sector(2), with: one)
        #expect(try Found(directory).fault?.isCorruption == true)
        let other = try TemporaryDirectory()
        try journal(in: other)
        try other.overwrite(
            name, at: sector(4), with: try other.read(name, at: sector(3), count: 4_096))
        #expect(try Found(other).fault?.isCorruption == true, "a whole block in a wrong place")
    }

    @Test func aZeroedSectorIsDamage() throws {
        for block in 0..<4 {
            let directory = try TemporaryDirectory()
            try journal(in: directory)
            try directory.overwrite(
                name, at: sector(block), with: [UInt8](repeating: 0, count: 4_096))
            #expect(try Found(directory).fault?.isCorruption == true)
        }
        let directory = try TemporaryDirectory()
        try journal(in: directory)
        try directory.overwrite(name, at: 0, with: [UInt8](repeating: 0, count: 4_096))
        #expect(try Found(directory).fault?.isCorruption == true, "the segment's header")
    }

    @Test func aSegmentOfAnotherJournalIsDamage() throws {
        let directory = try TemporaryDirectory()
        try journal(in: directory)
        let other = try TemporaryDirectory()
        try FileManager.default.copyItem(
            atPath: directory.path + "/" + name, toPath: other.path + "/" + name)
        try FileManager.default.copyItem(
            atPath: directory.path + "/" + name,
            toPath: other.path + "/0000000000000001.seg")
        #expect(try Found(other).fault?.isCorruption == true)
    }

    @Test func missingAndShortFilesAreDamage() throws {
        for length in [0, 1, 4_095, 4_096, 8_192, 12_288, (8 << 20) - 4_096] as [UInt64] {
            let directory = try TemporaryDirectory()
            try journal(in: directory)
            let file = try #require(FileHandle(forUpdatingAtPath: "\(directory.path)/\(name)"))
            try file.truncate(atOffset: length)
            try file.close()
            #expect(try Found(directory).fault?.isCorruption == true, "cut to \(length)")
        }
        let directory = try TemporaryDirectory()
        try journal(in: directory)
        try FileManager.default.removeItem(atPath: "\(directory.path)/\(name)")
        #expect(try Found(directory).fault?.isCorruption == true)
    }

    /// A fault says what, where and what to do.
    @Test func faultsExplainThemselves() throws {
        let directory = try TemporaryDirectory()
        try journal(in: directory)
        try directory.overwrite(name, at: sector(2) + 70, with: [0xff, 0xff])
        let text = try #require(try Found(directory).fault?.explanation)
        #expect(text.contains(name) && text.contains("byte 12288") && text.contains("backup"))
    }
}
