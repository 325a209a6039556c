// SPDX-License-Identifier: Apache-2.0

import Journal
import Primitives
import Transport

/// A run's ticks: milliseconds since it began.
struct RunClock: Sendable {
    private let start = RunClock.nanoseconds

    static var nanoseconds: UInt64 { TurnTime.fromSystem().monotonicNanoseconds }

    /// Nanoseconds since the beginning.
    var elapsed: UInt64 { RunClock.nanoseconds - start }

    /// What a decision is stamped with now.
    var now: (tick: Tick, wall: WallTime) {
        let time = TurnTime.fromSystem()
        return (
            Tick(milliseconds: 1 + (time.monotonicNanoseconds - start) / 1_000_000),
            WallTime(milliseconds: time.wallMilliseconds)
        )
    }

    /// The same for the journal.
    var journalClock: JournalClock {
        JournalClock(monotonicNanoseconds: { RunClock.nanoseconds }, time: { now })
    }
}
