// SPDX-License-Identifier: Apache-2.0

/// What must hold, and what breaks.
extension ScenarioReader {
    mutating func checks(_ node: YAMLNode) -> [CheckName: CheckLevel] {
        let names = CheckName.allCases.map(\.rawValue)
        guard let block = block(node, "checks", keys: names) else { return [:] }
        var checks: [CheckName: CheckLevel] = [:]
        for name in CheckName.allCases {
            checks[name] = choice(
                block, name.rawValue, CheckLevel.allCases.map { ($0.rawValue, $0) })
        }
        return checks
    }

    mutating func objectives(_ node: YAMLNode) -> [Objective] {
        list(node, "slo", countMax: 100, mayBeEmpty: true).compactMap { objective($0) }
    }

    mutating func aborts(_ node: YAMLNode) -> [AbortRule] {
        list(node, "abort", countMax: 100, mayBeEmpty: true).compactMap { abort($0) }
    }

    private mutating func objective(_ node: YAMLNode) -> Objective? {
        guard let text = node.text else {
            wrong(node, "an slo", "a text such as 'Reserve.p99 < 10ms'")
            return nil
        }
        let objective: Objective
        do {
            objective = try ObjectiveText.read(text)
        } catch {
            fault(node.place, error.text)
            return nil
        }
        if objective.metric == .inFlight {
            fault(node.place, "in_flight is for abort: how many are open is no quality by itself")
            return nil
        }
        let isFloor = objective.comparison == .greater || objective.comparison == .atLeast
        if isFloor != (objective.metric == .achieved) {
            fault(
                node.place,
                "\(Quoted.text(text)) bounds the wrong side: an slo says what must hold, here"
                    + " \(isFloor ? "<" : ">=") a bound")
            return nil
        }
        return objective
    }

    private mutating func abort(_ node: YAMLNode) -> AbortRule? {
        let example = "such as 'error_rate > 20% for 5s'"
        guard let text = node.text else {
            wrong(node, "an abort rule", "a text \(example)")
            return nil
        }
        guard let middle = text.ranges(of: " for ").last else {
            fault(
                node.place,
                "\(Quoted.text(text)) doesn't say for how long: write a condition and for,"
                    + " \(example)")
            return nil
        }
        let second: UInt64 = 1_000_000_000
        let time = Quantity.duration(ObjectiveText.trimmed(text[middle.upperBound...]))
        guard let time, time % second == 0, (1...3_600).contains(time / second) else {
            fault(
                node.place,
                "\(Quoted.text(text)): the time after for must be whole seconds of 1s to 1h")
            return nil
        }
        do {
            let condition = try ObjectiveText.read(
                ObjectiveText.trimmed(text[..<middle.lowerBound]))
            guard condition.metric != .recoveryTime else {
                fault(node.place, "recovery_time is known after the run only: it is for slo")
                return nil
            }
            return AbortRule(condition: condition, seconds: Int(time / second))
        } catch {
            fault(node.place, error.text)
            return nil
        }
    }

    // MARK: - Faults

    /// By time. `isLoadSound` says whether the stages are all known.
    mutating func faults(_ node: YAMLNode, _ load: Load, isLoadSound: Bool) -> [Fault] {
        var placed: [(fault: Fault, place: Place)] = []
        for item in list(node, "faults", countMax: 100, mayBeEmpty: true) {
            guard let found = fault(item, load, isLoadSound: isLoadSound) else { continue }
            placed.append(found)
        }
        // Stable: two at the same time stay as they were written.
        placed = placed.enumerated()
            .sorted { ($0.element.fault.at, $0.offset) < ($1.element.fault.at, $1.offset) }
            .map(\.element)
        if isLoadSound { checkTimes(placed, load) }
        return placed.map(\.fault)
    }

