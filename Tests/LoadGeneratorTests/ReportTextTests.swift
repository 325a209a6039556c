// SPDX-License-Identifier: Apache-2.0

import Histogram
import Testing

@testable import LoadGenerator

/// A run's record as texts for a terminal and for programs.
@Suite struct ReportTextTests {
    @Test func figuresHaveThreeDigitsAndAUnit() {
        #expect(FigureText.grouped(1_203_442) == "1,203,442")
        #expect(FigureText.grouped(-999) == "-999")
        #expect(FigureText.microseconds(999.0) == "999 µs")
        #expect(FigureText.microseconds(UInt64(999_400)) == "999 ms")
        #expect(FigureText.microseconds(999_600.0) == "1.00 s")
        #expect(FigureText.microseconds(2_312.0) == "2.31 ms")
        #expect(FigureText.count(61_249) == "61.2k")
        #expect(FigureText.count(999_950) == "1M")
        #expect(FigureText.seconds(3_900) == "1 h 5 min")
        #expect(FigureText.percent(3, of: 0) == "0%")
        #expect(FigureText.fixed(-0.004, 2) == "0.00")
        #expect(FigureText.fixed(.infinity, 2) == "n/a")
        #expect(
            FigureText.instant(unixMilliseconds: 1_794_355_200_999) == "2026-11-11 00:00:00 UTC")
        #expect(FigureText.instant(unixMilliseconds: 951_782_400_000) == "2000-02-29 00:00:00 UTC")
    }

    @Test func aPercentileNeedsTenCallsBeyondIt() {
        var latency = RunRecord.emptyLatency
        latency.record(1_000, count: 9_999)
        #expect(Quantile.value(latency, 99.9) == nil)
        latency.record(1_000)
        #expect(Quantile.value(latency, 99.9) == 1_000)
        #expect(Quantile.value(latency, 99.99) == nil)
        #expect(Quantile.value(RunRecord.emptyLatency, 100) == nil)
    }

    @Test func theVerdictIsTheFirstLine() {
        let wrong = ReportSample.record(isRight: false).verdictText(colour: false)
        #expect(wrong.hasPrefix("FAIL  double11-dealers: duplicate: 3 ids had two effects\n"))
        #expect(wrong.contains("reserve 9c1d000000000001"))
        var record = ReportSample.record()
        #expect(record.verdictText(colour: false).hasPrefix("PASS  double11-dealers: "))
        record.journalChecked = false
        #expect(record.verdictText(colour: false).hasPrefix("PASS (client side only)  "))
    }

    @Test func whatHappenedIsSaidWithItsTime() {
        var record = ReportSample.record()
        let text = record.verdictText(colour: false)
        #expect(
            text.contains(
                """
                What happened
                    12 s  SIGKILL to the server
                    14 s  the server listens again
                  22.5 s  2 of 16 connections closed

                """))
        record.events = (1...99).map {
            RunEvent(seconds: Double($0), kind: "cut", text: "number \($0)")
        }
        let many = record.verdictText(colour: false)
        #expect(many.contains("number 20\n  and 79 more, in the report\n"))
        record.events = []
        #expect(!record.verdictText(colour: false).contains("What happened"))
    }

    @Test func withoutColourItIsASCIIAndWithoutCodes() {
        let text = ReportSample.record(isRight: false).verdictText(colour: false)
        #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || (0x20..<0x7f).contains($0.value) })
        #expect(text.contains("us"), "µ has a substitute")
        #expect(text.count { $0 == "?" } == 2, "two titles ask; nothing of ours lacks a substitute")
    }

    @Test func findingsInOrderAreOnlyCounted() {
        let text = ReportSample.record().verdictText(colour: true)
        #expect(text.contains("same machine: generator and server share"))
        #expect(text.contains("DEGRADED  4 of 5 in order"))
        #expect(!text.contains("generator CPU"))
    }

    @Test func marginsAreSharesOfTheBound() {
        func margin(_ comparison: Comparison, _ bound: Double, _ figure: Double?) -> String {
            let objective = Objective(
                text: "", metric: .achieved, comparison: comparison, bound: bound)
            let isKept = figure.map { comparison.holds($0, bound) } ?? false
            return ObjectiveResult(objective: objective, figure: figure, isKept: isKept).marginText
        }
        #expect(margin(.less, 0.5, 0.25) == "50% to spare")
        #expect(margin(.less, 0.5, 0.6) == "20% beyond")
        #expect(margin(.atLeast, 0.5, 0.6) == "20% to spare")
        #expect(margin(.atMost, 0, 0) == "kept")
        #expect(margin(.atMost, 0, 0.01) == "by 1%")
        #expect(margin(.less, 0.5, nil) == "")
    }

    @Test func everyLineOfTheSeriesHasTheSameColumns() {
        var record = ReportSample.record()
        record.stages[2].name = "=T0,\u{301}\"rush\"\n2"
        let lines = record.timeSeriesCSV().split(separator: "\n")
        #expect(lines.count == 31)
        let columns = lines[0].split(separator: ",", omittingEmptySubsequences: false).count
        for line in lines {
            // The odd parts between quotes are inside a field.
            let outside = line.split(separator: "\"", omittingEmptySubsequences: false)
                .enumerated().filter { $0.offset % 2 == 0 }.map(\.element).joined()
            let found = outside.split(separator: ",", omittingEmptySubsequences: false).count
            #expect(found == columns, "\(line)")
        }
        #expect(lines[11].hasPrefix("10,\"'=T0,\u{301}\"\"rush\"\" 2\","))
        #expect(lines[14].contains(",,,,,"), "no percentile of a second without an answer")
        #expect(lines[1].hasPrefix("0,warmup,"))
    }

    @Test func aDistributionCountsEveryCall() {
        var latency = RunRecord.emptyLatency
        for value in 1...1_000 { latency.record(UInt64(value) * 1_000) }
        let text = RunRecord().percentileText(latency)
        let lines = text.split(separator: "\n")
        #expect(lines[0] == "       Value     Percentile TotalCount 1/(1-Percentile)")
        let rows = lines.dropFirst().filter { !$0.hasPrefix("#") }.map { $0.split(separator: " ") }
        #expect(rows.first?.prefix(2) == ["1.000", "0.000000000000"])
        #expect(rows.contains { $0[1] == "0.500000000000" && $0[2] == "500" && $0[3] == "2.00" })
        #expect(rows.last?.count == 3)
        #expect(rows.last?[1] == "1.000000000000")
        #expect(rows.last?[2] == "1000")
        #expect(text.contains("Total count    =         1000]"))
        #expect(RunRecord().percentileText(RunRecord.emptyLatency).contains("=            0]"))
    }

    @Test func theSummaryIsStrictJSON() throws {
        let summary = try StrictJSON.read(ReportSample.record(isRight: false).summaryJSON())
        #expect(summary["schema_version"] == .number(1))
        #expect(summary["exit_code"] == .number(4))
        #expect(summary["verdict"] == .string("FAIL"))
        let duplicate = summary["checks"]?[4]
        #expect(duplicate?["name"] == .string("duplicate"))
        #expect(duplicate?["outcome"] == .string("failed"))
        #expect(duplicate?["count"] == .number(3))
        #expect(summary["checks"]?[8]?["outcome"] == .string("not_checked"))
        #expect(summary["calls"]?[3]?["response_us"]?["p999"] == .null, "too few calls")
        #expect(summary["calls"]?[1]?["response_us"]?["p50"] != .null)
        #expect(summary["stages"]?[0]?["measured"] == .flag(false))
        #expect(summary["stock"]?[0]?["sold_out_s"] == .number(13))
        #expect(summary["flash_units"] == .number(12_000))
        #expect(summary["flash_units_sold"] == .number(11_993))
        #expect(summary["statuses"]?["FAILED_PRECONDITION"] != nil)
        #expect(summary["objectives"]?[3]?["figure"] == .null)
    }

    @Test func hostileTextsStayTexts() throws {
        var record = ReportSample.record(isRight: false)
        let hostile = "\"\\\u{1b}[31m\n\u{202e}\u{0}</script>ä\u{10ffff}"
        record.name = hostile
        record.checks[4].counterexamples = [hostile]
        record.seconds = .nan
        let summary = try StrictJSON.read(record.summaryJSON())
        #expect(summary["name"] == .string(hostile), "what is read back is what was written")
        #expect(summary["checks"]?[4]?["counterexamples"]?[0] == .string(hostile))
        #expect(summary["duration_s"] == .null)
        let text = record.verdictText(colour: false)
        #expect(!text.contains("\u{1b}") && !text.contains("\u{202e}"))
        #expect(text.hasPrefix("FAIL  \"\\?[31m"))
    }

    @Test func anEmptyRecordHasTexts() throws {
        let record = RunRecord()
        #expect(record.verdictText(colour: true).contains("nothing was checked"))
        #expect(record.timeSeriesCSV().split(separator: "\n").count == 1)
        #expect(try StrictJSON.read(record.summaryJSON())["calls"] == .array([]))
        #expect(record.reportHTML().hasSuffix("</html>\n"))
    }
}
