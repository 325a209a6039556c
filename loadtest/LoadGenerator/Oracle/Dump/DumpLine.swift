// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import StockadeAPI

/// A line of a dump, as far as the oracle reads it.
enum DumpLine: Equatable {
    case journal(DumpJournal)
    case account(DumpAccount)
    case hold(DumpHold)
    case order(DumpOrder)
    case outcome(ClientID)
}

/// The journal that was dumped.
struct DumpJournal: Equatable {
    var highestTick: UInt64
    var retentionMilliseconds: UInt64
    var violations: UInt64
}

/// An account's figures, in units.
struct DumpAccount: Equatable {
    /// The SKU's number; `DumpLeg.foreignSKU`: no SKU or warehouse of the run.
    var sku: UInt32
    var onHand: Int64
    var held: Int64
    var allocated: Int64
    var safety: Int64
    var available: Int64
}

/// A reservation.
struct DumpHold: Equatable {
    var id: ClientID
    var state: ReservationState
    var createdSequence: UInt64
    var deadlineTick: UInt64
    /// Nil while it is held.
    var endedTick: UInt64?
    /// Nil unless it is confirmed.
    var order: ClientID?
    /// The retention has passed: only a dump of everything has it.
    var isForgotten: Bool?
    var legs: [DumpLeg]
}

/// An order.
struct DumpOrder: Equatable {
    var id: ClientID
    /// The first of those that it was made of; nil: it was made at once.
    var reservation: ClientID?
    /// Nothing is left of it.
    var isCancelled: Bool
    /// The retention has passed: only a dump of everything has it.
    var isForgotten: Bool?
    var sequence: UInt64
    var legs: [DumpLeg]
}

/// A line of a reservation or an order.
struct DumpLeg: Equatable {
    /// A SKU or a warehouse that isn't the run's.
    static let foreignSKU = UInt32.max

    var line: UInt32
    var sku: UInt32
    /// Granted, or ordered.
    var units: Int64
    /// Of those the ones that were cancelled; 0 in a reservation.
    var cancelled: Int64 = 0
}
