// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import StockadeAPI

/// What every thread of a run needs of the scenario, made once.
struct RunPlan: Sendable {
    let scenario: Scenario
    let identity: RunIdentity
    let brand: String
    let program: JourneyProgram
    let skuDraw: SkuDraw
    let dealerDraw: DealerDraw
    /// Lines of a reservation at most.
    let linesMax: Int
    /// Whether a dealer has two calls in flight at times.
    let hasRace: Bool
    /// End of each stage, in nanoseconds since the start.
    let stageEnds: [UInt64]

    init(
        _ scenario: Scenario, identity: RunIdentity, brand: String? = nil
    ) {
        self.scenario = scenario
        self.identity = identity
        self.brand = brand ?? scenario.brand ?? identity.brand
        program = JourneyProgram(scenario.journeys)
        skuDraw = SkuDraw(scenario)
        dealerDraw = DealerDraw(scenario.dealers)
        let ofSteps = program.reserves.compactMap { $0.lines?.upperBound }.max() ?? 1
        let ofTiers = scenario.dealers.tiers.map(\.lines.upperBound).max() ?? 1
        linesMax = max(1, ofSteps, ofTiers)
        hasRace = program.operations.contains(.race)
        var end: UInt64 = 0
        stageEnds = scenario.load.stages.map { stage in
            end += stage.duration
            return end
        }
    }

    /// The stage that a time since the start lies in; the last one afterwards.
    @inline(__always)
    func stage(at time: UInt64) -> Int {
        var stage = 0
        while stage + 1 < stageEnds.count, time >= stageEnds[stage] { stage += 1 }
        return stage
    }

    /// The longest time that a reservation of the run may live, in milliseconds.
    var longestTimeToLive: UInt64 {
        var longest: UInt64 = 0
        for case .reserve(let index) in program.operations {
            let asked = program.reserves[index].timeToLive
            longest = max(longest, asked == 0 ? 900_000 : UInt64(asked))
        }
        return longest
    }
}
