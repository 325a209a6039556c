// SPDX-License-Identifier: Apache-2.0

import Foundation
import Primitives
import StockadeAPI
import Testing

@testable import LoadGenerator

/// Whatever a dump says, it is read or refused with the line's number.
@Suite struct DumpReaderTests {
    private static let journal =
        #"{"kind":"journal","highest_tick":5,"retention_ms":9,"violations":0}"#
    private static let id = String(repeating: "0", count: 31) + "f"
    private static let hold =
        #"{"kind":"hold","reservation_id":"\#(id)","brand":"b","state":"HELD","#
        + #""created_sequence":1,"deadline_tick":7,"ended_tick":null,"order_id":null,"#
        + #""lines":[{"line_number":1,"sku":"sku-0000002","warehouse":"main","granted":3}]}"#

    private func read(_ text: String, brand: String = "b") throws -> [DumpLine] {
        let folder = try TestFolder()
        let path = "\(folder.path)/dump"
        try text.write(toFile: path, atomically: false, encoding: .isoLatin1)
        do {
            var reader = try DumpReader(path, brand: brand, skus: 3)
            var lines: [DumpLine] = []
            while let line = try reader.next() { lines.append(line) }
            return lines
        } catch {
            throw OracleFault(error.explanation.replacingOccurrences(of: path, with: "D"))
        }
    }

    private func fault(_ line: String) -> String {
        do {
            _ = try read("\(DumpReaderTests.journal)\n\(line)\n")
            return "fine"
        } catch { return (error as? OracleFault)?.explanation ?? "\(error)" }
    }

