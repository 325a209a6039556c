// SPDX-License-Identifier: Apache-2.0

import Histogram

@testable import LoadGenerator

/// A made-up flash sale: 30 seconds, a rush of 122 times the rate before, the server killed at the peak.
enum ReportSample {
    /// Three SKUs of 4,000 units.
    static let units: Int64 = 4_000

    static func record(isRight: Bool = true) -> RunRecord {
        var record = RunRecord()
        record.name = "double11-dealers"
        record.runID = "7f3a91c2d4e5b601"
        record.seed = 20_261_111
        record.brand = "run-7f3a91c2d4e5b601"
        record.target = "127.0.0.1:50051"
        record.startUnixMilliseconds = 1_794_326_400_000
        record.seconds = 30.4
        record.version = LoadGeneratorVersion.text
        record.commandLine = [
            "stampede", "run", "sale.yaml", "--server-command",
            "stockade serve --listen {listen} --data /var/lib/sale", "--seed", "20261111",
        ]
        record.environment = [
            .init("Processor", "2 × AMD EPYC 7B13"), .init("Kernel", "Linux 6.1.0"),
            .init("Shared with the server", "cores 0-1"),
        ]
        record.stages = stages
        record.slices = (0..<30).map(slice)
        record.events = [
            RunEvent(seconds: 12, kind: "kill", text: "SIGKILL to the server"),
            RunEvent(seconds: 14, kind: "restart", text: "the server listens again"),
            RunEvent(seconds: 22.5, kind: "cut", text: "2 of 16 connections closed"),
        ]
        record.calls = calls(record.slices)
        fill(&record.lag, count: 200_000, median: 18, spread: 1.6)
        fill(&record.wait, count: 200_000, median: 40, spread: 2)
        record.journeys = journeys
        record.burnDown = (0..<3).map(burnDown)
        record.flashUnits = 3 * units
        record.flashUnitsSold = isRight ? 3 * units : 3 * units - 7
        record.validity.findings = findings
        record.checks = checks(isRight: isRight)
        record.journalChecked = true
        record.objectives = objectives(isRight: isRight)
        if !isRight {
            record.ending.exitCode = 4
            record.ending.verdict = "FAIL"
            record.ending.reasons = [
                "duplicate: 3 ids had two effects", "Reserve.p99 < 10ms was missed: 12.4 ms",
            ]
        }
        return record
    }

    /// The rush as the stage says it, journeys per second.
    private static func rate(_ second: Int) -> Double {
        switch second {
        case ..<10: 500
        case 25...: 500
        default: 500 + 60_500 / (1 + Double(second - 10) / 5).squareRoot()
        }
    }

    private static func slice(_ second: Int) -> Slice {
        var slice = Slice()
        slice.second = second
        slice.due = Int(rate(second) * (1 + 0.03 * wave(second)))
        slice.sent = slice.due
        let isDown = second == 12 || second == 13
        let shareGranted = second < 14 ? 0.62 : second < 17 ? 0.2 : 0.05
        let ended = isDown ? slice.due / 40 : second == 14 ? slice.due * 2 : slice.due
        slice.ok = Int(Double(ended) * shareGranted)
        slice.failed = isDown ? slice.due / 50 : 0
        slice.refused = ended - slice.ok - slice.failed
        slice.retried = isDown ? slice.due * 3 : second == 14 ? 9_000 : 0
        slice.inFlight = isDown ? slice.due * (second - 11) : 30 + slice.due / 400
        slice.statuses[0] = slice.ok
        slice.statuses[9] = slice.refused
        slice.statuses[17] = slice.failed
        let load = Double(slice.due) / 61_000
        let base = isDown ? 900_000 : second == 14 ? 400_000 : 300 + 2_500 * load * load
        slice.p50 = UInt64(base)
        slice.p90 = UInt64(base * 1.9)
        slice.p99 = UInt64(base * (3 + wave(second)))
        slice.p999 = UInt64(base * 6)
        slice.max = UInt64(base * 11)
        slice.lagP99 = UInt64(40 + 60 * load)
        if second == 13 {
            // Nothing ended.
            slice.ok = 0
            slice.refused = 0
            slice.failed = 0
            slice.statuses = Slice().statuses
            (slice.p50, slice.p90, slice.p99, slice.p999, slice.max) = (0, 0, 0, 0, 0)
        }
        return slice
    }

    private static func wave(_ second: Int) -> Double { Double(second * 7 % 11) / 11 - 0.5 }

    private static var stages: [StageRecord] {
        [("warmup", 0.0, 5.0), ("before", 5, 5), ("T0", 10, 15), ("recovery", 25, 5)].map {
            var stage = StageRecord()
            (stage.name, stage.begin, stage.seconds) = $0
            stage.isMeasured = stage.name != "warmup"
            stage.offered = stage.name == "T0" ? 560_113 : 2_500
            stage.begun = stage.offered
            fill(
                &stage.response, count: stage.name == "T0" ? 300_000 : 3_000, median: 900, spread: 2
            )
            return stage
        }
    }

