// SPDX-License-Identifier: Apache-2.0

internal import StockadeAPI

/// Writes a scenario with every key, so that a later default changes nothing.
struct ScenarioWriter {
    private(set) var text = ""

    mutating func write(_ scenario: Scenario) {
        line(0, "version: 1")
        line(0, "name: \(quoted(scenario.name))")
        line(0, "seed: \(scenario.seed)")
        if let brand = scenario.brand { line(0, "brand: \(quoted(brand))") }
        target(scenario.target)
        goods(scenario.goods, scenario.pick)
        dealers(scenario.dealers)
        load(scenario.load)
        line(0, "journeys:")
        for journey in scenario.journeys {
            line(1, "\(journey.name):")
            line(2, "weight: \(share(journey.weight))")
            line(2, "steps:")
            for item in journey.steps { step(item, depth: 3) }
        }
        let calls = scenario.calls
        line(0, "calls:")
        line(1, "timeout: \(time(calls.timeout))")
        line(1, "attempts: \(calls.attempts)")
        line(1, "give_up: \(time(calls.giveUp))")
        if let closing = scenario.closing {
            line(0, "closing: { units_max: \(closing.unitsMax) }")
        } else {
            line(0, "closing: off")
        }
        rules(scenario)
    }

    // MARK: - Blocks

    private mutating func target(_ target: ScenarioTarget) {
        line(0, "target:")
        if let address = target.address { line(1, "address: \(quoted(address))") }
        line(1, "connections: \(target.connections)")
        line(1, "max_streams: \(target.maxStreams)")
        line(1, "threads: \(target.threads)")
    }

    private mutating func goods(_ goods: Goods, _ pick: SkuPick) {
        line(0, "goods:")
        line(1, "skus: \(goods.skus)")
        line(1, "flash: \(goods.flash)")
        line(1, "stock: { flash: \(goods.flashUnits), normal: \(goods.normalUnits) }")
        line(0, "pick:")
        line(1, "flash:")
        line(2, "share: \(share(pick.flashShare))")
        line(2, "before: \(share(pick.shareBefore))")
        if let halfLife = pick.halfLife { line(2, "half_life: \(time(halfLife))") }
        line(2, "active: \(pick.active)")
        if let rotation = pick.rotation { line(2, "rotate: \(time(rotation))") }
        line(1, "zipf: \(number(pick.zipf))")
    }

    private mutating func dealers(_ dealers: Dealers) {
        line(0, "dealers:")
        line(1, "count: \(dealers.count)")
        line(1, "tiers:")
        for tier in dealers.tiers {
            line(2, "\(quoted(tier.name)):")
            line(3, "share: \(share(tier.share))")
            line(3, "orders: \(share(tier.orders))")
            line(3, "quantity: \(Quantity.text(range: tier.quantity))")
            line(3, "lines: \(Quantity.text(range: tier.lines))")
        }
    }

    private mutating func load(_ load: Load) {
        line(0, "load:")
        line(1, "arrivals: \(load.arrivals.rawValue)")
        line(1, "max_in_flight: \(load.maxInFlight)")
        switch load.whenLate {
        case .send: line(1, "when_late: send")
        case .shed(let after): line(1, "when_late: { shed: \(time(after)) }")
        }
        line(1, "stages:")
        for stage in load.stages {
            let length = time(stage.duration)
            let ending = "measured: \(stage.isMeasured), name: \(quoted(stage.name)) }"
            switch stage.shape {
            case .hold(let at):
                line(2, "- hold: { at: \(rate(at)), for: \(length), \(ending)")
            case .ramp(let from, let to):
                line(
                    2,
                    "- ramp: { from: \(rate(from)), to: \(rate(to)), over: \(length), \(ending)")
            case .spike(let base, let peak, let rise, let power, let tau):
                let decay = "{ power: \(number(power)), tau: \(time(tau)) }"
                line(
                    2,
                    "- spike: { base: \(rate(base)), peak: \(rate(peak)), rise: \(time(rise)),"
                        + " decay: \(decay), for: \(length), \(ending)")
            }
        }
    }

