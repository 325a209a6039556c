// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc
internal import Synchronization

/// Breaks Postgres when the scenario says so, on a thread of its own: it may be down while the server is,
/// and neither waits for the other.
final class PostgresFaultHand: Sendable {
    private let postgres: PostgresProcess?
    private let log: FaultLog
    private let away = Mutex(false)

    init(postgres: PostgresProcess?, log: FaultLog) {
        self.postgres = postgres
        self.log = log
    }

    /// Looks whether Postgres has ended although nobody broke it. The sale goes on.
    func look() {
        guard let postgres, !away.withLock({ $0 }), let code = postgres.hasEnded() else { return }
        log.note("postgres-end", "Postgres ended by itself, with \(code)")
    }

    /// Does what `faults` say of Postgres, each when it is due; the body of a thread.
    func run(_ faults: [Fault]) {
        guard let postgres else { return }
        for fault in faults {
            switch fault.kind {
            case .kill, .stop, .cut: continue
            case .killPostgres(let pause):
                guard log.wait(until: fault.at) else { return }
                killAndRestart(postgres, after: pause)
            case .stopPostgres(let time):
                guard log.wait(until: fault.at) else { return }
                setAway(true)
                postgres.freeze()
                log.note("postgres-stop", "SIGSTOP to all of Postgres")
                // It goes on even when the run ends first.
                _ = log.wait(until: fault.at + time)
                postgres.thaw()
                setAway(false)
                log.note("postgres-continue", "SIGCONT to all of Postgres")
            }
        }
    }

    private func killAndRestart(_ postgres: PostgresProcess, after time: UInt64) {
        setAway(true)
        let killedAt = stockade_monotonic_nanoseconds()
        log.note("postgres-kill", "kill -9 of all of Postgres")
        postgres.kill()
        usleep(UInt32(clamping: time / 1_000))
        do {
            try postgres.start()
            let took = (stockade_monotonic_nanoseconds() - killedAt) / 1_000_000
            log.note(
                "postgres-restart", "Postgres takes connections again, \(took) ms after the kill")
        } catch {
            // The sale goes on without it.
            log.fail("after the kill of Postgres: \(error.explanation)")
        }
        setAway(false)
    }

    private func setAway(_ isAway: Bool) { away.withLock { $0 = isAway } }
}
