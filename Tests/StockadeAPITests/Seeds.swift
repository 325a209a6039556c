// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The seeds of this run: a fresh one, or the one that SIM_SEED pins.
enum Seeds {
    /// What a random test is repeated for.
    static func forThisRun() -> [UInt64] {
        if let pinned = ProcessInfo.processInfo.environment["SIM_SEED"].flatMap({ UInt64($0) }) {
            return [pinned]
        }
        return [UInt64.random(in: .min ... .max)]
    }
}

/// SplitMix64: small, and the same everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
