// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import LoadGenerator

/// How fast the calls of an open loop come.
@Suite struct PaceTests {
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
