// SPDX-License-Identifier: Apache-2.0

internal import Histogram

/// What a closed-loop run measured and found.
public struct BenchResult: Sendable {
    /// What was run.
    public let options: BenchOptions
    /// What was seen.
    public let tally: BenchTally
    /// The measured time.
    public let seconds: Double
    /// What the stock says, where it was read.
    public let finding: StockFinding?

    /// Answers per second in the measured time.
    public var callsPerSecond: Double {
        seconds > 0 ? Double(tally.measuredCalls) / seconds : 0
    }

    /// Whether every answer was right and the stock adds up. Where answers weren't checked, only that
    /// each call was answered OK or refused.
    public var isCorrect: Bool {
        tally.failed == 0 && tally.unanswered == 0 && tally.replayed == 0
            && (finding?.isClean ?? true)
    }

    /// A quantile of the latency, in microseconds.
    public func latency(_ percentile: Double) -> UInt64 {
        tally.latency.totalCount == 0 ? 0 : tally.latency.valueAtPercentile(percentile)
    }

    /// Some lines for people; the verdict is the last.
    public var text: String {
        var lines = [
            "\(options.method.rawValue), closed loop, \(options.connections) connections × "
                + "\(options.streams) streams, \(options.skus) SKUs, threads \(options.threads)",
            "calls \(tally.measuredCalls) in \(rounded(seconds)) s: "
                + "\(Int(callsPerSecond)) calls/s",
            "latency in µs: p50 \(latency(50)), p90 \(latency(90)), p99 \(latency(99)), "
                + "p99.9 \(latency(99.9)), max \(latency(100))",
            "granted \(tally.granted), refused \(tally.refused), replayed \(tally.replayed), "
                + "failed \(tally.failed), unanswered \(tally.unanswered)",
        ]
        if let first = tally.firstFailure { lines.append("first failure: \(first)") }
        lines.append(verdict)
        return lines.joined(separator: "\n")
    }

    private var verdict: String {
        guard let finding else {
            return isCorrect
                ? "PASS  every call was answered (stock not checked)"
                : "FAIL  not every call was answered as it must be"
        }
        let figures =
            "granted \(grouped(tally.granted)) of \(grouped(Int(options.stock) * options.skus)), "
            + "oversold \(finding.oversold), undersold \(finding.undersold), "
            + "unaccounted \(finding.unaccounted), wrong figures \(finding.wrongFigures)"
        return (isCorrect ? "PASS  " : "FAIL  ") + figures
    }

    /// One JSON object.
    public var json: String {
        let fields: [(String, String)] = [
            ("schema_version", "1"),
            ("method", "\"\(options.method.rawValue)\""),
            ("connections", "\(options.connections)"),
            ("streams", "\(options.streams)"),
            ("threads", "\(options.threads)"),
            ("skus", "\(options.skus)"),
            ("stock", "\(options.stock)"),
            ("run_id", "\"\(String(options.identity.runID, radix: 16))\""),
            ("seed", "\(options.identity.seed)"),
            ("calls", "\(tally.measuredCalls)"),
            ("seconds", "\(seconds)"),
            ("calls_per_second", "\(callsPerSecond)"),
            ("granted", "\(tally.granted)"),
            ("refused", "\(tally.refused)"),
            ("replayed", "\(tally.replayed)"),
            ("failed", "\(tally.failed)"),
            ("unanswered", "\(tally.unanswered)"),
            ("p50_us", "\(latency(50))"),
            ("p90_us", "\(latency(90))"),
            ("p99_us", "\(latency(99))"),
            ("p999_us", "\(latency(99.9))"),
            ("max_us", "\(latency(100))"),
            ("stock_checked", "\(finding != nil)"),
            ("oversold", finding.map { "\($0.oversold)" } ?? "null"),
            ("undersold", finding.map { "\($0.undersold)" } ?? "null"),
            ("unaccounted", finding.map { "\($0.unaccounted)" } ?? "null"),
            ("correct", "\(isCorrect)"),
        ]
        return "{" + fields.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ") + "}"
    }

    private func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }

    private func grouped(_ number: Int) -> String {
        var digits = String(number)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits = String(digits.dropLast(3))
        }
        groups.insert(digits, at: 0)
        return groups.joined(separator: ",")
    }
}
