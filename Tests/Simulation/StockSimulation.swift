// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import ReservationCore

/// A random history, decided by the core and by the model side by side, with an auditor that reads
/// the records. Everything follows from the seed.
struct StockSimulation {
    /// How a history ended.
    enum Outcome: Equatable {
        /// Core, model and auditor agree on everything.
        case agreesWithModel
        /// They don't: where, and how.
        case differs(step: Int, String)
    }

    /// What happened, so that a test can tell that everything did.
    struct Tally {
        var verdicts: [String: Int] = [:]
        var expiries = 0
        var epochs = 0
        var restarts = 0
    }

    let seed: UInt64
    let steps: Int
    var fault: PlantedFault?
    /// Made at each restart.
    var mistake: ReplayMistake?
    /// The core starts again once in so many steps, and at the end of each epoch.
    static let restartOneIn = 3_000

    /// Runs the history to its end or to the first difference.
    func run() -> (outcome: Outcome, tally: Tally) {
        var chance = SeededGenerator(seed: seed)
        var tally = Tally()
        let shop = Shop()
        var step = 0
        while step < steps {
            let epoch = Epoch(&chance)
            tally.epochs += 1
            var bench = SimulationBench(epoch, shop: shop, fault: fault)
            var source = OperationSource(epoch)
            let end = min(step + epoch.steps, steps)
            var opening = source.opening(&chance)
            while step < end {
                let operation =
                    opening.popLast() ?? source.next(bench.model, at: bench.tick, &chance)
                bench.perform(operation, &chance)
                step += 1
                if step == end || chance.oneIn(StockSimulation.restartOneIn) {
                    bench.restart(mistake, &chance)
                    tally.restarts += 1
                }
                if step % 256 == 0 || step == end { bench.compareEverything() }
                if step % 4_096 == 0 || step == end { bench.audit() }
                if let difference = bench.difference {
                    return (
                        .differs(step: step, "\(difference); in epoch \(tally.epochs): \(epoch)"),
                        tally
                    )
                }
            }
            for (name, count) in bench.tally { tally.verdicts[name, default: 0] += count }
            tally.expiries += bench.expiryCount
        }
        return (.agreesWithModel, tally)
    }
}
