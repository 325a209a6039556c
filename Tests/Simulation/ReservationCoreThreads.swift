// SPDX-License-Identifier: Apache-2.0

import ReservationCore
import Synchronization
import Testing

/// One core under several threads at once: the same ids, the same SKUs, wheels that turn meanwhile.
/// Afterwards every equation of the ledger must hold. Meant for Thread Sanitizer too.
@Suite struct ReservationCoreThreads {
    static let threads = 4

    @Test func aHotSKUIsNeverSoldTwice() {
        let rush = Rush(seed: 1, stock: 1_000)
        let granted = Atomic<Int>(0)
        let sold = Atomic<Int>(0)
        Threads.run(ReservationCoreThreads.threads) { thread in
            var caller = Caller(rush, thread: thread)
            for number in 0..<750 {
                switch caller.reserve(
                    brand: 0, id: thread * 750 + number, quantity: 1, account: Rush.hot)
                {
                case .done: granted.add(1, ordering: .relaxed)
                case .refused(let refusal) where refusal.reason == .insufficientStock:
                    sold.add(1, ordering: .relaxed)
                default: Issue.record("neither granted nor sold out")
                }
            }
        }
        #expect(granted.load(ordering: .relaxed) == 1_000)
        #expect(sold.load(ordering: .relaxed) == ReservationCoreThreads.threads * 750 - 1_000)
        rush.expectThatEverythingAddsUp()
    }

    @Test func theSameReserveFromEveryThreadIsGrantedOnce() {
        let rush = Rush(seed: 2, stock: 1_000_000)
        let granted = Atomic<Int>(0)
        Threads.run(ReservationCoreThreads.threads) { thread in
            var caller = Caller(rush, thread: thread)
            for id in 0..<1_000 {
                switch caller.reserve(brand: 0, id: id, quantity: 2, account: Rush.hot) {
                case .done: granted.add(1, ordering: .relaxed)
                case .replay: break
                case .refused: Issue.record("an equal retry was refused")
                }
            }
        }
        #expect(granted.load(ordering: .relaxed) == 1_000)
        rush.expectThatEverythingAddsUp()
    }

    @Test(arguments: SimulationPlan.seeds().prefix(2))
    func everythingAtOnceAddsUp(seed: UInt64) {
        let rush = Rush(seed: seed, stock: 60)
        let steps = min(SimulationPlan.steps, 200_000) / ReservationCoreThreads.threads
        Threads.run(ReservationCoreThreads.threads) { thread in
            var caller = Caller(rush, thread: thread)
            for _ in 0..<steps { caller.step() }
        }
        let replay = SimulationPlan.replayLine(
            seed: seed, steps: SimulationPlan.steps, test: "ReservationCoreThreads")
        rush.expectThatEverythingAddsUp("try again: \(replay)")
        #expect(rush.granted.load(ordering: .relaxed) > 0)
        #expect(rush.confirmed.load(ordering: .relaxed) > 0)
    }
}
