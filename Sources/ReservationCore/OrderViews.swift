// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// An order as it stood when the decision was made.
public struct OrderView: Sendable, BitwiseCopyable {
    /// Its id.
    public var id = ClientID(high: 0, low: 0)
    /// The brand's number (`ReservationCore.copyCode`).
    public var brand: UInt32 = 0
    /// The dealer's number.
    public var dealer: UInt32 = 0
    /// What it is.
    public var state = OrderState.accepted
    /// When it was made.
    public var created = WallTime(milliseconds: 0)
    /// When it was changed last.
    public var changed = WallTime(milliseconds: 0)
    /// The record of the last change.
    public var sequence: UInt64 = 0
    /// False when some of its events are no longer in memory.
    public var areEventsComplete = true
}

/// What an order takes from one account for one line.
public struct OrderLeg: Equatable, Sendable, BitwiseCopyable {
    /// The line's number; a line that was spread over warehouses has several legs.
    public var line: UInt32
    /// The account's number (`ReservationCore.copyWarehouse`).
    public var account: UInt32
    /// Units that were ordered.
    public var quantity: Int64
    /// Units of these that were cancelled.
    public var cancelled: Int64
}

/// What happened to an order.
public enum OrderEventKind: UInt8, Sendable, BitwiseCopyable {
    /// It was made, accepted, and its units allocated.
    case created = 1
    /// Some of its units were cancelled.
    case cancelledInPart = 2
    /// What was left of it was cancelled.
    case cancelled = 3
}

/// One thing that happened to an order.
public struct OrderEvent: Equatable, Sendable, BitwiseCopyable {
    /// The record.
    public var sequence: UInt64
    /// When it was decided.
    public var at: WallTime
    /// What happened.
    public var kind: OrderEventKind
    /// Why, as the command gave it; 0: it didn't.
    public var cause: UInt8
    /// Units that it was about.
    public var units: Int64

    /// Names each part.
    public init(
        sequence: UInt64, at: WallTime, kind: OrderEventKind, cause: UInt8, units: Int64
    ) {
        self.sequence = sequence
        self.at = at
        self.kind = kind
        self.cause = cause
        self.units = units
    }
}
