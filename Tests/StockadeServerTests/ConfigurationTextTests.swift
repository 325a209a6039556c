// SPDX-License-Identifier: Apache-2.0

import Testing

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
        "log:\n...\n", "%YAML 1.2\n---\nlog:\n", "---\n", "log:\n  level: a # b\n",
    ])
    func whatIsFine(_ text: String) { #expect(ConfigurationText(text).faults.isEmpty) }

    /// A text, where its fault is, and a word of what is said.
    @Test(arguments: [
        ("log:\n  level: &a info", 2, 10, "anchors"),
        ("log: &a\n  level: info", 1, 6, "anchors"),
        ("&a log:\n  level: info", 1, 1, "anchors"),
        ("log:\n  level: *a", 2, 10, "alias"),
        ("log:\n  level: !!str info", 2, 10, "tags"),
        ("log:\n  level: !!str 'info'", 2, 10, "tags"),
        ("log:\n  level: ! info", 2, 10, "tags"),
        ("log: !!map\n", 1, 6, "tags"),
        ("!x log:\n", 1, 1, "tags"),
        ("log:\n  level: |", 2, 10, "several lines"),
        ("log:\n  level: |-\n    |-", 2, 10, "several lines"),
        ("log:\n  level: >-", 2, 10, "several lines"),
        ("log:\n  level: a\n    b", 2, 10, "one line"),
        ("log:\n  level: 'a\n    b'", 2, 10, "one line"),
        ("log:\n  level: \"a\\\n    b\"", 2, 10, "one line"),
        ("log: {level: info}", 1, 6, "section"),
        ("{log: {level: info}}", 1, 1, "braces"),
        ("log:\n  level: [info]", 2, 10, "brackets"),
        ("log:\n  - level: info", 2, 3, "lists"),
        ("- log", 1, 1, "lists"),
        ("log:\n  level: - x", 2, 10, "sequence"),
        ("? log", 1, 3, "key: value"),
        ("log:\n  ? level\n  : info", 2, 5, "key: value"),
        ("log:\n  level info", 2, 3, "key: value"),
        ("log:\n  level:info", 2, 3, "key: value"),
        ("log:\n  level : info", 2, 3, "a colon"),
        ("log:\n  \"level\": info", 2, 3, "without quotes"),
        ("log:\n  level:", 2, 3, "no value"),
        ("log:\n  level: # info", 2, 3, "no value"),
        ("log:\n  level:\n    info", 2, 3, "no value"),
        ("log:\n  level:\n    info: x", 2, 3, "no value"),
        ("log:\n  level: a: b", 2, 11, "quotes"),
        ("log:\n  level: a:", 2, 11, "quotes"),
        ("log:\n  level: 'info", 2, 15, "2:10"),
        ("log:\n  level: \"info", 2, 15, "2:10"),
        ("log:\n  level: \"in\\nfo\"", 2, 10, "escapes"),
        ("log:\n  level: 'info' x", 2, 17, "expected key"),
        ("log:\n  level: %x", 2, 10, "quotes"),
        ("log:\n\tlevel: info", 2, 1, "tab"),
        ("log:\n  level: in\u{0}fo", 2, 12, "U+0"),
        ("log:\n  level: in\u{2028}fo", 2, 12, "U+2028"),
        ("log:\n  level: in\u{85}fo", 2, 12, "U+85"),
        ("log:\n  level: in\rfo", 2, 12, "U+D"),
        ("log:\n  level: info\n   format: text", 3, 10, "not allowed"),
        ("log:\n   level: info\n  format: text", 3, 3, "expected key"),
        ("  level: info", 1, 10, "section"),
        ("log: info", 1, 6, "section"),
        ("log: ''", 1, 6, "section"),
        ("log", 1, 1, "section"),
        ("log:\n  level: a\n  level: b", 2, 3, "again"),
        ("log:\n  level: a\nlog:\n  format: b", 1, 1, "again"),
        ("log:\n---\n", 2, 1, "single document"),
        ("---\n---\n", 2, 1, "single document"),
        ("--- log:\n", 1, 8, "not allowed"),
        ("%YAML 2.0\n---\n", 1, 1, "incompatible"),
    ])
    func faults(_ text: String, _ line: Int, _ column: Int, _ word: String) throws {
        let fault = try #require(ConfigurationText(text).faults.first)
        #expect(fault.place == .init(line: line, column: column), "\(fault.text)")
        #expect(fault.text.contains(word), "\(fault.text)")
    }

    /// All that is YAML and nothing that we take; of what isn't YAML, the first.
    @Test func everyFaultIsFound() {
        let text = ConfigurationText("log:\n  a: |\n    b\n  c: [d]\nx: y\n")
        #expect(text.faults.map(\.place.line) == [2, 4, 5])
    }

    /// Each of these is made to cost a parser its stack or its time. That the test ends is a part of
    /// what it shows.
    @Test(arguments: [
        ("[", 60_000, ""), ("{", 60_000, ""), ("- ", 30_000, ""), ("? ", 30_000, ""),
        ("[a: ", 15_000, ""), ("[", 900, "]"), ("? ", 900, ""),
    ])
    func depthIsRefused(_ open: String, _ depth: Int, _ close: String) {
        let text =
            String(repeating: open, count: depth) + "a" + String(repeating: close, count: depth)
        #expect(ConfigurationText(text).faults.count == 1)
        #expect(ConfigurationText("log: \(text)").faults.count == 1)
    }

    @Test func blocksInBlocksAreRefused() {
        let lines = (0..<340).map { String(repeating: " ", count: $0) + "a:\n" }
        #expect(ConfigurationText(lines.joined()).faults.count == 1)
    }

    /// Lists of lists of lists, and a key made of them: to hash it would take hours.
    @Test func aliasesDoNotUnfold() throws {
        var text = "a: &a [x, x, x, x]\n"
        for (former, name) in zip("abcdefghijklm", "bcdefghijklmn") {
            text +=
                "\(name): &\(name) ["
                + Array(repeating: "*\(former)", count: 8).joined(separator: ", ")
            text += "]\n"
        }
        let fault = try #require(ConfigurationText(text + "? *n\n: x\n").faults.first)
        #expect(fault.text.contains("16 asterisks"))
        #expect(fault.place.line == 4)
    }

    @Test func asterisksMayStandInComments() {
        let stars = String(repeating: "*", count: 80)
        let text = "# \(stars)\nlog: # \(stars.prefix(15))\n  # \(stars)\n  level: '*'\n"
        #expect(ConfigurationText(text).faults.isEmpty)
        #expect(!ConfigurationText(text + "journal: # *\n").faults.isEmpty)
    }
}
