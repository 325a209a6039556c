// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A journey's own stream of draws: SplitMix64 from the seed and the journey's number. So a journey does the
/// same whatever the others do, and whenever it comes.
struct DrawStream: BitwiseCopyable {
    private var state: UInt64

    /// The stream of journey `number`.
    init(seed: UInt64, number: UInt64) {
        state = Mix.words(seed, number)
    }

    /// 64 random bits.
    @inline(__always)
    mutating func next() -> UInt64 {
        state = state &+ 0x9e37_79b9_7f4a_7c15
        return Mix.words(state, 0)
    }

    /// Above 0 up to 1: its logarithm is finite.
    @inline(__always)
    mutating func unit() -> Double { Double((next() >> 11) + 1) * 0x1p-53 }

    /// A number of the range, each as likely.
    @inline(__always)
    mutating func number(in range: ClosedRange<Int64>) -> Int64 {
        let width = UInt64(range.upperBound - range.lowerBound) + 1
        return range.lowerBound + Int64(next().multipliedFullWidth(by: width).high)
    }

    /// Nanoseconds of a pause.
    mutating func pause(_ pause: Journey.Pause) -> UInt64 {
        switch pause {
        case .fixed(let time): return time
        case .uniform(let range):
            return UInt64(
                number(in: Int64(range.lowerBound)...Int64(range.upperBound)))
        case .exponential(let mean): return UInt64(-log(unit()) * Double(mean))
        case .lognormal(let median, let sigma):
            // Box and Muller.
            let normal = (-2 * log(unit())).squareRoot() * cos(2 * Double.pi * unit())
            return UInt64(Double(median) * min(100, exp(sigma * normal)))
        }
    }
}
