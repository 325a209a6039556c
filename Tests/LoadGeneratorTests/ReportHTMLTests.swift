// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import LoadGenerator

/// A run's record as one page.
@Suite struct ReportHTMLTests {
    /// Tags that are never closed.
    private static let voidTags: Set<Substring> = ["meta", "!DOCTYPE"]

    /// The page's tags in order, without their angle brackets.
    private func tags(_ html: String) -> [Substring] {
        html.split(separator: "<").dropFirst(html.hasPrefix("<") ? 0 : 1).map { part in
            part.prefix { $0 != ">" }
        }
    }

    @Test func everyTagIsClosedInOrder() {
        var open: [Substring] = []
        for tag in tags(ReportSample.record(isRight: false).reportHTML()) {
            let name = tag.prefix { $0 != " " && $0 != "/" || $0 == "/" && tag.hasPrefix("/") }
            if tag.hasPrefix("/") {
                #expect(open.popLast() == name.dropFirst(), "\(tag)")
            } else if !tag.hasSuffix("/"), !Self.voidTags.contains(name) {
                open.append(name)
            }
        }
        #expect(open.isEmpty)
    }

    /// The closing phase sells after the last reading: that isn't what was sold.
    @Test func whatIsSoldIsWhatTheJournalHasInTheEnd() {
        var record = ReportSample.record(isRight: false)
        for index in record.burnDown.indices {
            record.burnDown[index].points[record.burnDown[index].points.count - 1].allocated = 3_000
        }
        #expect(
            record.reportHTML().contains("<b>11,993</b> <span>of 12,000 flash units sold</span>"))
        record.flashUnitsSold = nil
        #expect(
            record.reportHTML().contains(
                "<b>9,000</b> <span>of 12,000 flash units sold when the stages ended</span>"))
        record.burnDown = []
        #expect(!record.reportHTML().contains("flash units sold"))
    }

    @Test func nothingIsAskedOfTheNetwork() {
        let html = ReportSample.record(isRight: false).reportHTML()
        for word in ["http:", "https:", "src=", "url(", "@import", "<script", "<link", "<iframe"] {
            #expect(!html.contains(word), "\(word)")
        }
        let links = html.split(separator: "href=\"").dropFirst()
        #expect(!links.isEmpty)
        for link in links {
            let target = link.prefix { $0 != "\"" }
            #expect(target.hasPrefix("#"))
            #expect(html.contains("id=\"\(target.dropFirst())\""), "\(target)")
        }
        let identities = html.split(separator: " id=\"").dropFirst().map {
            $0.prefix { $0 != "\"" }
        }
        #expect(Set(identities).count == identities.count)
    }

    @Test func everyPictureAndTableSaysWhatItIs() {
        let html = ReportSample.record().reportHTML()
        let pictures = tags(html).filter { $0.hasPrefix("svg ") }
        #expect(pictures.filter { $0.contains("role=\"img\"") }.count == 6)
        #expect(
            pictures.allSatisfy {
                $0.contains("aria-labelledby=") || $0.contains("aria-hidden=\"true\"")
            })
        let tables = html.split(separator: "<table").dropFirst()
        #expect(tables.count >= 8)
        #expect(tables.allSatisfy { $0.contains("<caption>") && $0.contains("scope=\"col\"") })
    }

    @Test func theVerdictComesFirst() throws {
        let html = ReportSample.record(isRight: false).reportHTML()
        let body = try #require(html.split(separator: "<body>").last)
        let words = [
            "FAIL", "duplicate: 3 ids", "Exit code 4", "Was the sale right?", "<h2>Charts",
        ]
        let places = try words.map { word in
            try #require(body.firstRange(of: word)?.lowerBound, "\(word)")
        }
        #expect(places == places.sorted())
    }

    @Test func hostileTextsStayTexts() {
        var record = ReportSample.record(isRight: false)
        let hostile = "\"'><script>alert(1)</script>&amp;\u{202e}\u{1b}[0m\u{0}<img src=x>"
        record.name = hostile
        record.runID = hostile
        record.brand = hostile
        record.target = hostile
        record.version = hostile
        record.commandLine = [hostile, String(repeating: "<", count: 100_000)]
        record.environment = [.init(hostile, hostile)]
        for place in record.stages.indices { record.stages[place].name = hostile }
        for place in record.burnDown.indices { record.burnDown[place].sku = hostile }
        record.events = [RunEvent(seconds: 3, kind: hostile, text: hostile)]
        record.calls[1].reasons = [(hostile, 3)]
        record.validity.findings = [.init(name: hostile, verdict: .invalid, text: hostile)]
        for place in record.checks.indices {
            record.checks[place].extent = hostile
            record.checks[place].counterexamples = [hostile]
        }
        record.checks[0].outcome = .notChecked(hostile)
        for place in record.objectives.indices { record.objectives[place].objective.text = hostile }
        record.ending.verdict = hostile
        record.ending.reasons = [hostile, hostile]
        let html = record.reportHTML()
        for word in ["<script", "<img", "\u{202e}", "\u{1b}", "\u{0}"] {
            #expect(!html.contains(word), "\(word.debugDescription)")
        }
        #expect(
            html.contains("&quot;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;??[0m?"))
        #expect(html.utf8.count < 400_000)
        let known = tags(ReportSample.record(isRight: false).reportHTML()).map { tag in
            tag.prefix { $0 != " " }
        }
        #expect(Set(tags(html).map { tag in tag.prefix { $0 != " " } }).subtracting(known).isEmpty)
    }

    @Test func aDayOfFiftySKUsFits() {
        var record = ReportSample.record()
        var noise: UInt64 = 1
        func next(_ bound: Int) -> Int {
            noise = noise &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(noise >> 33) % bound
        }
        record.slices = (0..<86_400).map { second in
            var slice = Slice()
            slice.second = second
            slice.due = next(60_000)
            slice.sent = next(60_000)
            slice.ok = next(60_000)
            slice.refused = next(60_000)
            slice.failed = next(60_000)
            slice.retried = next(60_000)
            slice.inFlight = next(60_000)
            // Every so often nothing ends: gaps must not break the bound either.
            let base = UInt64(next(20) == 0 ? 0 : 100 + next(5_000))
            (slice.p50, slice.p90, slice.p99) = (base, base * 2, base * 5)
            (slice.p999, slice.max) = (base * 30, base * 300)
            return slice
        }
        record.seconds = 86_400
        record.burnDown = (0..<50).map { number in
            var stock = BurnDown(sku: "sku-\(number)", units: 1_000_000)
            stock.points = (0..<2_000).map { point in
                .init(
                    seconds: Double(point) * 43.2, available: Int64(next(1_000_000)),
                    held: Int64(next(1_000)), allocated: Int64(next(1_000)))
            }
            return stock
        }
        record.events = (0..<5_000).map {
            RunEvent(seconds: Double($0) * 17, kind: "cut", text: "2 of 16 connections closed")
        }
        let html = record.reportHTML()
        #expect(html.utf8.count < 400_000)
        #expect(html.contains("timeseries.csv has all"))
    }

    @Test func thinningKeepsPeaksAndDips() {
        var points = (0..<10_000).map { ChartPoint(x: Double($0), y: 5) }
        points[1_234].y = 900
        points[7_777].y = 0
        let kept = ChartSeries.thinned(points, to: 600)
        #expect(kept.count <= 600)
        #expect(kept.contains(ChartPoint(x: 1_234, y: 900)))
        #expect(kept.contains(ChartPoint(x: 7_777, y: 0)))
        #expect(kept.map(\.x) == kept.map(\.x).sorted())
        let high = ChartSeries.thinned(points, to: 600, keeping: .highest)
        #expect(high.count <= 600)
        #expect(high.contains(ChartPoint(x: 1_234, y: 900)))
        #expect(!high.contains { $0.y == 0 })
    }

    @Test func axesHaveRoundTicks() {
        #expect(
            ChartScale.counts(upTo: 61_249, unit: "", suffix: "/s").ticks.map(\.label)
                == ["0", "20k/s", "40k/s", "60k/s", "80k/s"])
        #expect(ChartScale.counts(upTo: 0, unit: "").ticks.map(\.label) == ["0", "1"])
        #expect(
            ChartScale.latency(300...2_300_000).ticks.map(\.label)
                == ["100 µs", "1 ms", "10 ms", "100 ms", "1 s", "10 s"])
        #expect(
            ChartScale.latency(1_000...1_000).ticks.map(\.label) == [
                "1 ms", "2 ms", "5 ms", "10 ms",
            ])
        #expect(ChartScale.time(upTo: 600).ticks.map(\.label).last == "10:00")
        #expect(ChartScale.time(upTo: 86_400).ticks.map(\.label)[1] == "3:00")
    }
}
