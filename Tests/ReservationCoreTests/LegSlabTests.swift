// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ReservationCore

@Suite struct LegSlabTests {
    private func chain(_ slab: borrowing LegSlab, _ amounts: [Int64]) -> UInt32 {
        var first: UInt32 = 0
        for (index, amount) in amounts.enumerated().reversed() {
            first = slab.push(
                Leg(line: UInt32(index + 1), account: 0, amount: amount, isShort: false),
                before: first)
        }
        return first
    }

    private func amounts(_ slab: borrowing LegSlab, _ first: UInt32) -> [Int64] {
        var amounts: [Int64] = []
        var cell = first
        while cell != 0 {
            amounts.append(slab[cell].amount)
            cell = slab[cell].next
        }
        return amounts
    }

    @Test func promisesNoMoreThanThereIs() {
        let slab = LegSlab(capacity: 5)
        #expect(slab.promise(0) == true)
        #expect(slab.promise(3) == true)
        #expect(slab.promise(3) == false)
        slab.withdraw(1)
        #expect(slab.promise(3) == true)
        #expect(slab.promise(1) == false)
    }

    @Test func chainsKeepTheirOrderAndAreUsedAgain() {
        let slab = LegSlab(capacity: 6)
        for round in 0..<10 as Range<Int64> {
            #expect(slab.promise(6) == true)
            let one = chain(slab, [round, 2, 3])
            let two = chain(slab, [4, round])
            let three = chain(slab, [round])
            #expect(amounts(slab, one) == [round, 2, 3])
            #expect(amounts(slab, two) == [4, round])
            slab.free(two, count: 2)
            slab.free(one, count: 3)
            #expect(amounts(slab, three) == [round])
            slab.free(three, count: 1)
        }
        #expect(slab.promise(6) == true)
    }

    @Test func aLegIsSixteenBytesWithItsMark() {
        #expect(MemoryLayout<Leg>.stride == 16)
        let leg = Leg(line: 7, account: 9, amount: 1_000_000_000, isShort: true)
        #expect(leg.amount == 1_000_000_000)
        #expect(leg.isShort)
    }
}