    private mutating func fault(
        _ node: YAMLNode, _ load: Load, isLoadSound: Bool
    ) -> (Fault, Place)? {
        guard
            let block = block(
                node, "a fault", keys: ["at", "do", "restart", "for", "share", "optional"],
                required: ["at", "do"])
        else { return nil }
        let at = block["at"].flatMap { time($0, load, isLoadSound: isLoadSound) }
        let ways = ["kill", "stop", "cut", "kill_postgres", "stop_postgres"]
        guard let what = choice(block, "do", ways.map { ($0, $0) }) else { return nil }
        let key = what.hasPrefix("kill") ? "restart" : what.hasPrefix("stop") ? "for" : "share"
        for other in ["restart", "for", "share"] where other != key && block[other] != nil {
            fault(block.place(of: other), "\(what) has no '\(other)': it has '\(key)'")
        }
        if block[key] == nil {
            fault(node.place, "\(what) needs the key '\(key)'")
            return nil
        }
        let times = ScenarioReader.millisecond...ScenarioReader.hour
        let kind: Fault.Kind?
        switch what {
        case "kill":
            kind = duration(block, key, 0...ScenarioReader.hour, example: "300ms")
                .map { .kill(restartAfter: $0) }
        case "stop":
            kind = duration(block, key, times, example: "1s").map { .stop(lasting: $0) }
        case "kill_postgres":
            kind = duration(block, key, 0...ScenarioReader.hour, example: "300ms")
                .map { .killPostgres(restartAfter: $0) }
        case "stop_postgres":
            kind = duration(block, key, times, example: "1s").map { .stopPostgres(lasting: $0) }
        default:
            kind = share(block, key, isAboveZero: true).map { .cut(share: $0) }
        }
        guard let at, let kind else { return nil }
        if block["optional"] != nil, !kind.needsOwnPostgres {
            fault(
                block.place(of: "optional"),
                "\(what) has no 'optional': only a fault of Postgres can be left out")
        }
        let isOptional = choice(block, "optional", [("true", true), ("false", false)]) ?? false
        return (
            Fault(at: at, kind: kind, isOptional: isOptional), block["at"]?.place ?? node.place
        )
    }

    /// `2s`, `T0` or `T0+2s`, in nanoseconds since the start.
    private mutating func time(_ node: YAMLNode, _ load: Load, isLoadSound: Bool) -> UInt64? {
        let expected = "a duration since the start such as 5s, or STAGE+duration such as T0+2s"
        guard let text = node.text, !text.isEmpty else {
            wrong(node, "at", expected)
            return nil
        }
        if let time = Quantity.duration(text), time <= 100 * ScenarioReader.day { return time }
        let parts = text.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        var begin: UInt64 = 0
        var isKnown = false
        for stage in load.stages {
            if stage.name == name {
                isKnown = true
                break
            }
            begin += stage.duration
        }
        let after = parts.count == 2 ? Quantity.duration(String(parts[1])) : 0
        guard isKnown else {
            // A stage with a fault may be the one that is meant.
            if ScenarioReader.isShortName(name) {
                if isLoadSound {
                    let names = load.stages.map(\.name)
                    fault(
                        node.place,
                        "no stage is called \(Quoted.text(name))"
                            + NearestName.hint(name, among: names))
                }
            } else {
                wrong(node, "at", expected)
            }
            return nil
        }
        guard let after, after <= 100 * ScenarioReader.day else {
            wrong(node, "at", expected)
            return nil
        }
        return begin + after
    }

    /// Faults beyond the run, and faults while what they break is down from the one before. The server and
    /// Postgres may be down together.
    private mutating func checkTimes(_ placed: [(fault: Fault, place: Place)], _ load: Load) {
        let end = load.stages.reduce(0) { $0 + $1.duration }
        var downs: [Bool: (fault: Fault, end: UInt64)] = [:]
        for (fault, place) in placed {
            let last = fault.at + fault.kind.lasting
            if fault.at >= end || last > end {
                let what = fault.at >= end ? "this is at" : "this lasts until"
                self.fault(
                    place,
                    "\(what) \(Quantity.text(duration: max(fault.at, last))), but the run ends at"
                        + " \(Quantity.text(duration: end))")
            }
            let isOfPostgres = fault.kind.needsOwnPostgres
            let down = downs[isOfPostgres]
            if let before = down, fault.at < before.end, before.fault.isInTheWay(of: fault) {
                self.fault(
                    place,
                    "\(isOfPostgres ? "Postgres" : "the server") is still \(before.fault.kind.state) by the \(before.fault.kind.name)"
                        + " at \(Quantity.text(duration: before.fault.at)):"
                        + " begin at \(Quantity.text(duration: before.end)) or later")
            }
            if last > down?.end ?? 0 { downs[isOfPostgres] = (fault, last) }
        }
    }
}

extension Fault {
    /// Whether another one can't happen while this one lasts: a stopped server still has connections.
    fileprivate func isInTheWay(of other: Fault) -> Bool {
        if case .stop = kind, case .cut = other.kind { return false }
        return true
    }
}

extension Fault.Kind {
    /// Nanoseconds until what it breaks is there again.
    var lasting: UInt64 {
        switch self {
        case .kill(let time), .stop(let time): time
        case .killPostgres(let time), .stopPostgres(let time): time
        case .cut: 0
        }
    }

    /// As a scenario writes it.
    var name: String {
        switch self {
        case .kill: "kill"
        case .stop: "stop"
        case .cut: "cut"
        case .killPostgres: "kill_postgres"
        case .stopPostgres: "stop_postgres"
        }
    }

    fileprivate var state: String {
        switch self {
        case .stop, .stopPostgres: "stopped"
        case .kill, .killPostgres, .cut: "down"
        }
    }
}