    private mutating func step(_ step: Journey.Step, depth: Int) {
        switch step {
        case .getStock: line(depth, "- get_stock")
        case .reserve(let reserve): line(depth, "- reserve: { \(fields(reserve)) }")
        case .confirm: line(depth, "- confirm")
        case .release: line(depth, "- release")
        case .order(let order): line(depth, "- order: { \(fields(order)) }")
        case .cancel(let cancel):
            let part = cancel.part.map { ": { part: \(self.share(Double($0) / 10_000)) }" } ?? ""
            line(depth, "- cancel\(part)")
        case .race: line(depth, "- race")
        case .again: line(depth, "- again")
        case .abandon: line(depth, "- abandon")
        case .think(.fixed(let pause)): line(depth, "- think: \(time(pause))")
        case .think(.uniform(let range)):
            line(
                depth,
                "- think: { uniform: \(time(range.lowerBound))..\(time(range.upperBound)) }")
        case .think(.exponential(let mean)):
            line(depth, "- think: { exponential: \(time(mean)) }")
        case .think(.lognormal(let median, let sigma)):
            let inner = "{ median: \(time(median)), sigma: \(number(sigma)) }"
            line(depth, "- think: { lognormal: \(inner) }")
        case .choose(let choices):
            line(depth, "- choose:")
            for choice in choices {
                line(depth + 2, "- weight: \(share(choice.weight))")
                line(depth + 3, choice.steps.isEmpty ? "steps: []" : "steps:")
                for item in choice.steps { self.step(item, depth: depth + 4) }
            }
        }
    }

    private func fields(_ step: Journey.ReserveStep) -> String {
        var fields: [String] = []
        if let lines = step.lines { fields.append("lines: \(Quantity.text(range: lines))") }
        if let quantity = step.quantity {
            fields.append("quantity: \(Quantity.text(range: quantity))")
        }
        if step.timeToLive > 0 {
            fields.append("ttl: \(time(UInt64(step.timeToLive) * 1_000_000))")
        }
        let isPartial = step.fillMode == .partial
        fields.append("fill: \(isPartial ? "partial" : "all_or_nothing")")
        fields.append("warehouse: \(step.namesWarehouse ? "named" : "any")")
        return fields.joined(separator: ", ")
    }

    private mutating func rules(_ scenario: Scenario) {
        if !scenario.checks.isEmpty { line(0, "checks:") }
        for name in CheckName.allCases {
            guard let level = scenario.checks[name] else { continue }
            line(1, "\(name.rawValue): \(level.rawValue)")
        }
        if !scenario.objectives.isEmpty { line(0, "slo:") }
        for objective in scenario.objectives { line(1, "- \(quoted(objective.text))") }
        if !scenario.aborts.isEmpty { line(0, "abort:") }
        for rule in scenario.aborts {
            line(1, "- \(quoted("\(rule.condition.text) for \(rule.seconds)s"))")
        }
        if !scenario.faults.isEmpty { line(0, "faults:") }
        for fault in scenario.faults {
            let start = "- { at: \(time(fault.at)), do: \(fault.kind.name)"
            let end = fault.isOptional ? ", optional: true }" : " }"
            switch fault.kind {
            case .kill(let restart), .killPostgres(let restart):
                line(1, "\(start), restart: \(time(restart))\(end)")
            case .stop(let lasting), .stopPostgres(let lasting):
                line(1, "\(start), for: \(time(lasting))\(end)")
            case .cut(let share): line(1, "\(start), share: \(self.share(share))\(end)")
            }
        }
    }

    // MARK: - Values

    private mutating func line(_ depth: Int, _ content: String) {
        text += String(repeating: "  ", count: depth) + content + "\n"
    }

    private func time(_ nanoseconds: UInt64) -> String { Quantity.text(duration: nanoseconds) }

    private func rate(_ perSecond: Double) -> String { Quantity.text(rate: perSecond) }

    private func share(_ share: Double) -> String { Quantity.text(share: share) }

    private func number(_ number: Double) -> String { Quantity.text(number: number) }

    /// Quoted where other readers of YAML might see a number or a word of theirs.
    private func quoted(_ text: String) -> String {
        let isWord =
            ScenarioReader.isShortName(text)
            && !["true", "false", "yes", "no", "on", "off", "null", "y", "n"]
                .contains(text.lowercased())
        return isWord
            ? text
            : "'"
                + text.split(separator: "'", omittingEmptySubsequences: false)
                .joined(separator: "''") + "'"
    }
}
