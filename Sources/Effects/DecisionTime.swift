// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// The two clocks of a decision, read once per turn by the outermost layer.
public struct DecisionTime: Hashable, Sendable, BitwiseCopyable {
    /// What deadlines are compared with.
    public var tick: Tick
    /// What people read.
    public var wall: WallTime

    /// Pairs the clocks.
    public init(tick: Tick, wall: WallTime) {
        self.tick = tick
        self.wall = wall
    }
}
