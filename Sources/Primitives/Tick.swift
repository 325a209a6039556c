// SPDX-License-Identifier: Apache-2.0

/// A millisecond that the server has run over the life of its journal.
///
/// Deadlines count in ticks and not in wall time: time in which the server was down doesn't count,
/// and a step of the wall clock changes nothing.
public struct Tick: Comparable, Hashable, Sendable, BitwiseCopyable {
    /// Milliseconds since the journal was made; at most `Tick.max`.
    public var milliseconds: UInt64

    /// Later than every deadline. 48 bits of milliseconds are 8,900 years.
    public static let max = Tick(milliseconds: (1 << 48) - 1)

    /// Makes a tick from its count of milliseconds.
    public init(milliseconds: UInt64) {
        self.milliseconds = milliseconds
    }

    /// The tick `duration` milliseconds later, at most `Tick.max`.
    public func advanced(byMilliseconds duration: UInt64) -> Tick {
        let (sum, overflow) = milliseconds.addingReportingOverflow(duration)
        return overflow || sum > Tick.max.milliseconds ? .max : Tick(milliseconds: sum)
    }

    /// Orders ticks by time.
    public static func < (left: Tick, right: Tick) -> Bool {
        left.milliseconds < right.milliseconds
    }
}
