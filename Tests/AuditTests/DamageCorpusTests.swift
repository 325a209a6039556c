// SPDX-License-Identifier: Apache-2.0

import Journal
import Testing

@testable import Audit

/// A journal, damaged in every way that a disk or a person may: the verdicts are another hand's
/// (`Protocols/golden/make_journal.py`), who says what each line of the corpus means.
@Suite struct DamageCorpusTests {
    private typealias Segments = [UInt64: [UInt8]]

    private static func verdict(_ segments: Segments) throws -> String {
        do {
            let (summary, violations, _) = try GoldenJournal.audit(segments)
            #expect(violations == [])
            return summary.tornByteCount > 0
                ? "torn \(summary.lastSequence)" : "fine \(summary.lastSequence)"
        } catch let fault as AuditFault {
            #expect(fault.isCorruption)
            #expect(fault.explanation.contains(".seg, b"), "\(fault.explanation)")
            return "corrupt"
        } catch let fault as JournalFault {
            #expect(fault.isCorruption)
            #expect(fault.explanation.contains(".seg, b"), "\(fault.explanation)")
            return "corrupt"
        }
    }

    static let lines = (try? GoldenJournal.lines("corpus.txt")) ?? []

    @Test func theCorpusIsThere() {
        #expect(DamageCorpusTests.lines.count > 150)
        for word in ["flip", "cut", "grow", "clear", "swap", "copy", "remove", "splice"] {
            #expect(DamageCorpusTests.lines.contains { $0.hasPrefix(word) }, "\(word)")
        }
        // What can't be told from a torn write, as documented: the last block without a seal.
        #expect(DamageCorpusTests.lines.contains { $0.hasSuffix("torn 20") })
    }

    @Test(arguments: lines) func eachDamageGetsItsVerdict(line: String) throws {
        let parts = line.split(separator: ":").map(String.init)
        let words = parts[0].split(separator: " ").map(String.init)
        let expected = parts[1].trimmingPrefix(" ")
        let numbers = words.dropFirst().compactMap { Int($0) }
        let whole = try GoldenJournal.segments("corpus")
        if words[0] == "flip" {
            for byte in stride(from: numbers[1], through: numbers[2], by: numbers[3]) {
                for bit in words[5] == "all" ? 0..<8 : byte % 8..<byte % 8 + 1 {
                    var segments = whole
                    segments[UInt64(numbers[0])]?[byte] ^= 1 << UInt8(bit)
                    let verdict = try DamageCorpusTests.verdict(segments)
                    #expect(verdict == expected, "byte \(byte), bit \(bit)")
                }
            }
            return
        }
        let damaged = try DamageCorpusTests.damage(whole, words[0], numbers)
        #expect(try DamageCorpusTests.verdict(damaged) == expected)
    }

    private static func damage(
        _ whole: Segments, _ what: String, _ numbers: [Int]
    ) throws -> Segments {
        var segments = whole
        let first = UInt64(numbers[0])
        switch what {
        case "cut":
            let bytes = try #require(segments[first])
            segments[first] = Array(bytes.prefix(numbers[1]))
        case "grow": segments[first]?.append(contentsOf: repeatElement(0, count: numbers[1]))
        case "clear":
            for byte in numbers[1]..<numbers[1] + numbers[2] { segments[first]?[byte] = 0 }
        case "swap", "copy":
            let second = UInt64(numbers[2])
            let range = numbers[1]..<numbers[1] + JournalFormat.sectorByteCount
            let target = numbers[3]..<numbers[3] + JournalFormat.sectorByteCount
            let one = try #require(whole[first]?[range])
            let other = try #require(whole[second]?[target])
            segments[second]?.replaceSubrange(target, with: one)
            if what == "swap" { segments[first]?.replaceSubrange(range, with: other) }
        case "remove": segments[first] = nil
        case "exchange":
            segments[first] = whole[UInt64(numbers[1])]
            segments[UInt64(numbers[1])] = whole[first]
        case "splice":
            segments[first] = try GoldenJournal.segments("corpus-older")[UInt64(numbers[1])]
        default: Issue.record("the corpus has an unknown damage: \(what)")
        }
        return segments
    }

    // MARK: - Whole blocks that say wrong things

    /// Changes the record of a block and seals it again, as a mistake in the writer would.
    private func resealed(_ byte: Int, to value: UInt8) throws -> Segments {
        var segments = try GoldenJournal.segments("corpus")
        // The last block: nothing names it as its predecessor.
        let block = 16_384
        segments[1]?[block + 64 + 16 + byte] = value
        var bytes = try #require(segments[1])
        SealedBlock.reseal(&bytes, block)
        segments[1] = bytes
        return segments
    }

    @Test func anUnknownTypeOfRecordIsNotReadOver() throws {
        let segments = try resealed(2, to: 200)
        let fault = try #require(throws: AuditFault.self) {
            _ = try GoldenJournal.audit(segments)
        }
        #expect(fault.isCorruption)
        #expect(fault.explanation.contains("unknown type 200"))
        #expect(fault.explanation.contains("record 21"))
    }

    @Test func anUnknownFormOfRecordIsNotReadOver() throws {
        let segments = try resealed(3, to: 2)
        let fault = try #require(throws: AuditFault.self) {
            _ = try GoldenJournal.audit(segments)
        }
        #expect(fault.explanation.contains("later version"))
    }

    @Test func aLengthThatDoesNotFitIsDamage() throws {
        let segments = try resealed(0, to: 12)
        let fault = try #require(throws: AuditFault.self) {
            _ = try GoldenJournal.audit(segments)
        }
        #expect(fault.isCorruption)
    }

    @Test func aWrongFigureUnderARightChecksumIsAViolation() throws {
        // The grant's held figure: header 16, id 16, hash 8, dealer and time to live 8, counts 4,
        // leg 12, account 4.
        let segments = try resealed(68, to: 99)
        let (summary, violations, _) = try GoldenJournal.audit(segments)
        #expect(summary.violations > 0)
        #expect(violations.first?.rule == .held)
        #expect(violations.first?.sequence == 21)
        #expect(violations.first?.explanation.contains("record 21 (reserve)") == true)
    }
}
