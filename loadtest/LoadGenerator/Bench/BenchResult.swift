// SPDX-License-Identifier: Apache-2.0

internal import Histogram
internal import StockadeAPI

/// What a run measured and found.
public struct BenchResult: Sendable {
    /// What was run.
    public let options: BenchOptions
    /// What was seen.
    public let tally: BenchTally
    /// The measured time.
    public let seconds: Double
    /// What the stock says, where it was read.
    public let finding: StockFinding?
    /// Why the run couldn't be finished; nil: it was.
    public let failure: String?

    /// Answers per second in the measured time.
    public var callsPerSecond: Double {
        seconds > 0 ? Double(tally.measuredCalls) / seconds : 0
    }

    /// Items or lines that were answered per second in the measured time.
    public var partsPerSecond: Double { callsPerSecond * Double(options.parts) }

    /// Whether every answer was right and the stock adds up. Where answers weren't checked, only that
    /// each call was answered OK or refused.
    public var isCorrect: Bool {
        tally.failed == 0 && tally.replayed == 0 && (finding?.isClean ?? true)
    }

    /// A quantile of the latency, in microseconds.
    public func latency(_ percentile: Double) -> UInt64 {
        tally.latency.totalCount == 0 ? 0 : tally.latency.valueAtPercentile(percentile)
    }

    /// Open loop: a quantile of the microseconds by which the generator itself was late.
    public func lag(_ percentile: Double) -> UInt64 {
        tally.lag.totalCount == 0 ? 0 : tally.lag.valueAtPercentile(percentile)
    }

    /// Why an open loop's figures can't be believed; nil: they can, or nothing was to be measured.
    public var doubt: String? {
        guard options.rate != nil, case .seconds = options.extent, failure == nil else {
            return nil
        }
        // A late generator adds its own delay to what it measures.
        let bound = max(100, latency(99) / 20)
        if lag(99) > bound {
            return "the generator was late: p99 of its lag is \(lag(99)) µs, above \(bound) µs"
        }
        // Without room nobody can tell who was late, the server or we.
        if 2 * tally.lag.totalCount < UInt64(tally.dueCalls) {
            return "most calls waited for room: more connections or streams, or a lower rate"
        }
        // More was due than was answered: the backlog grows, and the latency with the run's length.
        if Double(tally.answersInTime) < 0.99 * Double(tally.dueCalls) {
            return "a backlog grew: \(tally.answersInTime) answers to \(tally.dueCalls) calls due"
        }
        return nil
    }

    /// All that isn't right is that the server turned calls away, and said so.
    private var isTurnedAway: Bool {
        tally.failed > 0 && tally.failed == tally.turnedAway && tally.replayed == 0
            && (finding?.isClean ?? true)
    }

    /// What `stampede` exits with.
    public var exitCode: Int32 {
        if isTurnedAway { return 1 }
        if !isCorrect { return 4 }
        if failure != nil { return 1 }
        return doubt == nil ? 0 : 5
    }

    /// Some lines for people; the verdict is the last, but for a hint.
    public var text: String {
        var lines = [
            "\(options.call.rawValue), \(loop), \(options.connections) connections × "
                + "\(options.streams) streams, \(options.skus) SKUs, threads \(options.threads)",
            "calls \(tally.measuredCalls) in \(rounded(seconds)) s: "
                + "\(Int(callsPerSecond)) calls/s" + perPart,
            "latency in µs: p50 \(latency(50)), p90 \(latency(90)), p99 \(latency(99)), "
                + "p99.9 \(latency(99.9)), max \(latency(100))",
        ]
        if options.rate != nil {
            lines.append(
                "generator's lag in µs: p50 \(lag(50)), p99 \(lag(99)), max \(lag(100)); "
                    + "waited for room \(tally.waitedForRoom)")
        }
        lines.append(
            "granted \(tally.granted), refused \(tally.refused), unknown \(tally.unknown), "
                + "replayed \(tally.replayed), failed \(tally.failed)")
        if options.retry != nil {
            lines.append(
                "retried \(tally.retried) (answered as replays \(tally.replayedRetries)), "
                    + "reconnects \(tally.reconnects)")
        }
        if let first = tally.firstFailure { lines.append("first failure: \(first)") }
        lines.append(verdict)
        return lines.joined(separator: "\n")
    }

    private var perPart: String {
        options.parts == 1 ? "" : " of \(options.parts) items, \(Int(partsPerSecond)) items/s"
    }

    private var loop: String {
        guard let rate = options.rate else { return "closed loop" }
        return "open loop at \(rounded(rate.perSecond)) calls/s"
    }

    private var verdict: String {
        if isTurnedAway, failure == nil {
            return "FAIL  the server refused \(grouped(tally.turnedAway)) that it should have taken"
                + (figures.map { "; what it did take is right: \($0)" } ?? "") + hint
        }
        if !isCorrect { return "FAIL  " + (figures ?? "not every call was answered as it must be") }
        if let failure { return "FAIL  \(failure)" }
        if let doubt { return "INVALID  \(doubt)" }
        return "PASS  " + (figures ?? "every call was answered (stock not checked)")
    }

    private var hint: String {
        switch tally.firstTurnedAway {
        case .tooManyHolds:
            "\nhint: a run's reservations are held for 15 minutes, an earlier run's too; serve with a "
                + "larger --holds-max, or take a server started anew"
        case .idTableFull, .tableFull, .journalFull:
            "\nhint: the server is full; `stockade explain "
                + "\(tally.firstTurnedAway.map { "\($0.name)" } ?? "")` says what to do"
        default: ""
        }
    }

    private var figures: String? {
        finding.map {
            "granted \(grouped(tally.granted)) of \(grouped(Int(options.stock) * options.skus)), "
                + "oversold \($0.oversold), undersold \($0.undersold), "
                + "unaccounted \($0.unaccounted), wrong figures \($0.wrongFigures)"
        }
    }

    /// One JSON object.
    public var json: String {
        let fields: [(String, String)] = [
            ("schema_version", "3"),
            ("call", "\"\(options.call.rawValue)\""),
            ("items", "\(options.parts)"),
            ("rate", options.rate.map { "\($0.perSecond)" } ?? "null"),
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
            ("items_per_second", "\(partsPerSecond)"),
            ("granted", "\(tally.granted)"),
            ("refused", "\(tally.refused)"),
            ("unknown", "\(tally.unknown)"),
            ("replayed", "\(tally.replayed)"),
            ("failed", "\(tally.failed)"),
            ("turned_away", "\(tally.turnedAway)"),
            ("retried", "\(tally.retried)"),
            ("replayed_retries", "\(tally.replayedRetries)"),
            ("reconnects", "\(tally.reconnects)"),
            ("p50_us", "\(latency(50))"),
            ("p90_us", "\(latency(90))"),
            ("p99_us", "\(latency(99))"),
            ("p999_us", "\(latency(99.9))"),
            ("max_us", "\(latency(100))"),
            ("lag_p99_us", options.rate == nil ? "null" : "\(lag(99))"),
            ("waited_for_room", "\(tally.waitedForRoom)"),
            ("stock_checked", "\(finding != nil)"),
            ("oversold", finding.map { "\($0.oversold)" } ?? "null"),
            ("undersold", finding.map { "\($0.undersold)" } ?? "null"),
            ("unaccounted", finding.map { "\($0.unaccounted)" } ?? "null"),
            // In our own words, without anything to escape.
            ("first_failure", tally.firstFailure.map { "\"\($0)\"" } ?? "null"),
            ("correct", "\(isCorrect)"),
            ("finished", "\(failure == nil)"),
            ("valid", "\(doubt == nil)"),
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
