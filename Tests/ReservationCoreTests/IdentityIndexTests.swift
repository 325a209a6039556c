// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import ReservationCore

/// Removal moves what was pushed on back to where it is looked for. Small spaces are enumerated.
@Suite struct IdentityIndexTests {
    /// An identity whose home is slot `home` of 64.
    private static func identity(_ number: Int, home: Int, stripe: Int = 0) -> Identity {
        Identity(
            id: ClientID(high: 1, low: UInt64(number)), brandHash: 0, kind: .reservation,
            hash: UInt64(home) | UInt64(number) << 8, stripe: stripe)
    }

    @Test func everyLayoutSurvivesEveryRemoval() {
        let homes = [62, 63, 0, 1]  // around the end, where positions wrap
        let orders = permutations([0, 1, 2, 3])
        for layout in 0..<256 {
            let identities = (0..<4).map { place in
                IdentityIndexTests.identity(place, home: homes[layout >> (2 * place) & 3])
            }
            let index = IdentityIndex(parts: 1, rowsPerPart: 8)
            for order in orders {
                for (row, identity) in identities.enumerated() { index.insert(identity, row: row) }
                var there = Set(0..<4)
                for victim in order {
                    index.remove(identities[victim], row: victim)
                    there.remove(victim)
                    for (row, identity) in identities.enumerated() {
                        let found = index.find(identity) { $0 == row }
                        if (found == row) != there.contains(row) {
                            Issue.record("layout \(layout), order \(order), row \(row)")
                            return
                        }
                    }
                }
            }
        }
    }

    @Test func partsAndKindsAreApart() {
        let index = IdentityIndex(parts: 2, rowsPerPart: 8)
        let one = IdentityIndexTests.identity(1, home: 5)
        var order = one
        order.kind = .order
        let elsewhere = IdentityIndexTests.identity(1, home: 5, stripe: 1)
        index.insert(one, row: 3)
        #expect(index.find(one) { $0 == 3 } == 3)
        #expect(index.find(order) { _ in true } == nil)
        #expect(index.find(elsewhere) { _ in true } == nil)
        index.insert(order, row: 4)
        index.remove(one, row: 3)
        #expect(index.find(order) { _ in true } == 4)
        #expect(index.find(one) { _ in true } == nil)
    }

    @Test func staysAtMostTwoThirdsFull() {
        for rows in [1, 42, 43, 1_000, 100_000] {
            let slots = IdentityIndex.slotsPerPart(rows: rows)
            #expect(slots >= rows + rows / 2)
            #expect(slots & (slots - 1) == 0)
        }
    }

    private func permutations(_ numbers: [Int]) -> [[Int]] {
        guard numbers.count > 1 else { return [numbers] }
        return numbers.flatMap { first in
            permutations(numbers.filter { $0 != first }).map { [first] + $0 }
        }
    }
}
