// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc
internal import Synchronization

/// Breaks the server and its connections when the scenario says so, on a thread of its own.
final class FaultHand: Sendable {
    private let control: RunControl
    private let server: ServerProcess?
    private let log: FaultLog
    /// Whether the server is away on purpose.
    private let away = Mutex(false)

    init(control: RunControl, server: ServerProcess?, log: FaultLog) {
        self.control = control
        self.server = server
        self.log = log
    }

    /// Whether the server is down because of a fault.
    var isAway: Bool { away.withLock { $0 } }

    /// One thing to do at a time.
    private enum Action {
        case kill(restartAfter: UInt64)
        case stop
        case proceed
        case cut(share: Double)
    }

    /// Does what `faults` say of the server, each when it is due; the body of a thread.
    func run(_ faults: [Fault]) {
        var actions: [(at: UInt64, action: Action)] = []
        for fault in faults {
            switch fault.kind {
            case .kill(let pause): actions.append((fault.at, .kill(restartAfter: pause)))
            case .stop(let time):
                actions.append((fault.at, .stop))
                actions.append((fault.at + time, .proceed))
            case .cut(let share): actions.append((fault.at, .cut(share: share)))
            case .killPostgres, .stopPostgres: break
            }
        }
        for (time, action) in actions.sorted(by: { $0.at < $1.at }) {
            guard log.wait(until: time) else { break }
            switch action {
            case .kill(let pause): killAndRestart(after: pause)
            case .stop:
                setAway(true)
                server?.signal(SIGSTOP)
                log.note("stop", "SIGSTOP to the server")
            case .proceed: proceed()
            case .cut(let share):
                control.cut(share: share)
                log.note("cut", "\(Int((share * 100).rounded())) % of the connections cut")
            }
        }
        // A server that was stopped when the run ended goes on all the same.
        if isAway { proceed() }
    }

    private func proceed() {
        server?.signal(SIGCONT)
        setAway(false)
        log.note("continue", "SIGCONT to the server")
    }

    private func killAndRestart(after time: UInt64) {
        guard let server else { return }
        setAway(true)
        let killedAt = stockade_monotonic_nanoseconds()
        log.note("kill", "kill -9 of the server")
        server.kill()
        usleep(UInt32(clamping: time / 1_000))
        do {
            try server.start()
            let took = (stockade_monotonic_nanoseconds() - killedAt) / 1_000_000
            log.note("restart", "the server serves again, \(took) ms after the kill")
        } catch {
            log.fail("after the kill: \(error.explanation)")
            control.giveUp()
        }
        setAway(false)
    }

    private func setAway(_ isAway: Bool) { away.withLock { $0 = isAway } }
}
