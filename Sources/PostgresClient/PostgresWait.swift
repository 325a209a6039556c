// SPDX-License-Identifier: Apache-2.0

private import Glibc

/// A deadline, and whoever may end a wait before it.
struct PostgresWait {
    /// What a descriptor is waited for.
    struct Readiness: OptionSet {
        let rawValue: Int16
        /// Something came, or it broke.
        static let readable = Readiness(rawValue: Int16(POLLIN))
        /// More can be sent.
        static let writable = Readiness(rawValue: Int16(POLLOUT))
    }

    private let end: ContinuousClock.Instant
    private let timeout: Duration
    private let interrupt: PostgresInterrupt?

    init(_ timeout: Duration, _ interrupt: PostgresInterrupt?) {
        end = ContinuousClock.now + timeout
        self.timeout = timeout
        self.interrupt = interrupt
    }

    /// Waits until `descriptor` is one of `wanted`, and says which.
    func until(_ wanted: Readiness, _ descriptor: Int32) throws(PostgresError) -> Readiness {
        while true {
            if interrupt?.isRaised == true {
                throw PostgresError(.interrupted, "another thread asked for it")
            }
            let left = end - ContinuousClock.now
            guard left > .zero else { throw PostgresError(.timedOut, "no answer in \(timeout)") }
            let milliseconds = min(
                left / .milliseconds(1), Double(PostgresLimits.waitMillisecondsMax))
            var entry = pollfd(fd: descriptor, events: wanted.rawValue, revents: 0)
            // SAFETY: one entry, filled in during the call.
            let count = unsafe poll(&entry, 1, Int32(milliseconds.rounded(.up)))
            if count > 0 {
                let found = Readiness(rawValue: entry.revents).intersection(wanted)
                // What broke is found out by reading.
                return found.isEmpty ? .readable : found
            }
            if count < 0, errno != EINTR {
                throw PostgresError(.lost, "poll: error \(errno)")
            }
        }
    }
}