    private static func calls(_ slices: [Slice]) -> [CallRecord] {
        let all = slices.reduce(0) { $0 + $1.ok + $1.refused + $1.failed }
        return CallKind.allCases.map { kind in
            var call = CallRecord(kind)
            let share = [0.25, 0.45, 0.15, 0.05, 0.07, 0.03][Int(kind.rawValue)]
            call.ok = Int(Double(all) * share * (kind == .reserve ? 0.3 : 1))
            call.refused = kind == .reserve ? Int(Double(all) * share * 0.7) : 0
            call.failed = kind == .reserve ? 1_874 : 12
            call.retried = kind == .reserve ? 31_337 : 400
            call.replays = kind == .reserve ? 1_204 : 0
            if kind == .reserve {
                call.reasons = [("INSUFFICIENT_STOCK", call.refused - 90), ("SKU_UNKNOWN", 90)]
            }
            let median = [420.0, 1_150, 980, 700, 1_200, 800][Int(kind.rawValue)]
            let count = kind == .release ? 4_000 : 60_000
            fill(&call.response, count: count, median: median, spread: 2.1)
            fill(&call.service, count: count, median: median * 0.7, spread: 1.8)
            return call
        }
    }

    private static var journeys: JourneyCounts {
        var journeys = JourneyCounts()
        journeys.offered = 567_613
        journeys.begun = 567_613
        journeys.completed = 150_200
        journeys.refused = 415_500
        journeys.failed = 1_913
        return journeys
    }

    private static func burnDown(_ number: Int) -> BurnDown {
        var stock = BurnDown(sku: "sku-000000\(number)", units: units)
        for second in 0...30 {
            let gone = max(0, Double(second) - 9.6) * [1_450, 900, 420][number]
            let available = max(0, units - Int64(gone))
            let held = min(units - available, Int64(second < 26 ? 500 : 0))
            stock.points.append(
                .init(
                    seconds: Double(second), available: available, held: held,
                    allocated: units - available - held))
        }
        return stock
    }

    private static var findings: [Validity.Finding] {
        [
            .init(
                name: "achieved / offered", verdict: .valid, text: "100% of 567,613, at least 99%"),
            .init(name: "schedule lag", verdict: .valid, text: "p99 96 µs, at most 620 µs"),
            .init(name: "generator CPU", verdict: .valid, text: "61% of one core, below 85%"),
            .init(name: "samples", verdict: .valid, text: "every printed percentile has enough"),
            .init(
                name: "same machine", verdict: .degraded,
                text: "generator and server share cores 0-1; the server took 118%, we 61%"),
        ]
    }

    private static func checks(isRight: Bool) -> [CheckResult] {
        CheckName.allCases.map { name in
            var check = CheckResult(
                name, level: name == .undersold ? .warn : .fail, outcome: .passed)
            check.extent = "182,334 reservations, 12,000 units"
            if name == .undersold {
                check.outcome = .notChecked("the scenario has no closing phase")
            }
            if name == .duplicate, !isRight {
                check.outcome = .failed
                check.count = 3
                check.counterexamples = (1...3).map {
                    "reserve 9c1d00000000000\($0)-4e5b due 12.04\($0) s answered 14.21\($0) s: "
                        + "reservations 88120\($0) and 88121\($0)"
                }
            }
            return check
        }
    }

    private static func objectives(isRight: Bool) -> [ObjectiveResult] {
        [
            ObjectiveResult(
                objective: Objective(
                    text: "Reserve.p99 < 10ms", metric: .response(.reserve, percentile: 99),
                    comparison: .less, bound: 10_000), figure: isRight ? 4_150 : 12_400,
                isKept: isRight),
            ObjectiveResult(
                objective: Objective(
                    text: "GetStock.p99.9 < 20ms", metric: .response(.getStock, percentile: 99.9),
                    comparison: .less, bound: 20_000), figure: 8_310, isKept: true),
            ObjectiveResult(
                objective: Objective(
                    text: "error_rate < 0.5%", metric: .errorRate, comparison: .less, bound: 0.005),
                figure: 0.0021, isKept: true),
            ObjectiveResult(
                objective: Objective(
                    text: "recovery_time < 10s", metric: .recoveryTime, comparison: .less, bound: 10
                ),
                figure: isRight ? 3.2 : nil, isKept: isRight),
        ]
    }

    /// Values whose logarithms lie evenly around the median's, with a long tail.
    static func fill(
        _ latency: inout RunRecord.Latency, count: Int, median: Double, spread: Double
    ) {
        let steps = 400
        for step in 0..<steps {
            let share = (Double(step) + 0.5) / Double(steps) * 2 - 1
            let factor = 1 + share * share * share * (spread - 1) * (share > 0 ? 2.5 : 0.45)
            latency.record(UInt64(max(1, median * factor)), count: UInt64(count / steps))
        }
        for tail in 0..<20 {
            latency.record(UInt64(median * spread * Double(4 + tail * tail / 4)), count: 3)
        }
    }
}
