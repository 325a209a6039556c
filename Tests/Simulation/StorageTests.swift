// SPDX-License-Identifier: Apache-2.0

import Testing

/// The core's history on a journal on a disk that loses, tears, reorders and fails.
@Suite struct StorageTests {
    private static let crashesPerHistory = 26

    @Test(arguments: SimulationPlan.storageSeeds())
    func whatWasAcknowledgedSurvivesAnyCrash(seed: UInt64) {
        let simulation = StorageSimulation(
            seed: seed, crashes: StorageTests.crashesPerHistory)
        let (outcome, _) = simulation.run()
        let replay =
            "SIM_SEED=\(seed) swift test --filter whatWasAcknowledgedSurvivesAnyCrash"
        #expect(outcome == .agreesWithModel, "replay: \(replay)")
    }

    /// A history in which something never happens proves nothing about it.
    @Test func historiesMeetEveryKindOfTrouble() {
        var tally = StorageSimulation.Tally()
        let histories = 20
        for seed in 1...UInt64(histories) {
            let (outcome, met) = StorageSimulation(
                seed: seed, crashes: StorageTests.crashesPerHistory
            ).run()
            #expect(outcome == .agreesWithModel, "seed \(seed)")
            tally.add(met)
        }
        print("storage: \(tally)")
        #expect(tally.crashes == histories * StorageTests.crashesPerHistory)
        #expect(tally.failures > 20)
        #expect(tally.interruptedStarts > 20)
        #expect(tally.lostRecords > 100)
        #expect(tally.commits > 300)
        #expect(tally.seals > 100)
        #expect(tally.kills > 20)
        #expect(tally.segments > 3)
        for damage in StoreDamage.allCases {
            #expect(tally.damages["\(damage)", default: 0] > 0, "\(damage) never happened")
        }
    }

    @Test(arguments: StorageFault.allCases)
    func aMistakenJournalIsFound(fault: StorageFault) {
        var found = false
        for seed in 1...60 as ClosedRange<UInt64> where !found {
            let simulation = StorageSimulation(
                seed: seed, crashes: StorageTests.crashesPerHistory, fault: fault)
            if case .differs = simulation.run().outcome { found = true }
        }
        #expect(found, "\(fault) makes no difference in 1,560 crashes")
    }
}
