// SPDX-License-Identifier: Apache-2.0

/// What may follow what in a journey.
extension ScenarioReader {
    /// What is known on every way to a step.
    private struct Way {
        /// Something was reserved.
        var isReserved = false
        /// Something was reserved on some way.
        var mayBeReserved = false
        /// There is an order.
        var isOrdered = false
        /// The order was cancelled on some way.
        var mayBeCancelled = false
        /// The latest call, by the step's name; nil: none, or it depends.
        var latest: String?
        /// Nothing can follow.
        var isOver = false
        /// Expected calls of one journey.
        var reserves = 0.0
        var confirms = 0.0
        var releases = 0.0
    }

    mutating func checkJourney(_ entry: YAMLNode.Entry, _ steps: [PlacedStep]) {
        let before = faults.count
        let way = follow(steps, Way(), weight: 1)
        guard faults.count == before else { return }
        let (call, count) =
            way.confirms > way.releases
            ? ("Confirm", way.confirms) : ("Release", way.releases)
        guard count > way.reserves + 1e-9 else { return }
        let ratio = Double(Int(count / max(way.reserves, 1e-9) * 100)) / 100
        fault(
            entry.place,
            "the funnel widens: \(Quoted.text(entry.key)) has \(ratio) times as many \(call)s as"
                + " Reserves; a later step can't be more frequent than an earlier one"
                + " ('again' repeats a call)")
    }

    private mutating func follow(_ steps: [PlacedStep], _ way: Way, weight: Double) -> Way {
        var way = way
        for (index, placed) in steps.enumerated() {
            if way.isOver {
                fault(placed.place, "nothing can follow here: every way before it has ended")
                return way
            }
            switch placed.step {
            case .think: break
            case .getStock: way.latest = "get_stock"
            case .reserve:
                take(placed, &way)
                way.isReserved = true
                way.latest = "reserve"
                way.reserves += weight
            case .order:
                take(placed, &way)
                way.isOrdered = true
                way.latest = "order"
            case .cancel: cancel(placed, &way)
            case .release where !way.isReserved:
                guard index + 1 < steps.count, case .reserve = steps[index + 1].step else {
                    needsReserve(placed, "release", " (or reserve directly after it)")
                    break
                }
                // It overtakes the reservation, whose refusal is what is looked for.
                way.latest = nil
            case .confirm, .release, .race: end(placed, &way, weight)
            case .again:
                if !way.isReserved, !way.isOrdered {
                    needsReserve(placed, "again", " (or an order)")
                } else if way.latest == nil || way.latest == "get_stock" {
                    fault(
                        placed.place,
                        "again repeats the call before it, which must be reserve, confirm,"
                            + " release, order or cancel, not "
                            + (way.latest ?? "a race or a choice"))
                }
            case .abandon: way.isOver = true
            case .choose(let choices):
                let ways = zip(choices, placed.branches).map { choice, branch in
                    var way = way
                    (way.reserves, way.confirms, way.releases) = (0, 0, 0)
                    way = follow(branch, way, weight: weight * choice.weight)
                    if branch.isEmpty { way.isOver = true }
                    return way
                }
                way = joined(ways, before: way)
            }
        }
        return way
    }

    /// A journey takes from the stock once.
    private mutating func take(_ placed: PlacedStep, _ way: inout Way) {
        if way.mayBeReserved {
            fault(
                placed.place,
                "a journey reserves or orders once: what comes after is another journey")
        }
        way.mayBeReserved = true
    }

    private mutating func cancel(_ placed: PlacedStep, _ way: inout Way) {
        if !way.isOrdered {
            fault(placed.place, "cancel needs a confirm or an order before it")
        }
        if way.mayBeCancelled {
            fault(placed.place, "a journey cancels once: in part or in whole")
        }
        way.mayBeCancelled = true
        way.latest = "cancel"
    }

    private mutating func end(_ placed: PlacedStep, _ way: inout Way, _ weight: Double) {
        let (name, confirms, releases) =
            switch placed.step {
            case .confirm: ("confirm", 1.0, 0.0)
            case .release: ("release", 0.0, 1.0)
            default: ("race", 1.0, 1.0)
            }
        if !way.isReserved { needsReserve(placed, name, "") }
        way.confirms += confirms * weight
        way.releases += releases * weight
        way.latest = name == "race" ? nil : name
        if name == "confirm" { way.isOrdered = true }
    }

    private mutating func needsReserve(_ placed: PlacedStep, _ name: String, _ or: String) {
        fault(placed.place, "\(name) needs a reserve before it\(or)")
    }

    /// What is known after a choice: what holds on every way that goes on.
    private func joined(_ ways: [Way], before: Way) -> Way {
        var way = before
        for branch in ways {
            way.reserves += branch.reserves
            way.confirms += branch.confirms
            way.releases += branch.releases
        }
        let goingOn = ways.filter { !$0.isOver }
        way.isOver = goingOn.isEmpty
        way.isReserved = goingOn.allSatisfy(\.isReserved)
        way.mayBeReserved = goingOn.contains(where: \.mayBeReserved)
        way.isOrdered = goingOn.allSatisfy(\.isOrdered)
        way.mayBeCancelled = goingOn.contains(where: \.mayBeCancelled)
        let latest = goingOn.first?.latest
        way.latest = goingOn.allSatisfy { $0.latest == latest } ? latest : nil
        return way
    }
}
