// SPDX-License-Identifier: Apache-2.0

internal import Histogram

/// Holds a run's figures against the bounds that its scenario names.
enum ObjectiveJudge {
    /// Calls that a percentile needs so that at least ten lie above it.
    static func samplesNeeded(_ percentile: Double) -> Int {
        percentile >= 100 ? 1 : Int((10 / (1 - percentile / 100)).rounded())
    }

    /// Every bound with its figure.
    static func judge(_ objectives: [Objective], _ record: RunRecord) -> [ObjectiveResult] {
        objectives.map { objective in
            let figure = figure(objective.metric, record)
            let isKept = figure.map { objective.comparison.holds($0, objective.bound) } ?? false
            return ObjectiveResult(objective: objective, figure: figure, isKept: isKept)
        }
    }

    private static func figure(_ metric: Metric, _ record: RunRecord) -> Double? {
        switch metric {
        case .response(let kind, let percentile):
            var latency = RunRecord.emptyLatency
            for call in record.calls where kind == nil || call.kind == kind {
                latency.add(call.response)
            }
            return value(latency, percentile)
        case .errorRate:
            guard record.measuredCalls > 0 else { return nil }
            return Double(record.measuredFailures) / Double(record.measuredCalls)
        case .achieved:
            guard record.journeys.offered > 0 else { return nil }
            return Double(record.journeys.begun) / Double(record.journeys.offered)
        case .lag(let percentile): return value(record.lag, percentile)
        case .inFlight: return record.slices.map { Double($0.inFlight) }.max()
        case .recoveryTime: return recoverySeconds(record)
        }
    }

    private static func value(_ latency: RunRecord.Latency, _ percentile: Double) -> Double? {
        guard Int(latency.totalCount) >= samplesNeeded(percentile) else { return nil }
        return Double(latency.valueAtPercentile(percentile))
    }

    /// From each fault to the end of the first second in which nothing failed and p99 is at most twice what
    /// it was in the last whole second before, or 5 ms: the longest. Nil when it never came back.
    private static func recoverySeconds(_ record: RunRecord) -> Double? {
        var longest = 0.0
        // Postgres too: nobody who buys may notice that it is away.
        let faults = ["kill", "stop", "cut", "postgres-kill", "postgres-stop"]
        for event in record.events where faults.contains(event.kind) {
            let second = Int(event.seconds)
            let before = record.slices.last { $0.second < second && $0.max > 0 }?.p99 ?? 0
            let bound = max(5_000, 2 * before)
            let after = record.slices.first {
                $0.second > second && $0.ok + $0.refused > 0 && $0.failed == 0 && $0.p99 <= bound
            }
            guard let after else { return nil }
            longest = max(longest, Double(after.second + 1) - event.seconds)
        }
        return longest
    }
}
