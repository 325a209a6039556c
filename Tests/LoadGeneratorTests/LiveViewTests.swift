// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import LoadGenerator

/// The live picture on a terminal of any size.
@Suite struct LiveViewTests {
    /// A run as far as it was known at a time.
    private func record(at second: Int) -> RunRecord {
        var record = ReportSample.record()
        record.slices = Array(record.slices.prefix(second))
        record.events = record.events.filter { $0.seconds <= Double(second) }
        record.name = "促销-double11-👀"
        record.burnDown[0].sku = "连衣裙-红-\u{1b}[2J-XL"
        return record
    }

    /// The lines of a frame without codes.
    private func lines(_ frame: String) -> [String] {
        var text = ""
        var isCode = false
        for scalar in frame.unicodeScalars {
            if scalar == "\u{1b}" {
                isCode = true
            } else if !isCode {
                text.unicodeScalars.append(scalar)
            } else if scalar != "[", !("0"..."9").contains(scalar), scalar != ";" {
                isCode = false
            }
        }
        // A line's end is two scalars, but one character.
        return text.split(separator: "\r\n", omittingEmptySubsequences: false).dropLast()
            .map { String($0.filter { $0 != "\r" }) }
    }

    @Test(arguments: [(80, 24), (40, 10), (200, 60), (12, 3), (1, 1)], [true, false])
    func itNeverLeavesItsBlock(size: (columns: Int, rows: Int), colour: Bool) {
        var view = LiveView(columns: size.columns, rows: size.rows, colour: colour)
        for second in 0...30 {
            let lines = lines(view.frame(record(at: second), now: Double(second), duration: 30))
            #expect(lines.count <= max(size.rows - 1, 1))
            for line in lines { #expect(TextWidth.of(line) <= size.columns, "\(line)") }
        }
    }

    @Test func aFrameCoversTheOneBefore() {
        var view = LiveView(columns: 80, rows: 24, colour: false)
        let first = view.frame(record(at: 20), now: 20, duration: 30)
        #expect(first.hasPrefix("\u{1b}[2K"))
        let count = lines(first).count
        #expect(view.frame(record(at: 3), now: 3, duration: 30).hasPrefix("\u{1b}[\(count)A\r"))
        let shorter = lines(view.frame(record(at: 20), now: 20, duration: 30)).count
        #expect(shorter == count)
    }

    @Test func theLastWholeSecondIsShown() {
        var view = LiveView(columns: 80, rows: 24, colour: false)
        let known = record(at: 13)
        let text = lines(view.frame(known, now: 12.4, duration: 30)).joined(separator: "\n")
        #expect(text.contains("offered \(spaced(FigureText.count(known.slices[11].due) + "/s"))"))
        #expect(text.contains("stage T0"))
        #expect(text.contains("12 s of 30 s, 41%"))
        #expect(text.contains("kill"))
        #expect(text.contains("SIGKILL to the server"))
    }

    private func spaced(_ figure: String) -> String { "   " + TextTable.right(figure, 9) }

    @Test func aLateGeneratorIsCalledLate() {
        var late = record(at: 20)
        late.slices[19].lagP99 = late.slices[19].p99 / 20 + 101
        var view = LiveView(columns: 80, rows: 24, colour: false)
        #expect(view.frame(late, now: 20, duration: 30).contains("LATE"))
        #expect(!view.frame(record(at: 20), now: 20, duration: 30).contains("LATE"))
        #expect(LiveView.line(late.slices[19], stage: "T0", record: late).contains("LATE"))
    }

    @Test func withoutColourOnlyTheCursorMoves() {
        var view = LiveView(columns: 80, rows: 24, colour: false)
        _ = view.frame(record(at: 4), now: 4, duration: 30)
        let frame = view.frame(record(at: 20), now: 20, duration: 30)
        #expect(!frame.contains("\u{1b}[3") && !frame.contains("\u{1b}[1m"))
        #expect(frame.unicodeScalars.allSatisfy { $0.isASCII })
        #expect(!frame.contains("[2J\u{1b}"), "a SKU can't clear the screen")
    }

    @Test func aPlainLineIsOneLine() {
        let record = record(at: 30)
        let line = LiveView.line(record.slices[12], stage: "T0\u{1b}[2J\n", record: record)
        #expect(line.hasPrefix("13 s  T0?[2J   offered "))
        #expect(line.unicodeScalars.allSatisfy { (0x20..<0x7f).contains($0.value) })
    }

    @Test func anEventHasAPlainLine() {
        #expect(
            LiveView.line(RunEvent(seconds: 12.5, kind: "kill", text: "kill -9 of\u{1b}[2J\nit"))
                == "12.5 s  * kill -9 of?[2J it")
    }

    @Test func barsAndSparksKeepTheirEnds() {
        #expect(Sparkline.bar(0.001, width: 4) == "█░░░")
        #expect(Sparkline.bar(0.999, width: 4) == "███░")
        #expect(Sparkline.bar(0, width: 2) == "░░")
        #expect(Sparkline.text([0, 1, 4, 8], width: 3) == "▁▄█")
        #expect(Sparkline.text([0, 0], width: 9) == "  ")
    }
}
