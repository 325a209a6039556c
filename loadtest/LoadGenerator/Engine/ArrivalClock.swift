// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// When one thread's journeys are due: fixed by the scenario and the seed before the run, whatever the
/// server does. Threads share a curve by thinning: each follows the same shape at its part of the rate.
struct ArrivalClock {
    /// The next arrival, in nanoseconds since the start; `.max` when there is none.
    private(set) var next: UInt64 = .max
    /// Its stage.
    private(set) var stage = 0

    private let curves: [StageCurve]
    private let begins: [UInt64]
    private let ends: [UInt64]
    private let isPoisson: Bool
    private let threads: Double
    private var stream: DrawStream
    /// Arrivals of all threads up to the next one, within its stage.
    private var place: Double
    private var time = 0.0

    init(_ load: Load, seed: UInt64, thread: Int, threads: Int) {
        curves = load.stages.map(StageCurve.init)
        var begin: UInt64 = 0
        var begins: [UInt64] = []
        var ends: [UInt64] = []
        for stage in load.stages {
            begins.append(begin)
            begin += stage.duration
            ends.append(begin)
        }
        self.begins = begins
        self.ends = ends
        isPoisson = load.arrivals == .poisson
        self.threads = Double(threads)
        stream = DrawStream(
            seed: Mix.words(seed, 0x6172_7269_7661_6c73), number: UInt64(thread))
        // Even arrivals go round the threads, each in the middle of its place.
        place = isPoisson ? 0 : Double(thread) + 0.5 - Double(threads)
        advance()
    }

    /// Goes to the arrival after the next.
    mutating func advance() {
        place += isPoisson ? -log(stream.unit()) * threads : threads
        while stage < curves.count {
            let total = curves[stage].total
            if place < total {
                time = curves[stage].time(of: place, after: time)
                let due = begins[stage] + UInt64(time * 1_000_000_000)
                next = min(due, ends[stage] - 1)
                return
            }
            place -= total
            time = 0
            stage += 1
        }
        next = .max
    }
}
