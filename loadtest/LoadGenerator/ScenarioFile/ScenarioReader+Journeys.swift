// SPDX-License-Identifier: Apache-2.0

internal import StockadeAPI

/// What dealers do.
extension ScenarioReader {
    static let plainSteps: [(String, Journey.Step)] = [
        ("get_stock", .getStock), ("reserve", .reserve(Journey.ReserveStep())),
        ("confirm", .confirm), ("release", .release), ("order", .order(Journey.ReserveStep())),
        ("cancel", .cancel(Journey.CancelStep())), ("race", .race), ("again", .again),
        ("abandon", .abandon),
    ]
    static let fillModes: [(String, FillMode)] = [
        ("all_or_nothing", .allOrNothing), ("partial", .partial),
    ]
    static let warehouses: [(String, Bool)] = [("named", true), ("any", false)]
    /// Choices within choices.
    static let choiceDepthMax = 8

    /// A step and where it stands, for what is checked once all are read.
    struct PlacedStep {
        var step: Journey.Step
        var place: Place
        /// Of a choice: each branch's steps.
        var branches: [[PlacedStep]] = []
    }

    mutating func journeys(_ node: YAMLNode) -> [Journey] {
        var journeys: [Journey] = []
        for entry in named(node, "journeys", countMax: 100) {
            if !ScenarioReader.isShortName(entry.key) {
                fault(
                    entry.place,
                    "a journey's name must be a letter and up to 31 letters, digits, - or _,"
                        + " not \(Quoted.text(entry.key))")
            }
            let before = faults.count
            guard let (weight, steps) = branch(entry.value, "a journey", depth: 0) else {
                continue
            }
            if steps.isEmpty { continue }
            if faults.count == before { checkJourney(entry, steps) }
            journeys.append(
                Journey(name: entry.key, weight: weight, steps: steps.map(\.step)))
        }
        let weights = ScenarioReader.normalised(journeys.map(\.weight))
        for index in journeys.indices { journeys[index].weight = weights[index] }
        return journeys
    }

    /// What has a weight and steps: a journey, or a branch at a depth above 0.
    private mutating func branch(
        _ node: YAMLNode, _ name: String, depth: Int
    ) -> (weight: Double, steps: [PlacedStep])? {
        guard
            let block = block(
                node, name, keys: ["weight", "steps"], required: ["weight", "steps"])
        else { return nil }
        let weight = share(block, "weight", isAboveZero: true) ?? 1
        guard let inner = block["steps"] else { return (weight, []) }
        var steps: [PlacedStep] = []
        for item in list(inner, "steps", countMax: 100, mayBeEmpty: depth > 0) {
            if let step = step(item, depth: depth) {
                steps.append(step)
            }
        }
        return (weight, steps)
    }

    private mutating func step(_ node: YAMLNode, depth: Int) -> PlacedStep? {
        let plain = ScenarioReader.plainSteps
        if let text = node.text {
            if let step = plain.first(where: { $0.0 == text }) {
                return PlacedStep(step: step.1, place: node.place)
            }
            let names = plain.map(\.0) + ["think: 20ms", "choose: [...]"]
            fault(
                node.place,
                "unknown step \(node.summary)" + NearestName.hint(text, among: names))
            return nil
        }
        let kinds = ["reserve", "order", "cancel", "think", "choose"]
        guard let entry = single(node, "a step", kinds: kinds) else { return nil }
        switch entry.key {
        case "reserve":
            return reserve(entry.value, "reserve").map {
                PlacedStep(step: .reserve($0), place: entry.place)
            }
        case "order":
            return reserve(entry.value, "order").map {
                PlacedStep(step: .order($0), place: entry.place)
            }
        case "cancel":
            return cancel(entry.value).map {
                PlacedStep(step: .cancel($0), place: entry.place)
            }
        case "think":
            return pause(entry.value).map { PlacedStep(step: .think($0), place: entry.place) }
        default: return choose(entry, depth: depth + 1)
        }
    }

