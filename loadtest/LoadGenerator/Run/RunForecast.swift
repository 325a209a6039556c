// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// What a scenario will do, computed without connecting: how many calls, how much memory, whether the flash
/// set sells out. Expected values; a run scatters around them.
public struct RunForecast: Equatable, Sendable {
    /// Journeys that will begin.
    public var journeys = 0.0
    /// Calls of each kind, by `CallKind.rawValue`, if no reservation is refused.
    public var calls = [Double](repeating: 0, count: CallKind.allCases.count)
    /// The highest rate of journeys per second, and when, in seconds since the start.
    public var peakRate = 0.0
    /// See `peakRate`.
    public var peakSecond = 0.0
    /// Units asked for of the flash set, and what there is of it.
    public var flashDemand = 0.0
    /// See `flashDemand`.
    public var flashUnits: Int64 = 0
    /// Seconds of the load, and at most of the closing phase's pause after it.
    public var seconds = 0.0
    /// See `seconds`.
    public var closingPause = 0.0
    /// Bytes of the tables that are made at the start, and of the ledger in the end.
    public var tableBytes = 0
    /// See `tableBytes`.
    public var ledgerBytes = 0.0
    /// Connections, each a local port and a descriptor.
    public var connections = 0

    /// Computes it.
    public init(_ scenario: Scenario) {
        let plan = RunPlan(
            scenario, identity: RunIdentity(runID: 1, seed: scenario.seed))
        connections = scenario.target.connections + 1
        seconds = Double(scenario.duration) / 1_000_000_000
        closingPause =
            scenario.closing == nil ? 0 : Double(plan.longestTimeToLive + 1_000) / 1_000
        flashUnits = Int64(scenario.goods.flash) * scenario.goods.flashUnits
        let perJourney = scenario.journeys.map { journey in
            RunForecast.calls(journey.steps).map { $0 * journey.weight }
        }
        var mix = [Double](repeating: 0, count: CallKind.allCases.count)
        for counts in perJourney { for index in mix.indices { mix[index] += counts[index] } }
        let units = RunForecast.unitsPerReservation(scenario)
        let rush = Double(scenario.rushBegin) / 1_000_000_000
        var begin = 0.0
        for stage in scenario.load.stages {
            let curve = StageCurve(stage)
            let length = Double(stage.duration) / 1_000_000_000
            let steps = 200
            for step in 0..<steps {
                let from = length * Double(step) / Double(steps)
                let to = length * Double(step + 1) / Double(steps)
                let arrivals = curve.arrivals(by: to) - curve.arrivals(by: from)
                journeys += arrivals
                if curve.rate(at: to) > peakRate {
                    peakRate = curve.rate(at: to)
                    peakSecond = begin + to
                }
                let share = RunForecast.flashShare(
                    scenario.pick, since: begin + from - rush,
                    hasOthers: scenario.goods.skus > scenario.goods.flash)
                if scenario.goods.flash > 0 {
                    let takers =
                        mix[Int(CallKind.reserve.rawValue)]
                        + mix[Int(CallKind.createOrder.rawValue)]
                    flashDemand += arrivals * takers * units * share
                }
            }
            begin += length
        }
        for index in calls.indices { calls[index] = journeys * mix[index] }
        let rows = CallKind.allCases.reduce(0.0) {
            $1 == .getStock ? $0 : $0 + calls[Int($1.rawValue)]
        }
        // A row per line.
        ledgerBytes =
            rows * RunForecast.linesPerReservation(scenario) * Double(MemoryLayout<CallRow>.stride)
        let places = scenario.load.maxInFlight
        tableBytes =
            places
            * (MemoryLayout<JourneyRow>.stride + MemoryLayout<LineRow>.stride * plan.linesMax
                + MemoryLayout<CallState>.stride * (plan.hasRace ? 2 : 1) + 64)
    }

    /// Expected calls of some steps, by kind.
    private static func calls(_ steps: [Journey.Step]) -> [Double] {
        var counts = [Double](repeating: 0, count: CallKind.allCases.count)
        var last: CallKind?
        func add(_ kind: CallKind, _ amount: Double = 1) {
            counts[Int(kind.rawValue)] += amount
            last = kind
        }
        for step in steps {
            switch step {
            case .getStock: add(.getStock)
            case .reserve: add(.reserve)
            case .confirm: add(.confirm)
            case .release: add(.release)
            case .order: add(.createOrder)
            case .cancel: add(.cancelOrder)
            case .race:
                add(.confirm)
                add(.release)
            case .again: if let last { add(last) }
            case .think: break
            case .abandon: return counts
            case .choose(let choices):
                for choice in choices {
                    for (index, count) in calls(choice.steps).enumerated() {
                        counts[index] += count * choice.weight
                    }
                }
            }
        }
        return counts
    }

    private static func linesPerReservation(_ scenario: Scenario) -> Double {
        let steps = JourneyProgram(scenario.journeys).reserves
        let ranges = Set(steps.map(\.lines))
        if ranges.count == 1, let lines = steps[0].lines {
            return Double(lines.lowerBound + lines.upperBound) / 2
        }
        return scenario.dealers.tiers.reduce(0) { sum, tier in
            sum + tier.orders * Double(tier.lines.lowerBound + tier.lines.upperBound) / 2
        }
    }

    private static func unitsPerReservation(_ scenario: Scenario) -> Double {
        func middle(_ range: ClosedRange<Int64>) -> Double {
            Double(range.lowerBound + range.upperBound) / 2
        }
        // Steps that say so themselves, all alike: what a tier says is not asked then.
        let steps = JourneyProgram(scenario.journeys).reserves
        let quantities = Set(steps.map(\.quantity))
        let lines = Set(steps.map(\.lines))
        if quantities.count == 1, lines.count == 1, let quantity = steps[0].quantity,
            let count = steps[0].lines
        {
            return middle(quantity) * Double(count.lowerBound + count.upperBound) / 2
        }
        return scenario.dealers.tiers.reduce(0) { sum, tier in
            sum + tier.orders * middle(tier.quantity)
                * Double(tier.lines.lowerBound + tier.lines.upperBound) / 2
        }
    }

    private static func flashShare(
        _ pick: SkuPick, since seconds: Double, hasOthers: Bool
    ) -> Double {
        guard hasOthers else { return 1 }
        guard seconds >= 0 else { return pick.shareBefore }
        guard let halfLife = pick.halfLife else { return pick.flashShare }
        return pick.flashShare * exp2(-seconds * 1_000_000_000 / Double(halfLife))
    }
}
