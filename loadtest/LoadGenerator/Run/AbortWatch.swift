// SPDX-License-Identifier: Apache-2.0

/// Looks second by second whether a run is to be stopped.
struct AbortWatch {
    private let rules: [AbortRule]
    private var held: [Int]

    init(_ rules: [AbortRule]) {
        self.rules = rules
        held = [Int](repeating: 0, count: rules.count)
    }

    /// Judges a second; the rule that ends the run, if one does.
    mutating func judge(_ slice: Slice) -> AbortRule? {
        for (index, rule) in rules.enumerated() {
            let figure = AbortWatch.figure(rule.condition.metric, of: slice)
            if let figure {
                let isTrue = rule.condition.comparison.holds(figure, rule.condition.bound)
                held[index] = isTrue ? held[index] + 1 : 0
            } else if slice.inFlight > 0, held[index] > 0 {
                // Nothing is heard while calls are open: what was true is not over.
                held[index] += 1
            }
            if held[index] >= rule.seconds { return rule }
        }
        return nil
    }

    /// What a second says of a metric; nil: nothing. A second has the percentiles of all calls only, and
    /// of the usual ranks: a rule takes the next one above its own.
    static func figure(_ metric: Metric, of slice: Slice) -> Double? {
        switch metric {
        case .response(_, let percentile):
            // Calls are open and nothing is heard: that is slower than any bound.
            guard slice.max > 0 else { return slice.inFlight > 0 ? .infinity : nil }
            return Double(
                percentile <= 50
                    ? slice.p50
                    : percentile <= 90
                        ? slice.p90
                        : percentile <= 99
                            ? slice.p99 : percentile <= 99.9 ? slice.p999 : slice.max)
        case .errorRate:
            let ended = slice.ok + slice.refused + slice.failed + slice.shed
            return ended == 0 ? nil : Double(slice.failed + slice.shed) / Double(ended)
        case .achieved: return slice.due == 0 ? nil : Double(slice.sent) / Double(slice.due)
        case .lag: return Double(slice.lagP99)
        case .inFlight: return Double(slice.inFlight)
        case .recoveryTime: return nil
        }
    }
}
