// SPDX-License-Identifier: Apache-2.0

/// Reads `Reserve.p99 < 10ms`.
enum ObjectiveText {
    /// What is wrong, and what would be right.
    struct Fault: Error {
        var text: String
    }

    static let metrics =
        CallKind.allCases.map { $0.name + ".p99" }
        + [
            "response.p99", "error_rate", "achieved", "lag.p99", "in_flight", "recovery_time",
        ]
    private static let percentiles: [String: Double] = [
        "p50": 50, "p75": 75, "p90": 90, "p95": 95, "p99": 99, "p999": 99.9, "p9999": 99.99,
        "p99999": 99.999, "max": 100,
    ]

    static func read(_ text: String) throws(Fault) -> Objective {
        let marks: Set<Character> = ["<", ">"]
        guard let start = text.firstIndex(where: { marks.contains($0) }) else {
            throw Fault(
                text: "\(Quoted.text(text)) compares nothing: write a bound such as"
                    + " 'Reserve.p99 < 10ms'")
        }
        let after = text[start...].dropFirst()
        let isEqualToo = after.first == "="
        let comparison = Comparison(rawValue: String(text[start]) + (isEqualToo ? "=" : ""))
        guard let comparison else { throw Fault(text: "\(Quoted.text(text)) compares nothing") }
        let metric = try metric(trimmed(text[..<start]))
        let bound = try read(trimmed(isEqualToo ? after.dropFirst() : after), of: metric)
        if metric.isShare, comparison.holds(0, bound) == comparison.holds(1, bound) {
            let always = comparison.holds(0, bound) ? "always" : "never"
            throw Fault(
                text: "\(Quoted.text(text)) is \(always) true, as a share is 0 % to 100 %: write a"
                    + " bound that a run can keep or miss, such as '\(example(of: metric))'")
        }
        return Objective(text: text, metric: metric, comparison: comparison, bound: bound)
    }

    private static func example(of metric: Metric) -> String {
        metric == .achieved ? "achieved >= 99%" : "error_rate < 1%"
    }

    /// Without blanks around it.
    static func trimmed(_ text: Substring) -> String {
        var text = text.drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    private static func metric(_ text: String) throws(Fault) -> Metric {
        switch text {
        case "error_rate": return .errorRate
        case "achieved": return .achieved
        case "in_flight": return .inFlight
        case "recovery_time": return .recoveryTime
        default: break
        }
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let kind = CallKind.allCases.first { $0.name == parts[0] }
        guard kind != nil || parts[0] == "response" || parts[0] == "lag" else {
            throw Fault(
                text: "unknown figure \(Quoted.text(text))" + hint(text))
        }
        guard parts.count == 2, let percentile = percentile(String(parts[1])) else {
            throw Fault(
                text: "\(Quoted.text(text)) needs a percentile: write \(parts[0]).p50, .p90, .p95,"
                    + " .p99, .p999, .p99.9 or .max")
        }
        return parts[0] == "lag"
            ? .lag(percentile: percentile) : .response(kind, percentile: percentile)
    }

    private static func hint(_ text: String) -> String {
        let first = text.split(separator: ".").first.map(String.init) ?? text
        let names = CallKind.allCases.map(\.name) + ["response", "lag"]
        if let name = NearestName.to(first, among: names) { return "; did you mean '\(name)'?" }
        return NearestName.hint(text, among: metrics)
    }

    private static func percentile(_ text: String) -> Double? {
        if let known = percentiles[text] { return known }
        guard text.hasPrefix("p"), text.contains("."),
            let value = Quantity.number(String(text.dropFirst())), value > 0, value < 100
        else { return nil }
        return value
    }

    private static func read(_ text: String, of metric: Metric) throws(Fault) -> Double {
        let (value, expected): (Double?, String) =
            switch metric {
            case .response, .lag:
                (Quantity.duration(text).map { Double($0) / 1_000 }, "a duration such as 10ms")
            case .recoveryTime:
                (
                    Quantity.duration(text).map { Double($0) / 1_000_000_000 },
                    "a duration such as 10s"
                )
            case .errorRate, .achieved:
                (
                    Quantity.share(text).flatMap { $0 <= 1 ? $0 : nil },
                    "a share of 0 % to 100 % such as 0.1%"
                )
            case .inFlight:
                (Quantity.count(text).map { Double($0) }, "a number such as 5000 or 5k")
            }
        guard let value else {
            throw Fault(
                text: "the bound must be \(expected), not \(Quoted.text(text))"
                    + (metric.isShare ? Quantity.shareHint(text) : ""))
        }
        return value
    }
}
