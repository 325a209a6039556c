// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import ReservationCore

/// A random history of a server whose disk fails: it serves, crashes, recovers and goes on, and
/// whatever was acknowledged must be there each time. Everything follows from the seed.
struct StorageSimulation {
    /// What happened, so that a test can tell that everything did.
    struct Tally {
        var operations = 0
        var commits = 0
        var seals = 0
        var crashes = 0
        /// Crashes of the process alone.
        var kills = 0
        /// Of the longest journal.
        var segments = 0
        /// Errors of the disk after which the process ended.
        var failures = 0
        /// Starts that were themselves interrupted.
        var interruptedStarts = 0
        /// Records that were appended and not there after a crash: never acknowledged.
        var lostRecords = 0
        var damages: [String: Int] = [:]

        mutating func add(_ other: Tally) {
            operations += other.operations
            commits += other.commits
            seals += other.seals
            crashes += other.crashes
            kills += other.kills
            segments = max(segments, other.segments)
            failures += other.failures
            interruptedStarts += other.interruptedStarts
            lostRecords += other.lostRecords
            damages.merge(other.damages, uniquingKeysWith: +)
        }
    }

    let seed: UInt64
    /// Lives of the server, each of which ends with a crash.
    let crashes: Int
    var fault: StorageFault?

    /// Runs the history to its end or to the first difference.
    func run() -> (outcome: StockSimulation.Outcome, tally: Tally) {
        var chance = SeededGenerator(seed: seed)
        let epoch = Epoch(&chance)
        var bench = StorageBench(epoch, shop: Shop(), fault: fault, &chance)
        var source = OperationSource(epoch)
        var opening: [Operation] = []
        for crash in 1...crashes {
            bench.live(&source, &opening, &chance)
            if let difference = bench.bench.difference {
                return (.differs(step: crash, "\(difference); in \(epoch)"), bench.tally)
            }
        }
        return (.agreesWithModel, bench.tally)
    }
}
