// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@Suite struct StripeLocksTests {
    private final class Shared: Sendable {
        let locks = StripeLocks(count: 8)
        let counters = FixedTable<Int>(capacity: 8, repeating: 0)
    }

    @Test func aLockIsHeldUntilItIsGivenBack() {
        let locks = StripeLocks(count: 3)
        #expect(locks.count == 3)
        locks.lock(1)
        #expect([locks.isLocked(0), locks.isLocked(1), locks.isLocked(2)] == [false, true, false])
        locks.unlock(1)
        #expect(locks.isLocked(1) == false)
    }

    @Test func takesASetAndGivesItBack() {
        let locks = StripeLocks(count: 300)
        var stripes = FixedList<UInt16>(capacity: 3)
        for stripe in [2, 7, 299] as [UInt16] { stripes.append(stripe) }
        locks.lock(sorted: stripes)
        #expect((0..<300).filter { locks.isLocked($0) } == [2, 7, 299])
        locks.unlock(sorted: stripes)
        #expect((0..<300).allSatisfy { !locks.isLocked($0) })
    }

    /// Plain increments under the lock: a lock that lets two in loses some.
    @Test func oneAtATime() {
        let shared = Shared()
        Threads.run(4) { _ in
            for _ in 0..<20_000 {
                shared.locks.lock(3)
                shared.counters[3] += 1
                shared.locks.unlock(3)
            }
        }
        #expect(shared.counters[3] == 80_000)
    }

    /// Overlapping sets of locks, each ascending: everybody gets through, nothing is lost.
    @Test func overlappingSetsNeitherBlockNorLose() {
        let shared = Shared()
        Threads.run(4) { thread in
            var stripes = FixedList<UInt16>(capacity: 8)
            for round in 0..<5_000 {
                stripes.removeAll()
                for stripe in 0..<8 where (round + thread * 5) >> (stripe % 4) & 1 == 0 {
                    stripes.append(UInt16(stripe))
                }
                shared.locks.lock(sorted: stripes)
                for index in 0..<stripes.count { shared.counters[Int(stripes[index])] += 1 }
                shared.locks.unlock(sorted: stripes)
            }
        }
        var expected = [Int](repeating: 0, count: 8)
        for thread in 0..<4 {
            for round in 0..<5_000 {
                for stripe in 0..<8 where (round + thread * 5) >> (stripe % 4) & 1 == 0 {
                    expected[stripe] += 1
                }
            }
        }
        #expect((0..<8).map { shared.counters[$0] } == expected)
    }
}
