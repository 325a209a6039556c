// SPDX-License-Identifier: Apache-2.0

import Testing

/// The simulation finds a wrong rule: each of these is one rule turned in the model.
@Suite struct PlantedFaultTests {
    @Test(arguments: PlantedFault.allCases)
    func aWrongRuleIsFound(fault: PlantedFault) {
        var found = false
        for seed in 1...8 as ClosedRange<UInt64> where !found {
            let simulation = StockSimulation(seed: seed, steps: 25_000, fault: fault)
            if case .differs = simulation.run().outcome { found = true }
        }
        #expect(found, "\(fault) makes no difference in 200,000 operations")
    }

    @Test(arguments: ReplayMistake.all)
    func aWrongReplayIsFound(mistake: ReplayMistake) {
        var found = false
        for seed in 1...4 as ClosedRange<UInt64> where !found {
            let simulation = StockSimulation(seed: seed, steps: 6_000, mistake: mistake)
            if case .differs = simulation.run().outcome { found = true }
        }
        #expect(found, "\(mistake) makes no difference in 24,000 operations")
    }
}
