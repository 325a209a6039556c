// SPDX-License-Identifier: Apache-2.0

/// What a stock account holds, in base units, at one version.
public struct StockFigures: Hashable, Sendable, BitwiseCopyable {
    /// Units physically there.
    public var onHand: Int64
    /// Units in live holds.
    public var held: Int64
    /// Units confirmed and not yet shipped.
    public var allocated: Int64
    /// Units that are never granted.
    public var safety: Int64
    /// Grows by one with each change.
    public var version: UInt64

    /// Names each figure.
    public init(
        onHand: Int64, held: Int64, allocated: Int64, safety: Int64, version: UInt64
    ) {
        self.onHand = onHand
        self.held = held
        self.allocated = allocated
        self.safety = safety
        self.version = version
    }

    /// Units that a new hold may take. Negative after a physical loss or a raised safety stock.
    public var available: Int64 { onHand - held - allocated - safety }

    /// Units promised that aren't there.
    public var deficit: Int64 { max(0, held + allocated - onHand) }
}
