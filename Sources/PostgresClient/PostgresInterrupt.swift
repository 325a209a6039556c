// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Ends what a connection waits for, from another thread, within
/// `PostgresLimits.waitMillisecondsMax`. The connection is of no use afterwards.
public final class PostgresInterrupt: Sendable {
    private let flag = Atomic<Bool>(false)

    /// Makes it lowered.
    public init() {}

    /// Whether somebody raised it.
    public var isRaised: Bool { flag.load(ordering: .relaxed) }

    /// Ends every wait from now on. Any thread.
    public func raise() { flag.store(true, ordering: .relaxed) }

    /// Lets waits go on again. Any thread.
    public func lower() { flag.store(false, ordering: .relaxed) }
}
