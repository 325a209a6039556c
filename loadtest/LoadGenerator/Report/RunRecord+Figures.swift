// SPDX-License-Identifier: Apache-2.0

internal import Histogram

/// What is reckoned from a record, in one place, so that no two outputs differ.
extension RunRecord {
    /// Every kind's `response` together.
    var response: Latency { calls.reduce(into: Self.emptyLatency) { $0.add($1.response) } }

    /// Every kind's `service` together.
    var service: Latency { calls.reduce(into: Self.emptyLatency) { $0.add($1.service) } }

    /// Calls with a final answer or none for good.
    var callCount: Int { calls.reduce(0) { $0 + $1.count } }

    /// Calls that failed for good.
    var failedCount: Int { calls.reduce(0) { $0 + $1.failed } }

    /// Final answers by status number, as in `Slice.statuses`.
    var statuses: [Int] {
        slices.reduce(into: [Int](repeating: 0, count: ReportNames.statuses.count)) { sums, slice in
            for (place, count) in slice.statuses.enumerated() where place < sums.count {
                sums[place] += count
            }
        }
    }

    /// The end of the time axis: whatever lasted longest.
    var extent: Double {
        let slicesEnd = slices.last.map { Double($0.second + 1) } ?? 0
        let stagesEnd = stages.last.map { $0.begin + $0.seconds } ?? 0
        return max(1, seconds, slicesEnd, stagesEnd)
    }

    /// The stage at a time; past the last: `closing`.
    func stage(at second: Double) -> String {
        if let stage = stages.last(where: { $0.begin <= second }) {
            return second < stage.begin + stage.seconds ? stage.name : "closing"
        }
        return ""
    }

    /// `PASS`, and what it doesn't cover.
    var verdictLine: String {
        ending.verdict == "PASS" && !journalChecked
            ? "PASS (client side only)" : ending.verdict
    }

    /// The decisive reason.
    var decisiveReason: String {
        if let first = ending.reasons.first { return first }
        guard ending.exitCode == 0 else { return ReportNames.exitCode(ending.exitCode) }
        let passed = checks.filter { $0.outcome == .passed }.count
        return "\(passed) checks hold, the measurement is \(validity.verdict.rawValue), "
            + "\(objectives.filter(\.isKept).count) of \(objectives.count) objectives kept"
    }
}

extension CallRecord {
    /// Calls with a final answer or none for good.
    var count: Int { ok + refused + failed }
}

extension CheckResult {
    /// One word, for programs.
    var outcomeName: String {
        switch outcome {
        case .passed: "passed"
        case .failed: level == .warn ? "warned" : "failed"
        case .notChecked: "not_checked"
        }
    }
}

/// A percentile of a histogram, where it has one.
enum Quantile {
    /// Calls that must lie beyond a percentile before it is said.
    static let beyondMin = 10.0

    /// Nil: fewer than ten calls lie beyond it, so that it says nothing. 100 is the largest.
    static func value(_ latency: RunRecord.Latency, _ percentile: Double) -> UInt64? {
        guard latency.totalCount > 0 else { return nil }
        if percentile >= 100 { return latency.maxRecorded }
        let beyond = Double(latency.totalCount) * (100 - percentile) / 100
        // 10,000 calls are enough for p99.9, whatever 100 - 99.9 is in binary.
        guard beyond + 1e-6 >= beyondMin else { return nil }
        return latency.valueAtPercentile(percentile)
    }

    /// `2.31 ms`, or `n/a`.
    static func text(_ latency: RunRecord.Latency, _ percentile: Double) -> String {
        value(latency, percentile).map { FigureText.microseconds($0) } ?? "n/a"
    }
}
