// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Projection

/// Whose tables they are, and whether they may be written.
@Suite struct ProjectionMarkTests {
    private let own = ClientID(high: 0x0011_2233_4455_6677, low: 0x8899_aabb_ccdd_eeff)

    private func objection(
        journal: ClientID? = nil, sequence: UInt64, durable: UInt64 = 100, known: UInt64 = 0
    ) -> String? {
        ProjectionMark(journal: journal ?? own, epoch: 3, sequence: sequence)
            .objection(own, durable: durable, known: known)
    }

    @Test(arguments: [0, 50, 100] as [UInt64])
    func whatTheJournalHasIsFine(sequence: UInt64) {
        #expect(objection(sequence: sequence, known: min(sequence, 50)) == nil)
    }

    @Test func anotherJournalsAreNot() throws {
        let text = try #require(objection(journal: ClientID(high: 1, low: 2), sequence: 50))
        #expect(text.contains("stockade resync"))
        #expect(text.contains("00112233-4455-6677-8899-aabbccddeeff"))
        #expect(text.contains("00000000-0000-0001-0000-000000000002"))
    }

    @Test func neitherBeyondTheEndNorBehindWhatWasSeen() throws {
        let beyond = try #require(objection(sequence: 101))
        #expect(beyond.contains("101") && beyond.contains("stockade resync"))
        let back = try #require(objection(sequence: 49, known: 50))
        #expect(back.contains("from record 50 to 49") && back.contains("stockade resync"))
    }
}