    @Test func whatTheServerWritesIsRead() throws {
        let golden = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Protocols/golden/journal")
        for name in ["server.jsonl", "server-orders.jsonl", "all-types.jsonl"] {
            let path = golden.appendingPathComponent(name).path
            let wanted = try String(contentsOfFile: path, encoding: .ascii)
                .split(separator: "\n")
                .filter { $0.contains(#""brand":"ACME""#) || $0.contains(#""kind":"journal""#) }
            var reader = try DumpReader(path, brand: "ACME", skus: 3)
            var count = 0
            while try reader.next() != nil { count += 1 }
            #expect(count == wanted.count)
            #expect(count > 5)
        }
    }

    @Test func aHoldIsRead() throws {
        let lines = try read("\(DumpReaderTests.journal)\n\(DumpReaderTests.hold)\n")
        #expect(
            lines == [
                .journal(DumpJournal(highestTick: 5, retentionMilliseconds: 9, violations: 0)),
                .hold(
                    DumpHold(
                        id: ClientID(high: 0, low: 15), state: .held, createdSequence: 1,
                        deadlineTick: 7, legs: [DumpLeg(line: 1, sku: 2, units: 3)])),
            ])
    }

    @Test func unknownFieldsAndKindsAreSkipped() throws {
        let extra =
            #""later":{"a":[1,-2.5e+3,{"lines":[]},"x\"\u00ff"],"b":null}, "more":[[true],false],"#
        let hold = DumpReaderTests.hold.replacingOccurrences(
            of: #""state""#, with: extra + #""state""#)
        let later = #"{"kind":"later","brand":7}"#
        let lines = try read("\(DumpReaderTests.journal)\n\(later)\n\(hold)\n")
        #expect(lines.count == 2)
    }

    @Test func brandsAreTakenLiterally() throws {
        let quoted = DumpReaderTests.hold.replacingOccurrences(
            of: #""brand":"b""#, with: #""brand":"a\"\\b""#)
        let text = "\(DumpReaderTests.journal)\n\(quoted)\n\(DumpReaderTests.hold)\n"
        #expect(try read(text, brand: #"a"\b"#).count == 2)
        #expect(try read(text, brand: #"a\"\\b"#).count == 1)
    }

    @Test(arguments: [
        ("", "cut off, at byte 1"), ("[]", "not an object, at byte 1"),
        (#"{"kind":"hold""#, "cut off, at byte 15"),
        (#"{"kind":"hold"}x"#, "more than an object, at byte 16"),
        (#"{"kind":"hold",}"#, "not a text, at byte 16"), ("{}", "no field kind, at byte 1"),
        (#"{"kind":7}"#, "kind isn't a text, at byte 9"),
        (#"{"kind" "hold"}"#, "not a colon, at byte 9"),
        (#"{"kind":"hold","kind":"hold"}"#, "a field comes twice, at byte 16"),
        (#"{"kind":"hold"}"#, "no field brand, at byte 1"),
        (#"{"kind":"hold","brand":"b"}"#, "no field state, at byte 1"),
        (#"{"kind":"\x"}"#, "not an escape, at byte 11"),
        (#"{"kind":"\u00"}"#, "not an escape, at byte 14"),
        (#"{"kind":"\u00zz"}"#, "not an escape, at byte 14"),
        (#"{"kind":"\"#, "cut off, at byte 11"),
        ("{\"kind\":\"\u{e9}\"}", "not printable ASCII, at byte 10"),
        (#"{"a":01,"kind":"x"}"#, "a number with a leading zero, at byte 6"),
        (#"{"a":-,"kind":"x"}"#, "not a number, at byte 6"),
        (#"{"a":1.e,"kind":"x"}"#, "not a number, at byte 6"),
        (#"{"a":nul,"kind":"x"}"#, "not null, at byte 9"),
        (#"{"a":[1 2]}"#, "neither a comma nor the end, at byte 9"),
    ])
    func hostileLinesAreRefused(_ line: String, _ what: String) {
        #expect(fault(line) == "D:2: \(what)")
    }

    @Test(arguments: [
        (#""deadline_tick":7"#, #""deadline_tick":-7"#, "deadline_tick isn't a whole number"),
        (#""deadline_tick":7"#, #""deadline_tick":7.0"#, "deadline_tick isn't a whole number"),
        (
            #""deadline_tick":7"#, #""deadline_tick":18446744073709551616"#,
            "deadline_tick is too large"
        ),
        (#""granted":3"#, #""granted":9223372036854775807"#, "granted is too large"),
        (#""granted":3"#, #""gr":3"#, "no field granted"),
        (#""line_number":1"#, #""line_number":4294967296"#, "line_number is too large"),
        ("HELD", "LOST", "an unknown state"),
        ("00f", "00F", "reservation_id isn't 32 hexadecimal digits"),
        ("00f", "0f", "reservation_id isn't 32 hexadecimal digits"),
        (#"[{"line"#, #"[7,{"line"#, "not an object"),
        (#""lines":["#, #""lines":7,"l":["#, "lines isn't a list"),
    ])
    func hostileFieldsAreRefused(_ from: String, _ to: String, _ what: String) {
        let line = DumpReaderTests.hold.replacingOccurrences(of: from, with: to)
        #expect(fault(line).hasPrefix("D:2: \(what), at byte "), "\(fault(line))")
    }

    @Test func deepNestingIsRefused() {
        let deep = String(repeating: "[", count: 500_000)
        #expect(fault(#"{"a":"# + deep) == "D:2: nested too deep, at byte 22")
    }

    @Test func theFilesFormIsChecked() throws {
        let journal = DumpReaderTests.journal
        #expect(throws: OracleFault("D: empty")) { try read("") }
        #expect(throws: OracleFault("D:1: not the journal's line: no dump of stockade check")) {
            try read("\(DumpReaderTests.hold)\n")
        }
        #expect(throws: OracleFault("D:2: cut off: the line doesn't end")) {
            try read("\(journal)\n\(DumpReaderTests.hold)")
        }
        let long = String(repeating: " ", count: 1 << 20)
        #expect(throws: OracleFault("D:2: longer than 1048576 bytes")) {
            try read("\(journal)\n\(long) \n")
        }
        #expect(fault(long.dropLast(DumpReaderTests.hold.count) + DumpReaderTests.hold) != "fine")
    }

    /// Every single byte changed: read or refused, and never a crash.
    @Test func anyByteMayBeWrong() throws {
        let line = Array(DumpReaderTests.hold.utf8)
        let parser = DumpParser(brand: "b", skus: 3)
        var refused = 0
        for index in line.indices {
            for byte in [0x00, 0x22, 0x2c, 0x30, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d, 0xff] as [UInt8] {
                var changed = line
                changed[index] = byte
                do {
                    _ = try parser.parse(changed.span)
                } catch { refused += 1 }
            }
            let cut = Array(line[..<index])
            do {
                _ = try parser.parse(cut.span)
                Issue.record("a line without its end was read")
            } catch {}
        }
        #expect(refused > line.count)
    }
}
