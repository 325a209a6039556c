// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// What became of a reservation.
public enum ReservationState: UInt8, Hashable, Sendable, BitwiseCopyable {
    /// It lives.
    case held
    /// It became an order.
    case confirmed
    /// Its owner gave it back.
    case released
    /// Its deadline passed.
    case expired

    /// As the table has it.
    public var text: StaticString {
        switch self {
        case .held: "HELD"
        case .confirmed: "CONFIRMED"
        case .released: "RELEASED"
        case .expired: "EXPIRED"
        }
    }
}

/// Whether less than all could be granted.
public enum RowFillMode: UInt8, Hashable, Sendable, BitwiseCopyable {
    /// All or nothing.
    case allOrNothing = 1
    /// What is there.
    case partial = 2

    /// As the table has it.
    public var text: StaticString {
        switch self {
        case .allOrNothing: "ALL_OR_NOTHING"
        case .partial: "PARTIAL"
        }
    }
}

/// How a reservation ended.
public struct ReservationEnd: Hashable, Sendable, BitwiseCopyable {
    /// Of the record that ended it.
    public var sequence: UInt64
    /// When.
    public var wall: WallTime
    /// The tick of that.
    public var tick: Tick
    /// The order that it became; nil unless confirmed.
    public var order: ClientID?
}

/// A reservation that was granted in the batch, as it stands at the batch's end.
public struct ReservationRow: Hashable, Sendable, BitwiseCopyable {
    /// Whose.
    public var brand: UInt32
    /// Its id.
    public var reservation: ClientID
    /// Of the record that granted it.
    public var grantedSequence: UInt64
    /// For whom.
    public var dealer: UInt32
    /// Whether less than all could be granted.
    public var fillMode: RowFillMode
    /// What became of it within the batch.
    public var state: ReservationState
    /// When it was granted.
    public var created: WallTime
    /// From the grant to its deadline.
    public var timeToLiveMilliseconds: UInt64
    /// From here on it is due.
    public var deadline: Tick
    /// How it ended within the batch; nil: it is held.
    public var end: ReservationEnd?
    /// Its lines in `ProjectionBatch.reservationLines`.
    public var firstLine: UInt32
    /// How many.
    public var lineCount: UInt32
}

/// A line of a reservation that was granted in the batch.
public struct ReservationLineRow: Hashable, Sendable, BitwiseCopyable {
    /// Whose.
    public var brand: UInt32
    /// The reservation.
    public var reservation: ClientID
    /// Of the record that granted it.
    public var grantedSequence: UInt64
    /// The line's number.
    public var line: UInt32
    /// What.
    public var sku: UInt32
    /// Where.
    public var warehouse: UInt32
    /// Units granted.
    public var granted: UInt32
    /// Whether more was asked for.
    public var isShort: Bool
}

/// A new deadline of a reservation that the table has already; the last one of the batch.
public struct ReservationExtensionRow: Hashable, Sendable, BitwiseCopyable {
    /// Whose.
    public var brand: UInt32
    /// Its id.
    public var reservation: ClientID
    /// Of the record that granted it.
    public var grantedSequence: UInt64
    /// From here on it is due.
    public var deadline: Tick
}

/// The end of a reservation that the table has already.
public struct ReservationEndRow: Hashable, Sendable, BitwiseCopyable {
    /// Whose.
    public var brand: UInt32
    /// Its id.
    public var reservation: ClientID
    /// Of the record that granted it.
    public var grantedSequence: UInt64
    /// What became of it.
    public var state: ReservationState
    /// How it ended.
    public var end: ReservationEnd
}
