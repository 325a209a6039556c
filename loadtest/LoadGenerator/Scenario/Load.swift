// SPDX-License-Identifier: Apache-2.0

/// When journeys begin: an open model, stage after stage.
public struct Load: Equatable, Sendable {
    /// How gaps between arrivals are drawn.
    public enum Arrivals: String, Equatable, Sendable, CaseIterable {
        /// Independent dealers: exponential gaps.
        case poisson
        /// Equal gaps.
        case even
    }

    /// What happens to a journey that begins late.
    public enum WhenLate: Equatable, Sendable {
        /// It begins all the same, and its latency counts from when it was due.
        case send
        /// Once so many nanoseconds late it is left out, and counted as a failure.
        case shed(after: UInt64)
    }

    /// How gaps are drawn.
    public var arrivals = Arrivals.poisson
    /// One after the other; never empty in a checked scenario.
    public var stages: [Stage] = []
    /// Journeys under way at once, 1 to 1,000,000; more wait, and their latency says so.
    public var maxInFlight = 100_000
    /// What happens to a journey that begins late.
    public var whenLate = WhenLate.send

    /// The defaults, without a stage.
    public init() {}
}

/// A part of a run in which arrivals follow one curve.
public struct Stage: Equatable, Sendable {
    /// How many journeys per second begin, over the time `t` since the stage's begin.
    public enum Shape: Equatable, Sendable {
        /// So many all the time.
        case hold(at: Double)
        /// A straight line.
        case ramp(from: Double, to: Double)
        /// From `base` up in a straight line within `rise`, then
        /// `base + (peak - base) * (1 + (t - rise) / tau) ^ -power`.
        case spike(base: Double, peak: Double, rise: UInt64, power: Double, tau: UInt64)
    }

    /// What reports call it, unique in the scenario.
    public var name: String
    /// Its curve; rates are journeys per second, 0 to 10,000,000.
    public var shape: Shape
    /// How long it lasts, 1 ms to 24 h.
    public var duration: UInt64
    /// False for warming up: its calls count in no percentile.
    public var isMeasured = true

    /// Names the parts.
    public init(name: String, shape: Shape, duration: UInt64, isMeasured: Bool = true) {
        self.name = name
        self.shape = shape
        self.duration = duration
        self.isMeasured = isMeasured
    }
}

extension Scenario {
    /// When the rush begins, in nanoseconds since the start: the begin of the stage called `T0`, else
    /// of the first spike, else 0.
    public var rushBegin: UInt64 {
        var begin: UInt64 = 0
        var spike: UInt64?
        for stage in load.stages {
            if stage.name == "T0" { return begin }
            if case .spike = stage.shape, spike == nil { spike = begin }
            begin += stage.duration
        }
        return spike ?? 0
    }

    /// From the start to the end of the last stage.
    public var duration: UInt64 { load.stages.reduce(0) { $0 + $1.duration } }
}
