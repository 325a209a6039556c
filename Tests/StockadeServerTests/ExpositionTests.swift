// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import StockadeServer

@Suite struct ExpositionTests {
    private let calls = MetricFamily(.counter, "calls_total", ["what"], max: 2, "Calls.")
    private let times = MetricFamily(.histogram, "time_seconds", [], max: 17, "Times.")

    @Test func theTextFormat() {
        var page = Exposition(.text)
        page.begin(calls)
        page.sample(3, "a\"b\\c\nd")
        page.end()
        #expect(
            page.text == """
                # HELP calls_total Calls.
                # TYPE calls_total counter
                calls_total{what="a\\"b\\\\c\\nd"} 3

                """)
    }

    @Test func openMetricsNamesTheFamilyWithoutTotalAndEnds() {
        var page = Exposition(.openMetrics)
        page.begin(calls)
        page.sample(UInt64.max, "x")
        page.end()
        #expect(
            page.text == """
                # HELP calls Calls.
                # TYPE calls counter
                calls_total{what="x"} 18446744073709551615
                # EOF

                """)
    }

    @Test func aHistogramAddsItsBucketsUp() {
        var page = Exposition(.text)
        page.begin(times)
        var buckets = [UInt64](repeating: 0, count: LatencyBuckets.count)
        buckets[0] = 2
        buckets[4] = 3
        buckets[14] = 1
        page.histogram(buckets, nanoseconds: 2_500_000_000)
        let lines = page.text.split(separator: "\n")
        #expect(lines.count == 2 + LatencyBuckets.count + 2)
        #expect(lines[2] == "time_seconds_bucket{le=\"5e-05\"} 2")
        #expect(lines[6] == "time_seconds_bucket{le=\"0.001\"} 5")
        #expect(lines[15] == "time_seconds_bucket{le=\"1.0\"} 5")
        #expect(lines[16] == "time_seconds_bucket{le=\"+Inf\"} 6")
        #expect(lines[17] == "time_seconds_sum 2.5")
        #expect(lines[18] == "time_seconds_count 6")
    }

    @Test func theBoundsAreThoseOfTheBuckets() {
        let seconds = Exposition.bounds.dropLast().map { (Double($0) ?? 0) * 1e9 }
        #expect(seconds.map { UInt64($0.rounded()) } == LatencyBuckets.bounds)
    }

    @Test func whatAReaderAsksFor() {
        let prometheus = "application/openmetrics-text;version=1.0.0;q=0.8,text/plain;q=0.5"
        #expect(Exposition.Format(accept: prometheus) == .openMetrics)
        #expect(Exposition.Format(accept: "text/html,*/*") == .text)
        #expect(Exposition.Format(accept: nil) == .text)
    }

    @Test func everyMetricKeepsTheRulesOfItsName() {
        let all = MetricCatalogue.all
        #expect(Set(all.map(\.name)).count == all.count)
        for family in all {
            #expect((family.kind == .counter) == family.name.hasSuffix("_total"), "\(family.name)")
            #expect(family.name.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" })
            #expect(family.help.hasSuffix("."), "\(family.name)")
            for word in ["_ms", "_milliseconds", "_kib", "_mb", "_percent"] {
                #expect(!family.name.contains(word), "\(family.name): base units")
            }
        }
    }
}
