// SPDX-License-Identifier: Apache-2.0

/// Unix milliseconds, UTC: what people read. Nothing is ever decided by it.
public struct WallTime: Hashable, Sendable, BitwiseCopyable {
    /// Milliseconds since 1970-01-01T00:00:00Z, 0 to 2^48 - 1.
    public var milliseconds: Int64

    /// Makes a wall time, clamped to the range that a table row can hold.
    public init(milliseconds: Int64) {
        self.milliseconds = min(max(milliseconds, 0), (1 << 48) - 1)
    }
}
