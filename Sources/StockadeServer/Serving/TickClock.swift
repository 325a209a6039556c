// SPDX-License-Identifier: Apache-2.0

public import Effects
internal import Primitives
public import Transport

/// Makes a turn's ticks from the monotonic clock: milliseconds that the server has run.
public struct TickClock: Sendable {
    private let startNanoseconds: UInt64
    private let firstTick: UInt64

    /// Begins at `firstTick` (the highest of the journal's life before, or 0) when the monotonic
    /// clock reads `startNanoseconds`.
    public init(startNanoseconds: UInt64, firstTick: UInt64) {
        self.startNanoseconds = startNanoseconds
        self.firstTick = firstTick
    }

    /// The time of every decision in a turn.
    public func time(of turn: TurnTime) -> DecisionTime {
        let elapsed = turn.monotonicNanoseconds - min(turn.monotonicNanoseconds, startNanoseconds)
        return DecisionTime(
            tick: Tick(milliseconds: firstTick + elapsed / 1_000_000),
            wall: WallTime(milliseconds: turn.wallMilliseconds))
    }
}
