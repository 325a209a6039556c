// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Where the threads of a run hand in their seconds, once each, and where they are read as one. Holds the
/// seconds that some thread still owes, and what is finished until it is taken.
final class RunBoard: Sendable {
    private struct State {
        /// Seconds from `first` on that aren't finished, with the threads that have handed them in.
        var open: [(tally: SecondTally, threads: Int)] = []
        var first = 0
        var finished: [Slice] = []
    }

    private let threads: Int
    private let state = Mutex(State())

    init(threads: Int) { self.threads = threads }

    /// Hands in a thread's second. Each thread hands in every second once, in order.
    func hand(in tally: SecondTally, second: Int) {
        state.withLock { state in
            while state.first + state.open.count <= second {
                var tally = SecondTally()
                tally.slice.second = state.first + state.open.count
                state.open.append((tally, 0))
            }
            let index = second - state.first
            state.open[index].tally.add(tally)
            state.open[index].threads += 1
            while let first = state.open.first, first.threads >= threads {
                state.finished.append(first.tally.finished)
                state.open.removeFirst()
                state.first += 1
            }
        }
    }

    /// Takes the seconds that every thread has handed in.
    func takeFinished() -> [Slice] {
        state.withLock { state in
            let finished = state.finished
            state.finished.removeAll(keepingCapacity: true)
            return finished
        }
    }

    /// Takes the rest, after the threads have ended.
    func takeRest() -> [Slice] {
        state.withLock { state in
            let rest = state.finished + state.open.map(\.tally.finished)
            state.finished.removeAll()
            state.open.removeAll()
            return rest
        }
    }
}
