// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// What the clocks said when a turn began. Read once per turn; everything in the turn uses it.
public struct TurnTime: Sendable, BitwiseCopyable {
    /// Nanoseconds of the monotonic clock: for deadlines and intervals.
    public let monotonicNanoseconds: UInt64
    /// Unix milliseconds, UTC: for what people read.
    public let wallMilliseconds: Int64

    /// Makes a time by hand, as tests do.
    public init(monotonicNanoseconds: UInt64, wallMilliseconds: Int64) {
        self.monotonicNanoseconds = monotonicNanoseconds
        self.wallMilliseconds = wallMilliseconds
    }

    /// Reads both clocks; about 40 ns.
    public static func fromSystem() -> TurnTime {
        TurnTime(
            monotonicNanoseconds: stockade_monotonic_nanoseconds(),
            wallMilliseconds: stockade_wall_milliseconds())
    }
}
