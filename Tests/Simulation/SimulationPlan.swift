// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How much this run simulates. `SIM_SEED` pins the first seed, `SIM_SEEDS` says how many follow
/// one another from there, `SIM_STEPS` how many operations each has.
enum SimulationPlan {
    /// The seeds of this run: fresh ones, unless `SIM_SEED` is set.
    static func seeds() -> [UInt64] {
        let pinned = number("SIM_SEED")
        let count = number("SIM_SEEDS") ?? (pinned == nil ? 4 : 1)
        let first = pinned ?? UInt64.random(in: 0..<1 << 62)
        return (0..<max(count, 1)).map { first &+ $0 }
    }

    /// The seeds of histories on a simulated disk: twenty for each seed of this run, or exactly the
    /// one that `SIM_SEED` pins.
    static func storageSeeds() -> [UInt64] {
        let pinned = number("SIM_SEED")
        let count = number("SIM_SEEDS").map { $0 * 20 } ?? (pinned == nil ? 80 : 1)
        let first = pinned ?? UInt64.random(in: 0..<1 << 62)
        return (0..<max(count, 1)).map { first &+ $0 }
    }

    /// Operations for each seed.
    static var steps: Int { Int(clamping: number("SIM_STEPS") ?? 50_000) }

    /// What to type to see a failure again.
    static func replayLine(seed: UInt64, steps: Int, test: String) -> String {
        "SIM_SEED=\(seed) SIM_STEPS=\(steps) swift test --filter \(test)"
    }

    private static func number(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }
}
