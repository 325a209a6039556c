// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc
internal import Synchronization

/// What those who break things share: their clock, what they did, and when they are to end.
final class FaultLog: Sendable {
    private struct State {
        var events: [RunEvent] = []
        var failure: String?
        var isEnding = false
    }

    private let startAt: UInt64
    private let state = Mutex(State())

    /// Times are counted from `startAt`, nanoseconds of the monotonic clock.
    init(startAt: UInt64) { self.startAt = startAt }

    /// Takes the events that have happened since it was asked last.
    func takeEvents() -> [RunEvent] {
        state.withLock { state in
            let events = state.events
            state.events = []
            return events
        }
    }

    /// Why something couldn't be started again, if it couldn't.
    var failure: String? { state.withLock { $0.failure } }

    /// Lets the faults that haven't come yet be. One under way is brought to its end.
    func end() { state.withLock { $0.isEnding = true } }

    /// Takes note of something that happened now.
    func note(_ kind: String, _ text: String) {
        let now = stockade_monotonic_nanoseconds()
        let seconds = Double(now - min(now, startAt)) / 1_000_000_000
        state.withLock { $0.events.append(RunEvent(seconds: seconds, kind: kind, text: text)) }
    }

    /// Takes note of why the run can't be what it was to be; the first reason stays.
    func fail(_ why: String) { state.withLock { $0.failure = $0.failure ?? why } }

    /// Waits until so many nanoseconds after the start; false when it was ended meanwhile.
    func wait(until time: UInt64) -> Bool {
        while true {
            if state.withLock({ $0.isEnding }) { return false }
            let now = stockade_monotonic_nanoseconds()
            guard now < startAt + time else { return true }
            usleep(UInt32(min(20_000, max(1, (startAt + time - now) / 1_000))))
        }
    }
}
