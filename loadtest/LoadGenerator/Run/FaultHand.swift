// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc
internal import Synchronization

/// Breaks what the scenario says, when it says so, on a thread of its own.
final class FaultHand: Sendable {
    private let control: RunControl
    private let server: ServerProcess?
    private let startAt: UInt64
    private let state = Mutex(State())

    private struct State {
        var events: [RunEvent] = []
        var failure: String?
        var isEnding = false
        /// A server that is away on purpose.
        var isAway = false
    }

    init(control: RunControl, server: ServerProcess?, startAt: UInt64) {
        self.control = control
        self.server = server
        self.startAt = startAt
    }

    /// Takes the events that have happened since it was asked last.
    func takeEvents() -> [RunEvent] {
        state.withLock { state in
            let events = state.events
            state.events = []
            return events
        }
    }

    /// Why the server couldn't be started again, if it couldn't.
    var failure: String? { state.withLock { $0.failure } }

    /// Whether the server is down because of a fault.
    var isAway: Bool { state.withLock { $0.isAway } }

    /// Lets `run` end without the faults that haven't come yet. A fault under way is brought to its end.
    func end() { state.withLock { $0.isEnding = true } }

    /// One thing to do at a time.
    private enum Action {
        case kill(restartAfter: UInt64)
        case stop
        case proceed
        case cut(share: Double)
    }

    /// Does what `faults` say, each when it is due; the body of a thread.
    func run(_ faults: [Fault]) {
        var actions: [(at: UInt64, action: Action)] = []
        for fault in faults {
            switch fault.kind {
            case .kill(let pause): actions.append((fault.at, .kill(restartAfter: pause)))
            case .stop(let time):
                actions.append((fault.at, .stop))
                actions.append((fault.at + time, .proceed))
            case .cut(let share): actions.append((fault.at, .cut(share: share)))
            }
        }
        for (time, action) in actions.sorted(by: { $0.at < $1.at }) {
            guard wait(until: startAt + time) else { break }
            switch action {
            case .kill(let pause): killAndRestart(after: pause)
            case .stop:
                setAway(true)
                server?.signal(SIGSTOP)
                note("stop", "SIGSTOP to the server")
            case .proceed: proceed()
            case .cut(let share):
                control.cut(share: share)
                note("cut", "\(Int((share * 100).rounded())) % of the connections cut")
            }
        }
        // A server that was stopped when the run ended goes on all the same.
        if isAway { proceed() }
    }

    private func proceed() {
        server?.signal(SIGCONT)
        setAway(false)
        note("continue", "SIGCONT to the server")
    }

    private func killAndRestart(after time: UInt64) {
        guard let server else { return }
        setAway(true)
        let killedAt = stockade_monotonic_nanoseconds()
        note("kill", "kill -9 of the server")
        server.kill()
        pause(time)
        do {
            try server.start()
            let took = (stockade_monotonic_nanoseconds() - killedAt) / 1_000_000
            note("restart", "the server serves again, \(took) ms after the kill")
        } catch {
            state.withLock { $0.failure = "after the kill: \(error.explanation)" }
            control.giveUp()
        }
        setAway(false)
    }

    private func setAway(_ isAway: Bool) { state.withLock { $0.isAway = isAway } }

    private func note(_ kind: String, _ text: String) {
        let now = stockade_monotonic_nanoseconds()
        let seconds = Double(now - min(now, startAt)) / 1_000_000_000
        state.withLock { $0.events.append(RunEvent(seconds: seconds, kind: kind, text: text)) }
    }

    private func pause(_ nanoseconds: UInt64) { usleep(UInt32(clamping: nanoseconds / 1_000)) }

    /// False when it ended meanwhile.
    private func wait(until time: UInt64) -> Bool {
        while true {
            if state.withLock({ $0.isEnding }) { return false }
            let now = stockade_monotonic_nanoseconds()
            guard now < time else { return true }
            usleep(UInt32(min(20_000, max(1, (time - now) / 1_000))))
        }
    }
}
