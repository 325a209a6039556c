// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import LoadGenerator

/// When dealers come: every shape, both ways of drawing, any number of threads.
@Suite struct ArrivalTests {
    private static let second: UInt64 = 1_000_000_000

    private static let shapes: [Stage.Shape] = [
        .hold(at: 1_000), .ramp(from: 0, to: 2_000), .ramp(from: 2_000, to: 100),
        .spike(base: 20, peak: 2_440, rise: second, power: 0.38, tau: 5 * second),
        .spike(base: 20, peak: 2_440, rise: 0, power: 1, tau: second),
    ]

    private func scenario(_ shape: Stage.Shape, _ arrivals: Load.Arrivals) -> Scenario {
        var scenario = Scenario(name: "test")
        scenario.load.arrivals = arrivals
        scenario.load.stages = [
            Stage(name: "rush", shape: shape, duration: 20 * ArrivalTests.second)
        ]
        return scenario
    }

    private func dues(_ scenario: Scenario, threads: Int) -> [UInt64] {
        var dues: [UInt64] = []
        for thread in 0..<threads {
            var clock = ArrivalClock(
                scenario.load, seed: scenario.seed, thread: thread, threads: threads)
            var last: UInt64 = 0
            while clock.next != .max {
                #expect(clock.next >= last)
                last = clock.next
                dues.append(clock.next)
                clock.advance()
            }
        }
        return dues.sorted()
    }

    @Test(arguments: shapes)
    func theInverseGivesBackTheTime(_ shape: Stage.Shape) {
        let curve = StageCurve(
            Stage(name: "rush", shape: shape, duration: 20 * ArrivalTests.second))
        var earlier = 0.0
        for step in 1..<400 {
            let time = Double(step) / 20
            let found = curve.time(of: curve.arrivals(by: time), after: earlier)
            #expect(abs(found - time) < 1e-6, "\(shape) at \(time): \(found)")
            earlier = found
        }
    }

    @Test(arguments: shapes)
    func ratesAreTheSlopeOfTheArrivals(_ shape: Stage.Shape) {
        let curve = StageCurve(
            Stage(name: "rush", shape: shape, duration: 20 * ArrivalTests.second))
        for step in 1..<190 {
            let time = Double(step) / 10 + 0.05
            let slope = (curve.arrivals(by: time + 1e-4) - curve.arrivals(by: time - 1e-4)) / 2e-4
            #expect(abs(slope - curve.rate(at: time)) < 0.01 * curve.rate(at: time) + 0.1)
        }
    }

    @Test(arguments: shapes, [1, 3])
    func evenArrivalsFollowTheCurve(_ shape: Stage.Shape, _ threads: Int) {
        let scenario = scenario(shape, .even)
        let curve = StageCurve(scenario.load.stages[0])
        let dues = dues(scenario, threads: threads)
        #expect(abs(Double(dues.count) - curve.total) <= 1)
        for (index, due) in dues.enumerated() {
            let expected = curve.arrivals(by: Double(due) / 1e9)
            #expect(abs(expected - Double(index) - 0.5) < 0.01 + curve.total * 1e-6)
        }
    }

    /// Pushed back through the curve, the gaps must be exponential with mean 1: Kolmogorov and Smirnov's
    /// distance, and the index of dispersion of the counts.
    @Test(arguments: shapes, [1, 3])
    func poissonArrivalsAreIndependent(_ shape: Stage.Shape, _ threads: Int) {
        let scenario = scenario(shape, .poisson)
        let curve = StageCurve(scenario.load.stages[0])
        let dues = dues(scenario, threads: threads)
        #expect(abs(Double(dues.count) - curve.total) < 5 * curve.total.squareRoot())
        let places = dues.map { curve.arrivals(by: Double($0) / 1e9) }
        var gaps = zip(places.dropFirst(), places).map { $0 - $1 }
        gaps.sort()
        var distance = 0.0
        for (index, gap) in gaps.enumerated() {
            let expected = 1 - exponential(-gap)
            distance = max(distance, abs(expected - Double(index) / Double(gaps.count)))
        }
        // The value that chance passes once in a million.
        #expect(distance < 2.7 / Double(gaps.count).squareRoot())
        var counts = [Double](repeating: 0, count: Int(curve.total / 10))
        for place in places where Int(place / 10) < counts.count { counts[Int(place / 10)] += 1 }
        let mean = counts.reduce(0, +) / Double(counts.count)
        let variance =
            counts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(counts.count - 1)
        let scatter = (2 / Double(counts.count)).squareRoot()
        #expect(abs(variance / mean - 1) < 5 * scatter)
    }

    @Test func theSameSeedDrawsTheSameTimes() {
        let scenario = scenario(.hold(at: 500), .poisson)
        var other = scenario
        other.seed = 2
        #expect(dues(scenario, threads: 2) == dues(scenario, threads: 2))
        #expect(dues(scenario, threads: 2) != dues(other, threads: 2))
    }

    @Test func aStageOfNothingIsPassedOver() {
        var scenario = scenario(.hold(at: 0), .poisson)
        scenario.load.stages.append(
            Stage(name: "later", shape: .hold(at: 100), duration: ArrivalTests.second))
        let first = dues(scenario, threads: 1).first ?? 0
        #expect(first >= 20 * ArrivalTests.second)
    }

    /// e^x by its series: the tests take no mathematics from where the product does.
    private func exponential(_ x: Double) -> Double {
        var sum = 1.0
        var term = 1.0
        for n in 1..<80 {
            term *= x / Double(n)
            sum += term
        }
        return sum
    }
}
