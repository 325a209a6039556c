// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Synchronization

/// What a thread found out that a start waits for, but not for long.
final class StartAnswer: Sendable {
    private let text = Mutex<String?>(nil)
    private let isThere = Atomic<Bool>(false)

    /// Nil: nothing stands against a start.
    func give(_ obstacle: String?) {
        text.withLock { $0 = obstacle }
        isThere.store(true, ordering: .releasing)
    }

    /// The answer; nil too when it isn't there in time.
    func wait(atMost duration: Duration) -> String? {
        let end = ContinuousClock.now + duration
        while !isThere.load(ordering: .acquiring), ContinuousClock.now < end { usleep(1_000) }
        return isThere.load(ordering: .acquiring) ? text.withLock { $0 } : nil
    }
}
