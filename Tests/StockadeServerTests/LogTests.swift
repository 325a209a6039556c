// SPDX-License-Identifier: Apache-2.0

import Logging
import Synchronization
import Testing

@testable import StockadeServer

@Suite struct LogTests {
    /// What a desk wrote.
    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    private func line(_ message: String, at microseconds: Int64 = 0) -> LogLine {
        LogLine(microseconds: microseconds, level: .info, logger: "test", message: message)
    }

    @Test func aLineIsOneObject() {
        var one = line("said \"hi\"\nto /a/b \u{1b}[31m\u{7f} Grüße", at: 1_795_770_702_000_123)
        one.event = "greeting"
        one.fields = [("after", "7")]
        #expect(
            one.json
                == "{\"ts\":\"2026-11-27T09:11:42.000123Z\",\"level\":\"info\","
                + "\"msg\":\"said \\\"hi\\\"\\nto /a/b \\u001b[31m\\u007f Grüße\","
                + "\"event\":\"greeting\",\"logger\":\"test\",\"fields\":{\"after\":\"7\"}}\n")
    }

    @Test func textStaysOneLineAndPaintsNothing() {
        let text = line("a\nb\u{1b}[2J\u{9b}31m\u{2028}").text
        #expect(
            text
                == "1970-01-01T00:00:00.000000Z info a\\u{a}b\\u{1b}[2J\\u{9b}31m\\u{2028}\n")
    }

    @Test func timesBefore1970HaveTheirFractionToo() {
        #expect(WallText.timestamp(microseconds: -1) == "1969-12-31T23:59:59.999999Z")
    }

    @Test func aLoggerWritesWhatItsLevelAllows() {
        let lines = Lines()
        let desk = LogDesk(isJSON: true) { lines.add($0) }
        var logger = Logger(label: "shop") { _ in desk.handler("shop") }
        logger[metadataKey: "loop"] = "1"
        logger.debug("unseen")
        logger.warning("seen", metadata: ["event": "e"])
        desk.level = .debug
        logger.debug("now seen")
        #expect(lines.all.count == 2)
        #expect(lines.all[0].contains("\"level\":\"warning\",\"msg\":\"seen\",\"event\":\"e\""))
        #expect(lines.all[0].contains("\"fields\":{\"loop\":\"1\"}"))
        let counts = Dictionary(uniqueKeysWithValues: desk.lineCounts.map { ($0.level, $0.count) })
        #expect(counts["warning"] == 1 && counts["debug"] == 1)
    }

    @Test func whatRepeatsItselfIsKeptBackAndCounted() {
        var repeats = LogRepeats()
        for _ in 0..<LogRepeats.burst { #expect(repeats.judge(line("same")) == 0) }
        for _ in 0..<7 { #expect(repeats.judge(line("same", at: 5)) == nil) }
        #expect(repeats.judge(line("other", at: 5)) == 0)
        let later = LogRepeats.windowMicroseconds
        #expect(repeats.judge(line("same", at: later)) == 7)
        #expect(repeats.judge(line("same", at: later)) == 0)
    }

    @Test func onlySoManyLinesAreRemembered() {
        var repeats = LogRepeats()
        for _ in 0..<LogRepeats.burst + 1 { _ = repeats.judge(line("first")) }
        #expect(repeats.judge(line("first")) == nil)
        for number in 0..<LogRepeats.linesMax { _ = repeats.judge(line("\(number)", at: 1)) }
        #expect(repeats.judge(line("first", at: 1)) == 0, "forgotten, so written")
    }
}
