// SPDX-License-Identifier: Apache-2.0

public import Effects
internal import Primitives
public import Transport

/// Makes a turn's ticks from the monotonic clock: milliseconds that the server has run.
public struct TickClock: Sendable {
    private let startNanoseconds: UInt64
    private let firstTick: UInt64
    /// Wall milliseconds minus ticks at the start; the same for all loops.
    let wallOffset: Int64

    /// Begins at `firstTick` (the highest of the journal's life before, or 0) at `start`.
    public init(start: TurnTime, firstTick: UInt64) {
        startNanoseconds = start.monotonicNanoseconds
        self.firstTick = firstTick
        wallOffset = start.wallMilliseconds - Int64(firstTick)
    }

    /// The time of every decision in a turn.
    public func time(of turn: TurnTime) -> DecisionTime {
        let elapsed = turn.monotonicNanoseconds - min(turn.monotonicNanoseconds, startNanoseconds)
        return DecisionTime(
            tick: Tick(milliseconds: firstTick + elapsed / 1_000_000),
            wall: WallTime(milliseconds: turn.wallMilliseconds))
    }
}
