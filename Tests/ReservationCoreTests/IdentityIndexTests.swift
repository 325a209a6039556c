// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import ReservationCore

/// Removal moves what was pushed on back to where it is looked for. Small spaces are enumerated.
@Suite struct IdentityIndexTests {
    /// An identity whose home is slot `home` of so many.
    private static func identity(
        _ number: Int, home: Int, of slots: Int = 64, stripe: Int = 0
    ) -> Identity {
        // The first tag whose fraction of the slots lies in the home, and a few beyond it.
        let tag = (UInt64(home) << 32 + UInt64(slots) - 1) / UInt64(slots) + UInt64(number)
        return Identity(
            id: ClientID(high: 1, low: UInt64(number)), brandHash: 0, kind: .reservation,
            hash: tag, stripe: stripe)
    }

    /// With as many slots as a power of two, and not.
    @Test(arguments: [8, 50]) func everyLayoutSurvivesEveryRemoval(rows: Int) {
        let slots = IdentityIndex.slotsPerPart(rows: rows)
        #expect(slots == (rows == 8 ? 64 : 67))
        let homes = [slots - 2, slots - 1, 0, 1]  // around the end, where positions wrap
        let orders = permutations([0, 1, 2, 3])
        for layout in 0..<256 {
            let identities = (0..<4).map { place in
                IdentityIndexTests.identity(
                    place, home: homes[layout >> (2 * place) & 3], of: slots)
            }
            let index = IdentityIndex(parts: 1, rowsPerPart: rows)
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

    /// Each slot is the home of as many tags as any other, but for one.
    @Test func homesSpreadOverAllSlots() {
        for rows in [1, 50, 100_000] {
            let index = IdentityIndex(parts: 1, rowsPerPart: rows)
            #expect(index.home(of: 0) == 0)
            #expect(index.home(of: .max) == index.slotsPerPart - 1)
            for slot in stride(from: 0, to: index.slotsPerPart, by: 7) {
                let first = IdentityIndexTests.identity(0, home: slot, of: index.slotsPerPart)
                let tag = UInt32(truncatingIfNeeded: first.hash)
                #expect(index.home(of: tag) == slot)
                #expect(slot == 0 || index.home(of: tag - 1) == slot - 1)
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

    @Test func staysAtMostThreeQuartersFull() {
        for rows in [1, 42, 43, 1_000, 100_000] {
            let slots = IdentityIndex.slotsPerPart(rows: rows)
            #expect(3 * slots >= 4 * rows)
            #expect(slots <= max(64, 4 * rows / 3 + 1), "and no larger than that")
        }
    }

    private func permutations(_ numbers: [Int]) -> [[Int]] {
        guard numbers.count > 1 else { return [numbers] }
        return numbers.flatMap { first in
            permutations(numbers.filter { $0 != first }).map { [first] + $0 }
        }
    }
}