    private mutating func choose(_ entry: YAMLNode.Entry, depth: Int) -> PlacedStep? {
        guard depth <= ScenarioReader.choiceDepthMax else {
            fault(
                entry.place,
                "choices nested more than \(ScenarioReader.choiceDepthMax) deep")
            return nil
        }
        let branches = list(entry.value, "choose", countMax: 20).compactMap {
            branch($0, "a branch", depth: depth)
        }
        guard !branches.isEmpty else { return nil }
        let weights = ScenarioReader.normalised(branches.map(\.weight))
        let choices = zip(weights, branches).map {
            Journey.Choice(weight: $0, steps: $1.steps.map(\.step))
        }
        return PlacedStep(
            step: .choose(choices), place: entry.place, branches: branches.map(\.steps))
    }

    private mutating func cancel(_ node: YAMLNode) -> Journey.CancelStep? {
        guard let block = block(node, "cancel", keys: ["part"], required: ["part"])
        else { return nil }
        return share(block, "part", isAboveZero: true).map {
            Journey.CancelStep(part: UInt16(max(1, ($0 * 10_000).rounded())))
        }
    }

    /// A reserve step, or an order step, which has no time to live.
    private mutating func reserve(_ node: YAMLNode, _ name: String) -> Journey.ReserveStep? {
        var step = Journey.ReserveStep()
        let keys = ["lines", "quantity", "ttl", "fill", "warehouse"]
        guard
            let block = block(
                node, name, keys: name == "order" ? keys.filter { $0 != "ttl" } : keys)
        else { return nil }
        step.lines = range(block, "lines", 1...20).map(ScenarioReader.narrow)
        step.quantity = range(block, "quantity", 1...1_000_000_000)
        if let node = block["ttl"] {
            let expected = "whole milliseconds of 1s to 24h, such as 2s or 1500ms"
            let ttl = value(node, "ttl", expected) { text in
                Quantity.duration(text).flatMap { time -> UInt64? in
                    let isRight =
                        (1_000_000_000...ScenarioReader.day).contains(time)
                        && time % ScenarioReader.millisecond == 0
                    return isRight ? time / ScenarioReader.millisecond : nil
                }
            }
            step.timeToLive = ttl.map { UInt32($0) } ?? step.timeToLive
        }
        step.fillMode = choice(block, "fill", ScenarioReader.fillModes) ?? step.fillMode
        step.namesWarehouse =
            choice(block, "warehouse", ScenarioReader.warehouses) ?? step.namesWarehouse
        return step
    }

    private mutating func pause(_ node: YAMLNode) -> Journey.Pause? {
        let times = 1_000...ScenarioReader.hour
        guard case .map = node.content else {
            let expected =
                "a duration of 0s to 1h such as 20ms, or one of uniform, exponential, lognormal"
            return value(node, "think", expected) { text in
                Quantity.duration(text).flatMap { $0 <= times.upperBound ? .fixed($0) : nil }
            }
        }
        let kinds = ["uniform", "exponential", "lognormal"]
        guard let entry = single(node, "think", kinds: kinds) else { return nil }
        switch entry.key {
        case "uniform":
            return value(entry.value, "uniform", "a range of durations such as 10ms..50ms") {
                guard let dots = $0.firstRange(of: ".."),
                    let low = Quantity.duration(String($0[..<dots.lowerBound])),
                    let high = Quantity.duration(String($0[dots.upperBound...])),
                    low <= high, high <= times.upperBound
                else { return nil }
                return .uniform(low...high)
            }
        case "exponential":
            return duration(entry.value, "exponential", times, example: "20ms").map {
                .exponential(mean: $0)
            }
        default:
            guard
                let block = block(
                    entry.value, "lognormal", keys: ["median", "sigma"],
                    required: ["median", "sigma"])
            else { return nil }
            let median = duration(block, "median", times, example: "20ms")
            let sigma = number(block, "sigma", 0...5)
            guard let median, let sigma else { return nil }
            return .lognormal(median: median, sigma: sigma)
        }
    }
}
