// SPDX-License-Identifier: Apache-2.0

/// What is to be kept of a stock account, and when to speak up. Unset: all zero.
public struct StockPolicy: Hashable, Sendable, BitwiseCopyable {
    /// Units that are never granted, 0 to 10^12.
    public var safety: Int64
    /// How far below zero BACKORDER may go, in units, 0 to 10^12.
    public var backorderLimit: Int64
    /// Available units at or below which stock is low; 0: never. At most `highWater`.
    public var lowWater: Int64
    /// Available units at or above which it isn't low any more, up to 10^12.
    public var highWater: Int64
    /// Milliseconds for which a hold lives whose request doesn't say, 1,000 to 86,400,000; 0: as
    /// everywhere.
    public var holdTimeToLiveMilliseconds: UInt64

    /// Names each part.
    public init(
        safety: Int64 = 0, backorderLimit: Int64 = 0, lowWater: Int64 = 0, highWater: Int64 = 0,
        holdTimeToLiveMilliseconds: UInt64 = 0
    ) {
        self.safety = safety
        self.backorderLimit = backorderLimit
        self.lowWater = lowWater
        self.highWater = highWater
        self.holdTimeToLiveMilliseconds = holdTimeToLiveMilliseconds
    }
}
