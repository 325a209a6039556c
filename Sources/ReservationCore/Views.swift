// SPDX-License-Identifier: Apache-2.0

public import Effects
public import Primitives

/// A hold as it stood when the decision was made.
public struct HoldView: Sendable, BitwiseCopyable {
    /// Its id.
    public var id = ClientID(high: 0, low: 0)
    /// The brand's number (`ReservationCore.copyCode`).
    public var brand: UInt32 = 0
    /// The dealer's number.
    public var dealer: UInt32 = 0
    /// What it is.
    public var state = HoldState.held
    /// When it was made.
    public var created = WallTime(milliseconds: 0)
    /// When it expires, while it is held.
    public var deadline = Tick(milliseconds: 0)
    /// The order that it became, while it is confirmed.
    public var order = ClientID(high: 0, low: 0)
    /// How it was filled.
    public var fillMode = FillMode.allOrNothing
}

/// One line's share of a hold.
public struct HoldLeg: Equatable, Sendable, BitwiseCopyable {
    /// The line's number.
    public var line: UInt32
    /// The account's number (`ReservationCore.copyWarehouse`).
    public var account: UInt32
    /// Units granted.
    public var granted: Int64
    /// Whether the line asked for more.
    public var isShort: Bool
}

/// A stock account as it stood when the decision was made.
public struct StockView: Equatable, Sendable, BitwiseCopyable {
    /// The figures.
    public var figures = StockFigures(onHand: 0, held: 0, allocated: 0, safety: 0, version: 0)
    /// What is kept of it.
    public var policy = StockPolicy()
    /// How far below zero BACKORDER may go.
    public var backorderLimit: Int64 { policy.backorderLimit }
    /// The last version that the source gave.
    public var sourceVersion: UInt64 = 0
    /// When it was last changed.
    public var changed = WallTime(milliseconds: 0)
    /// SetStock only: false when the source's version was not newer, and nothing changed.
    public var wasApplied = true
}
