// SPDX-License-Identifier: Apache-2.0

internal import Histogram

/// Tells whether a run's figures can be believed: whether the generator did what was asked of it, and what
/// stood beside it.
struct ValidityJudge {
    let record: RunRecord
    let tally: RunTally
    let scenario: Scenario
    /// CPU seconds of a server that we started, and the cores it may run on.
    let serverCPU: Double?
    let serverCores: String?
    let retransmissions: Int
    /// Seconds that a hypervisor took from all cores.
    let stolenSeconds: Double
    /// A failure, a signal or a rule ended the run before its time.
    let wasCutShort: Bool

    /// Above it the generator's lag is more than a note, in microseconds; or 5 % of the p99 response.
    static let lagMicroseconds: UInt64 = 100
    /// Above so many times the bound, and 1 ms, what was measured is the generator.
    static let lagInvalidFactor: UInt64 = 10
    static let achievedMin = 0.99
    /// Whole seconds of a hold without a fault that are needed to compare its halves.
    static let holdSecondsMin = 4
    /// Below it a slower second half is noise and not a backlog.
    static let backlogMicroseconds: UInt64 = 5_000
    static let busyMax = 0.85
    static let stolenMax = 0.02

    /// Every question, answered.
    func judge() -> Validity {
        var validity = Validity()
        validity.findings = [
            achieved, lag, busy, shed, places, samples, stationary, sharing, stolen, network,
        ].compactMap { $0 }
        return validity
    }

    private typealias Finding = Validity.Finding

    private var achieved: Finding {
        let offered = record.journeys.offered
        // What was shed was left out by the scenario's own choice, and is a finding of its own.
        let kept = record.journeys.begun + record.journeys.shed - tally.neverBegun
        let share = offered == 0 ? 1 : Double(kept) / Double(offered)
        let text =
            "\(record.journeys.begun) journeys of \(offered) that were due (\(percent(share)))"
        if share >= ValidityJudge.achievedMin || wasCutShort {
            return Finding(
                name: "achieved / offered", verdict: .valid,
                text: wasCutShort ? text + ", the run was cut short" : text)
        }
        return Finding(
            name: "achieved / offered", verdict: .invalid,
            text: text + ": the generator could not keep up, or had no places")
    }

    private var lag: Finding {
        var response = RunRecord.emptyLatency
        for call in record.calls { response.add(call.response) }
        let p99 = record.lag.totalCount > 0 ? record.lag.valueAtPercentile(99) : 0
        let share = response.totalCount > 0 ? response.valueAtPercentile(99) / 20 : 0
        let bound = max(ValidityJudge.lagMicroseconds, share)
        let text = "p99 \(p99) µs, bound \(bound) µs"
        if p99 <= bound { return Finding(name: "schedule lag", verdict: .valid, text: text) }
        let isInvalid = p99 > max(1_000, bound * ValidityJudge.lagInvalidFactor)
        return Finding(
            name: "schedule lag", verdict: isInvalid ? .invalid : .degraded,
            text: text
                + (isInvalid
                    ? ": the latency is mostly the generator's own"
                    : ": the latency has that much of the generator in it"))
    }

    private var busy: Finding {
        let text =
            "busiest thread \(percent(tally.busiest)) of a core, spinning to be on time not counted"
        return Finding(
            name: "generator's CPU",
            verdict: tally.busiest < ValidityJudge.busyMax ? .valid : .degraded,
            text: text)
    }

    private var shed: Finding {
        let count = record.journeys.shed
        return Finding(
            name: "shed", verdict: count == 0 ? .valid : .degraded,
            text: count == 0 ? "nothing was left out" : "\(count) journeys were left out, too late")
    }

    private var places: Finding? {
        guard tally.waitedForPlace > 0 else { return nil }
        let isMost = 2 * tally.waitedForPlace > record.journeys.begun
        return Finding(
            name: "places", verdict: isMost ? .invalid : .degraded,
            text:
                "\(tally.waitedForPlace) journeys waited because max_in_flight were under way"
                + (isMost ? ": what was measured is that bound" : ""))
    }

    private var samples: Finding {
        let count = record.calls.reduce(0) { $0 + Int($1.response.totalCount) }
        let ranks: [(String, Double)] = [
            ("p50", 50), ("p99", 99), ("p99.9", 99.9), ("p99.99", 99.99),
        ]
        let missing = ranks.filter { count < ObjectiveJudge.samplesNeeded($0.1) }.map(\.0)
        let text = "\(count) measured calls"
        guard count > 0 else {
            return Finding(
                name: "samples", verdict: wasCutShort ? .degraded : .invalid,
                text: "no measured call")
        }
        guard count >= ObjectiveJudge.samplesNeeded(99) else {
            return Finding(
                name: "samples", verdict: .degraded,
                text: text + ": too few for \(missing.joined(separator: ", "))")
        }
        return Finding(
            name: "samples", verdict: .valid,
            text: missing.isEmpty ? text : text + ", too few for \(missing.joined(separator: ", "))"
        )
    }

