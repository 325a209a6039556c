// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import LoadGenerator

/// What dealers pick, and who they are.
@Suite struct DrawTests {
    private static let second: UInt64 = 1_000_000_000

    private func stream(_ number: UInt64) -> DrawStream { DrawStream(seed: 7, number: number) }

    @Test(arguments: [0, 0.5, 0.8, 0.99, 1.0, 1.2, 2.5])
    func zipfFallsAsItsExponentSays(_ exponent: Double) {
        let ranks = 50
        let zipf = ZipfDraw(count: ranks, exponent: exponent)
        var counts = [Double](repeating: 0, count: ranks)
        let draws = 200_000
        var stream = stream(1)
        for _ in 0..<draws { counts[zipf.draw(&stream)] += 1 }
        let weights = (1...ranks).map { power(Double($0), -exponent) }
        let sum = weights.reduce(0, +)
        var chi = 0.0
        for rank in 0..<ranks {
            let expected = weights[rank] / sum * Double(draws)
            chi += (counts[rank] - expected) * (counts[rank] - expected) / expected
        }
        // 49 degrees of freedom: chance passes 110 about once in a million.
        #expect(chi < 110, "exponent \(exponent): \(chi)")
    }

    @Test func oneRankIsAlwaysTheFirst() {
        var stream = stream(2)
        let zipf = ZipfDraw(count: 1, exponent: 0.99)
        for _ in 0..<1_000 { #expect(zipf.draw(&stream) == 0) }
    }

    @Test func theFlashSetDecaysAndMovesOn() {
        var scenario = Scenario(name: "test")
        scenario.goods.skus = 100
        scenario.goods.flash = 4
        scenario.pick.flashShare = 0.8
        scenario.pick.shareBefore = 0
        scenario.pick.halfLife = 10 * DrawTests.second
        scenario.pick.active = 2
        scenario.pick.rotation = 5 * DrawTests.second
        scenario.load.stages = [
            Stage(name: "before", shape: .hold(at: 1), duration: 10 * DrawTests.second),
            Stage(name: "T0", shape: .hold(at: 1), duration: 60 * DrawTests.second),
        ]
        let draw = SkuDraw(scenario)
        func counts(at second: UInt64) -> [Int] {
            var counts = [Int](repeating: 0, count: 100)
            var stream = stream(second)
            for _ in 0..<20_000 {
                counts[Int(draw.draw(at: second * DrawTests.second, &stream))] += 1
            }
            return counts
        }
        #expect(counts(at: 9)[0..<4].reduce(0, +) == 0)
        let first = counts(at: 10)
        #expect(abs(first[0..<2].reduce(0, +) - 16_000) < 400)
        #expect(first[2..<4].reduce(0, +) == 0)
        let second = counts(at: 15)
        #expect(second[0..<2].reduce(0, +) == 0)
        #expect(second[2..<4].reduce(0, +) > 10_000)
        #expect(abs(counts(at: 20)[0..<2].reduce(0, +) - 8_000) < 400)
    }

    @Test func tiersHaveTheirShares() {
        var dealers = Dealers()
        dealers.count = 1_000
        var key = DealerTier()
        key.name = "key"
        key.share = 0.02
        key.orders = 0.2
        var small = DealerTier()
        small.name = "small"
        small.share = 0.98
        small.orders = 0.8
        dealers.tiers = [key, small]
        let draw = DealerDraw(dealers)
        var stream = stream(3)
        var ofKey = 0
        var seen: Set<UInt32> = []
        for _ in 0..<20_000 {
            let (tier, dealer) = draw.draw(&stream)
            if tier == 0 {
                ofKey += 1
                seen.insert(dealer)
            }
        }
        #expect(abs(ofKey - 4_000) < 300)
        #expect(seen == Set(0..<20))
    }

    @Test func pausesHaveTheirMeans() {
        let pauses: [(Journey.Pause, Double)] = [
            (.fixed(500), 500), (.uniform(100...900), 500), (.exponential(mean: 500), 500),
            (.lognormal(median: 500, sigma: 0.5), 500 * 1.1331),
        ]
        for (pause, mean) in pauses {
            var stream = stream(4)
            var sum = 0.0
            for _ in 0..<100_000 { sum += Double(stream.pause(pause)) }
            #expect(abs(sum / 100_000 - mean) < 0.02 * mean, "\(pause)")
        }
    }

    @Test func aBranchLeadsOnWhereTheJourneyGoesOn() {
        let steps: [Journey.Step] = [
            .reserve(.init()),
            .choose([
                .init(weight: 0.5, steps: [.confirm]), .init(weight: 0.25, steps: [.abandon]),
                .init(weight: 0.25, steps: []),
            ]), .getStock,
        ]
        let program = JourneyProgram([Journey(name: "order", weight: 1, steps: steps)])
        func path(_ draw: Double) -> [JourneyProgram.Operation] {
            var place = program.entries[0].target
            var path: [JourneyProgram.Operation] = []
            while true {
                switch program.operations[place] {
                case .choose(let range): place = program.target(of: draw, in: range)
                case .jump(let target): place = target
                case .end: return path
                case let operation:
                    path.append(operation)
                    place += 1
                }
            }
        }
        #expect(path(0.4) == [.reserve(0), .confirm, .getStock])
        #expect(path(0.6) == [.reserve(0)])
        #expect(path(0.9) == [.reserve(0)])
    }

    /// x^y for x above 0, by repeated square roots and products.
    private func power(_ base: Double, _ exponent: Double) -> Double {
        var result = 1.0
        var rest = abs(exponent)
        var factor = base
        while rest >= 1 {
            result *= base
            rest -= 1
        }
        for _ in 0..<50 {
            factor = factor.squareRoot()
            rest *= 2
            if rest >= 1 {
                result *= factor
                rest -= 1
            }
        }
        return exponent < 0 ? 1 / result : result
    }
}
