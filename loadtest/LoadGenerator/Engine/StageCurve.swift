// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// One stage's arrivals as a function of time, and its inverse: from a number of arrivals to when that many
/// have come. So any curve can be drawn as a Poisson process: unit-rate exponentials, pushed through it.
/// Seconds since the stage's begin; arrivals as a real number.
struct StageCurve: Sendable {
    private let shape: Stage.Shape
    private let seconds: Double
    /// Arrivals of the whole stage.
    let total: Double

    init(_ stage: Stage) {
        shape = stage.shape
        seconds = Double(stage.duration) / 1_000_000_000
        total = StageCurve.arrivals(stage.shape, seconds, of: seconds)
    }

    /// Arrivals up to `time`.
    func arrivals(by time: Double) -> Double {
        StageCurve.arrivals(shape, time, of: seconds)
    }

    /// Arrivals per second at `time`.
    func rate(at time: Double) -> Double {
        switch shape {
        case .hold(let rate): return rate
        case .ramp(let from, let to): return from + (to - from) * time / seconds
        case .spike(let base, let peak, let rise, let power, let tau):
            let risen = Double(rise) / 1_000_000_000
            if time < risen { return base + (peak - base) * time / risen }
            let scale = Double(tau) / 1_000_000_000
            return base + (peak - base) * pow(1 + (time - risen) / scale, -power)
        }
    }

    /// When `count` arrivals have come, searched from `earlier` on, by which fewer had.
    func time(of count: Double, after earlier: Double) -> Double {
        switch shape {
        case .hold(let rate): return count / rate
        case .ramp(let from, let to):
            return StageCurve.rampTime(count, from, to, seconds)
        case .spike(let base, let peak, let rise, _, _):
            let risen = Double(rise) / 1_000_000_000
            let ofRise = (base + peak) / 2 * risen
            if count <= ofRise { return StageCurve.rampTime(count, base, peak, risen) }
            // The rate falls, so each of Newton's steps stops short of the place and none passes it.
            var time = max(earlier, risen)
            for _ in 0..<64 {
                let step = (count - arrivals(by: time)) / rate(at: time)
                time += step
                if step < 1e-10 { break }
            }
            return time
        }
    }

    private static func arrivals(_ shape: Stage.Shape, _ time: Double, of seconds: Double) -> Double
    {
        switch shape {
        case .hold(let rate): return rate * time
        case .ramp(let from, let to):
            return from * time + (to - from) * time * time / (2 * seconds)
        case .spike(let base, let peak, let rise, let power, let tau):
            let risen = Double(rise) / 1_000_000_000
            if time <= risen {
                return base * time + (risen > 0 ? (peak - base) * time * time / (2 * risen) : 0)
            }
            let scale = Double(tau) / 1_000_000_000
            let place = (time - risen) / scale
            let decayed =
                abs(power - 1) < 1e-9
                ? scale * log1p(place)
                : scale / (1 - power) * (pow(1 + place, 1 - power) - 1)
            return (base + peak) / 2 * risen + base * (time - risen) + (peak - base) * decayed
        }
    }

    private static func rampTime(
        _ count: Double, _ from: Double, _ to: Double, _ seconds: Double
    ) -> Double {
        let root = max(0, from * from + 2 * (to - from) * count / seconds).squareRoot()
        return from + root > 0 ? 2 * count / (from + root) : 0
    }
}
