// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// What time it is, told by whoever owns the clocks.
public struct JournalClock: Sendable {
    /// Nanoseconds that never step back, from any origin.
    public var monotonicNanoseconds: @Sendable () -> UInt64
    /// What a decision would be stamped with now.
    public var time: @Sendable () -> (tick: Tick, wall: WallTime)

    /// Names each clock.
    public init(
        monotonicNanoseconds: @escaping @Sendable () -> UInt64,
        time: @escaping @Sendable () -> (tick: Tick, wall: WallTime)
    ) {
        self.monotonicNanoseconds = monotonicNanoseconds
        self.time = time
    }
}
