// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// When the calls of an open loop are due: fixed by rate and seed before the run, so that nothing the
/// server does can move them. Independent callers: exponential gaps.
struct PoissonPace {
    /// The next call, in nanoseconds after the start.
    private(set) var next: UInt64 = 0

    private let gap: Double
    private let seed: UInt64
    private var elapsed = 0.0
    private var drawn: UInt64 = 0

    /// - Parameters:
    ///   - perSecond: calls per second.
    ///   - seed: another seed draws other times.
    init(perSecond: Double, seed: UInt64) {
        gap = 1_000_000_000 / perSecond
        self.seed = seed
        advance()
    }

    /// Goes to the call after the next.
    mutating func advance() {
        // 53 random bits as (0, 1]: the logarithm is finite.
        let uniform = Double((Mix.words(seed, drawn) >> 11) + 1) * 0x1p-53
        drawn += 1
        elapsed -= log(uniform) * gap
        next = UInt64(elapsed)
    }
}
