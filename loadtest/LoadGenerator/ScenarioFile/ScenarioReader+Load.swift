// SPDX-License-Identifier: Apache-2.0

/// When journeys begin.
extension ScenarioReader {
    static let stageKinds = ["warmup", "hold", "ramp", "spike"]

    mutating func load(_ node: YAMLNode) -> Load {
        var load = Load()
        guard
            let block = block(
                node, "load", keys: ["arrivals", "max_in_flight", "when_late", "stages"],
                required: ["stages"])
        else { return load }
        let arrivals = choice(
            block, "arrivals", Load.Arrivals.allCases.map { ($0.rawValue, $0) })
        load.arrivals = arrivals ?? load.arrivals
        load.maxInFlight = count(block, "max_in_flight", 1...1_000_000) ?? load.maxInFlight
        load.whenLate = block["when_late"].flatMap { whenLate($0) } ?? load.whenLate
        guard let stages = block["stages"] else { return load }
        let before = faults.count
        for item in list(stages, "stages", countMax: 100) {
            guard let (stage, place) = stage(item) else { continue }
            if load.stages.contains(where: { $0.name == stage.name }) {
                fault(
                    place,
                    "two stages are called \(Quoted.text(stage.name)): give one another name")
            }
            load.stages.append(stage)
        }
        if faults.count == before, !load.stages.contains(where: { $0.shape.peak > 0 }) {
            fault(stages.place, "every stage has the rate 0/s: nobody would come")
        }
        return load
    }

    private mutating func whenLate(_ node: YAMLNode) -> Load.WhenLate? {
        if node.text == "send" { return .send }
        guard case .map = node.content else {
            wrong(node, "when_late", "send or { shed: 2s }")
            return nil
        }
        guard let block = block(node, "when_late", keys: ["shed"], required: ["shed"]) else {
            return nil
        }
        return duration(block, "shed", 1_000...ScenarioReader.hour, example: "2s")
            .map { .shed(after: $0) }
    }

    /// A stage, and where it says its name.
    private mutating func stage(_ node: YAMLNode) -> (Stage, Place)? {
        guard let entry = single(node, "a stage", kinds: ScenarioReader.stageKinds) else {
            return nil
        }
        let (keys, required): ([String], [String]) =
            switch entry.key {
            case "hold": (["at", "for"], ["at", "for"])
            case "spike":
                (["peak", "base", "rise", "decay", "for"], ["peak", "rise", "decay", "for"])
            case "warmup": (["from", "to", "over"], ["to", "over"])
            default: (["from", "to", "over"], ["from", "to", "over"])
            }
        guard
            let block = block(
                entry.value, entry.key, keys: keys + ["name", "measured"], required: required)
        else { return nil }
        let length = duration(
            block, keys.contains("for") ? "for" : "over",
            ScenarioReader.millisecond...ScenarioReader.day, example: "30s")
        let shape: Stage.Shape? =
            switch entry.key {
            case "hold": rate(block, "at").map { .hold(at: $0) }
            case "spike": spike(block, length)
            default: ramp(block)
            }
        let isMeasured = choice(block, "measured", [("true", true), ("false", false)])
        let name = word(
            block, "name", ScenarioReader.isShortName,
            "a letter and up to 31 letters, digits, - or _")
        // A stage that has a fault still has its name: others refer to it.
        let stage = Stage(
            name: name ?? entry.key, shape: shape ?? .hold(at: 1),
            duration: length ?? ScenarioReader.millisecond,
            isMeasured: isMeasured ?? (entry.key != "warmup"))
        return (stage, block["name"]?.place ?? entry.place)
    }

    private mutating func ramp(_ block: Block) -> Stage.Shape? {
        let from = rate(block, "from")
        let to = rate(block, "to")
        return .ramp(from: from ?? 0, to: to ?? 0)
    }

    private mutating func spike(_ block: Block, _ length: UInt64?) -> Stage.Shape? {
        let peak = rate(block, "peak")
        let base = rate(block, "base") ?? 0
        let times = ScenarioReader.millisecond...ScenarioReader.day
        let rise = duration(block, "rise", times, example: "1s")
        if let peak, peak <= base {
            fault(
                block.place(of: "peak"),
                "peak must be above base, which is \(Quantity.text(rate: base)),"
                    + " not \(Quantity.text(rate: peak))")
        }
        if let rise, let length, rise > length {
            fault(
                block.place(of: "rise"),
                "rise must be within the stage, which is for"
                    + " \(Quantity.text(duration: length)), not \(Quantity.text(duration: rise))")
        }
        guard let inner = block["decay"],
            let decay = self.block(
                inner, "decay", keys: ["power", "tau"], required: ["power", "tau"])
        else { return nil }
        let power = number(decay, "power", 0...10)
        let tau = duration(decay, "tau", times, example: "5s")
        guard let peak, let rise, let power, let tau else { return nil }
        return .spike(base: base, peak: peak, rise: rise, power: power, tau: tau)
    }
}

extension Stage.Shape {
    /// The highest rate.
    var peak: Double {
        switch self {
        case .hold(let at): at
        case .ramp(let from, let to): max(from, to)
        case .spike(_, let peak, _, _, _): peak
        }
    }
}