    /// Within each hold that nothing broke, both halves must look alike, and no second may be silent.
    private var stationary: Finding {
        var looked = 0
        for stage in record.stages where stage.isMeasured {
            guard case .hold = scenario.load.stages.first(where: { $0.name == stage.name })?.shape,
                !record.events.contains(where: {
                    $0.seconds >= stage.begin - 5 && $0.seconds < stage.begin + stage.seconds
                })
            else { continue }
            let slices = record.slices.filter {
                Double($0.second) >= stage.begin
                    && Double($0.second + 1) <= stage.begin + stage.seconds
            }
            guard slices.count >= ValidityJudge.holdSecondsMin else { continue }
            looked += 1
            let silent = slices.count { $0.max == 0 && $0.inFlight > 0 }
            if silent > 0 {
                return Finding(
                    name: "stationarity", verdict: .invalid,
                    text:
                        "stage \(stage.name): \(silent) s without any answer, and no fault that explains it"
                )
            }
            let heard = slices.filter { $0.max > 0 }
            let first = median(heard.prefix(heard.count / 2).map(\.p50))
            let second = median(heard.suffix(heard.count / 2).map(\.p50))
            let halves =
                "stage \(stage.name): p50 was \(first) µs in its first half and \(second) µs in its second"
            // A backlog that grows evenly makes the second half three times as slow as the first.
            if second > 2 * first, second > ValidityJudge.backlogMicroseconds {
                return Finding(
                    name: "stationarity", verdict: .invalid,
                    text: halves + ": a backlog grew, and the latency with the length of the run")
            }
            if max(first, second) > 2 * min(first, second) + 100 {
                return Finding(name: "stationarity", verdict: .degraded, text: halves)
            }
        }
        return Finding(
            name: "stationarity", verdict: .valid,
            text: looked == 0
                ? "no undisturbed hold of \(ValidityJudge.holdSecondsMin) s to look at"
                : "\(looked) holds, both halves alike")
    }

    private var sharing: Finding {
        let own = SystemFacts.coresAllowed(of: 0)
        let wall = max(0.001, Double(tally.wallNanoseconds) / 1_000_000_000)
        let used = Double(tally.cpuNanoseconds) / 1_000_000_000 / wall
        guard let serverCPU, let serverCores else {
            return Finding(
                name: "shared cores", verdict: .valid,
                text:
                    "generator on cores \(own), \(percent(used)) of one; the server wasn't started here"
            )
        }
        let shared = SystemFacts.cores(in: own).intersection(SystemFacts.cores(in: serverCores))
        let server = serverCPU / wall
        let split = "generator \(percent(used)), server \(percent(server)) of a core"
        guard !shared.isEmpty else {
            return Finding(name: "shared cores", verdict: .valid, text: "none; \(split)")
        }
        let isFull = used + server > 0.85 * Double(shared.count)
        return Finding(
            name: "shared cores", verdict: isFull ? .degraded : .valid,
            text:
                "generator and server share cores \(shared.sorted().map(String.init).joined(separator: ", ")); "
                + split + (isFull ? ": they were in each other's way" : ""))
    }

    /// A virtual machine whose cores are taken away is late through nobody's fault that can be seen in it.
    private var stolen: Finding {
        let wall = max(0.001, Double(tally.wallNanoseconds) / 1_000_000_000)
        let share = stolenSeconds / wall / Double(SystemFacts.onlineCores)
        let isMuch = share > ValidityJudge.stolenMax
        return Finding(
            name: "stolen time", verdict: isMuch ? .degraded : .valid,
            text: "\(percent(share)) of the machine's time"
                + (isMuch
                    ? ": a hypervisor took it, and whatever is late may be late for that" : ""))
    }

    private var network: Finding {
        Finding(
            name: "network", verdict: .valid,
            text: "\(retransmissions) TCP segments sent again on this machine, "
                + "\(tally.reconnects) reconnects")
    }

    private func median(_ figures: [UInt64]) -> UInt64 {
        let sorted = figures.sorted()
        return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }

    private func percent(_ share: Double) -> String {
        let tenths = Int((share * 1_000).rounded())
        return "\(tenths / 10).\(tenths % 10) %"
    }
}
