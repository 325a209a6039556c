// SPDX-License-Identifier: Apache-2.0

import Primitives
import Synchronization
import Testing

/// What two threads hand over to each other.
final class HandOver: Sendable {
    let doze = Doze()
    let given = Atomic<Int>(0)
    let taken = Atomic<Int>(0)
}

@Suite struct DozeTests {
    /// Thousands of hand-overs without a lost wake: each side only goes on when the other did.
    @Test func noWakeIsLost() {
        let shared = HandOver()
        let rounds = 20_000
        Threads.run(2) { thread in
            if thread == 0 {
                for round in 1...rounds {
                    shared.given.store(round, ordering: .sequentiallyConsistent)
                    shared.doze.rouse()
                    while shared.taken.load(ordering: .acquiring) < round {}
                }
            } else {
                var seen = 0
                while seen < rounds {
                    // An hour: a lost wake would hang the test.
                    shared.doze.sleep(atMostNanoseconds: 3_600_000_000_000) {
                        shared.given.load(ordering: .sequentiallyConsistent) > seen
                    }
                    let given = shared.given.load(ordering: .sequentiallyConsistent)
                    if given > seen {
                        seen = given
                        shared.taken.store(seen, ordering: .releasing)
                    }
                }
            }
        }
        #expect(shared.taken.load(ordering: .relaxed) == rounds)
    }
}
