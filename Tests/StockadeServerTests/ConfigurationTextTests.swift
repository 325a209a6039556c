// SPDX-License-Identifier: Apache-2.0

import Testing
import Yams

@testable import StockadeServer

/// The reader of a configuration's text.
@Suite struct ConfigurationTextTests {
    @Test func aWholeFile() {
        let text = ConfigurationText(
            """
            ---
            # Sale of the eleventh.
            server:            # where
              listen: 127.0.0.1:7007   # a comment
              loops: 2

            journal:
                data: '/var/it''s # here'
                max: "64\\\\MiB \\"x\\""
            log:

            """)
        #expect(text.faults.isEmpty)
        #expect(text.sections.map(\.name) == ["server", "journal", "log"])
        #expect(
            text.entries.map { "\($0.section).\($0.name)=\($0.value.text)" } == [
                "server.listen=127.0.0.1:7007", "server.loops=2",
                "journal.data=/var/it's # here", "journal.max=64\\MiB \"x\"",
            ])
        #expect(text.entries.map(\.value.isQuoted) == [false, false, true, true])
        #expect(text.entries[2].value.place == .init(line: 8, column: 11))
    }

    @Test(arguments: [
        "", "\n\n", "# nothing\n", "server:\n", "\u{feff}log:\n  level: info\n",
        "log:\r\n  level: info\r\n", "log:\n level: a#b\n", "log:\n  level: a:b\n",
    ])
    func whatIsFine(_ text: String) { #expect(ConfigurationText(text).faults.isEmpty) }

    /// A text, where its fault is, and a word of what is said.
    @Test(arguments: [
        ("log:\n  level: &a info", 2, 10, "anchors"),
        ("log:\n  level: *a", 2, 10, "anchors"),
        ("log:\n  level: !!str info", 2, 10, "tags"),
        ("!x log:\n", 1, 1, "tags"),
        ("log:\n  level: |", 2, 10, "several lines"),
        ("log:\n  level: >-", 2, 10, "several lines"),
        ("log: {level: info}", 1, 6, "section"),
        ("{log: {level: info}}", 1, 1, "braces"),
        ("log:\n  level: [info]", 2, 10, "brackets"),
        ("log:\n  - level: info", 2, 3, "lists"),
        ("- log", 1, 1, "lists"),
        ("log:\n  level: - x", 2, 10, "lists"),
        ("? log", 1, 1, "key: value"),
        ("log:\n  level info", 2, 3, "key, a colon"),
        ("log:\n  level:info", 2, 3, "key, a colon"),
        ("log:\n  level :info", 2, 3, "key, a colon"),
        ("log:\n  \"level\": info", 2, 3, "key, a colon"),
        ("log:\n  level:", 2, 3, "no value"),
        ("log:\n  level: # info", 2, 3, "no value"),
        ("log:\n  level: a: b", 2, 11, "quotes"),
        ("log:\n  level: a:", 2, 11, "quotes"),
        ("log:\n  level: 'info", 2, 10, "closed"),
        ("log:\n  level: \"info", 2, 10, "closed"),
        ("log:\n  level: \"in\\nfo\"", 2, 14, "escapes"),
        ("log:\n  level: 'info' x", 2, 16, "behind"),
        ("log:\n  level: %x", 2, 10, "quotes"),
        ("log:\n\tlevel: info", 2, 1, "tab"),
        ("log:\n  level: in\u{0}fo", 2, 12, "U+0"),
        ("log:\n  level: in\u{2028}fo", 2, 12, "U+2028"),
        ("log:\n  level: in\u{85}fo", 2, 12, "U+85"),
        ("log:\n  level: info\n   format: text", 3, 4, "otherwise"),
        ("log:\n   level: info\n  format: text", 3, 3, "otherwise"),
        ("log:\n  level:\n    info: x", 2, 3, "no value"),
        ("  level: info", 1, 3, "no section"),
        ("log: info", 1, 6, "section"),
        ("log:\n  level: a\n  level: b", 3, 3, "line 2"),
        ("log:\n  level: a\nlog:\n  format: b", 3, 1, "line 1"),
        ("log:\n---\n", 2, 1, "one document"),
        ("---\n---\n", 2, 1, "one document"),
        ("log:\n...\n", 2, 1, "one document"),
        ("--- log:\n", 1, 5, "follow"),
        ("%YAML 1.2\n---\n", 1, 1, "quotes"),
    ])
    func faults(_ text: String, _ line: Int, _ column: Int, _ word: String) throws {
        let fault = try #require(ConfigurationText(text).faults.first)
        #expect(fault.place == .init(line: line, column: column))
        #expect(fault.text.contains(word), "\(fault.text)")
    }

    @Test func everyFaultIsFound() {
        let text = ConfigurationText("log:\n  a b\n  c: [d]\nx: y\n")
        #expect(text.faults.map(\.place.line) == [2, 3, 4])
    }

    /// Whatever is taken, a whole YAML reader takes, and reads the same.
    @Test func aWholeReaderReadsTheSame() throws {
        var random = Seeded(state: 19)
        var taken = 0
        for _ in 0..<20_000 {
            let text = ConfigurationTextTests.draft(&random)
            let ours = ConfigurationText(text)
            guard ours.faults.isEmpty else { continue }
            taken += 1
            var theirs: [String: String] = [:]
            for (section, block) in try #require(
                try Yams.compose(yaml: text)?.mapping ?? (ours.sections.isEmpty ? [:] : nil),
                "\(text)")
            {
                let entries = block.mapping.map { Array($0) } ?? []
                for (key, value) in entries {
                    let name = "\(section.scalar?.string ?? "?").\(key.scalar?.string ?? "?")"
                    theirs[name] = value.scalar?.string ?? "not a scalar"
                }
                #expect(block.mapping != nil || block.scalar?.string == "", "\(text)")
            }
            let read = Dictionary(
                ours.entries.map { ("\($0.section).\($0.name)", $0.value.text) },
                uniquingKeysWith: { first, _ in first })
            try #require(read == theirs, "\(text)")
        }
        #expect(taken > 1_000, "only \(taken) drafts were taken")
    }

    /// Some lines of sections and keys, with marks of YAML strewn in.
    private static func draft(_ random: inout Seeded) -> String {
        let marks = [
            "#", " #", ":", ": ", "'", "''", "\"", "\\\\", "\\\"", "-", "- ", "&a", "*", "!", "|",
            "[", "]", "{", "}", ",", "?", "%", "@", "`", "~", "null", "1_0", "é", " ", "...", "---",
            "\t", "=", "<<", "x y",
        ]
        var lines: [String] = []
        if Int.random(in: 0..<8, using: &random) == 0 { lines.append("---") }
        for section in 0..<Int.random(in: 1...3, using: &random) {
            lines.append("s\(section):")
            let indent = String(repeating: " ", count: Int.random(in: 1...4, using: &random))
            for key in 0..<Int.random(in: 0...3, using: &random) {
                var value =
                    ["a", "host=x", "'q'", "\"d\"", "64MiB"].randomElement(using: &random) ?? ""
                for _ in 0..<Int.random(in: 0...2, using: &random) {
                    let place = value.indices.randomElement(using: &random) ?? value.endIndex
                    let at = Bool.random(using: &random) ? value.endIndex : place
                    value.insert(contentsOf: marks.randomElement(using: &random) ?? "", at: at)
                }
                lines.append("\(indent)k\(key): \(value)")
            }
            if Int.random(in: 0..<20, using: &random) == 0 {
                lines.append(marks.randomElement(using: &random) ?? "")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// The same drafts in every run.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
