// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import LoadGenerator

/// When the calls of an open loop are due.
@Suite struct PaceTests {
    @Test func theMeanIsTheRateAndTheSpreadIsPoissons() {
        var pace = PoissonPace(perSecond: 20_000, seed: 1)
        let count = 200_000
        var last: UInt64 = 0
        var squares = 0.0
        for _ in 0..<count {
            #expect(pace.next >= last)
            let gap = Double(pace.next - last)
            squares += gap * gap
            last = pace.next
            pace.advance()
        }
        let mean = Double(last) / Double(count)
        #expect(abs(mean / 50_000 - 1) < 0.01)
        // An exponential gap's mean square is twice the square of its mean.
        #expect(abs(squares / Double(count) / (2 * mean * mean) - 1) < 0.03)
    }

    @Test func sameSeedSameTimes() {
        var first = PoissonPace(perSecond: 100, seed: 7)
        var second = PoissonPace(perSecond: 100, seed: 7)
        let other = PoissonPace(perSecond: 100, seed: 8)
        #expect(first.next != other.next)
        for _ in 0..<100 {
            #expect(first.next == second.next)
            first.advance()
            second.advance()
        }
    }

    @Test func ratesAsPeopleWriteThem() {
        #expect(CallRate("250")?.perSecond == 250)
        #expect(CallRate("20k")?.perSecond == 20_000)
        #expect(CallRate("1.5k/s")?.perSecond == 1_500)
        #expect(CallRate("2m/s")?.perSecond == 2_000_000)
        for text in ["", "0", "-1", "k", "1e9", "nan", "11m", "5/min", "1 k", "0x10"] {
            #expect(CallRate(text) == nil, "\(text)")
        }
    }
}
