// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// One line's share of an order; a line that was split over warehouses has several.
struct ModelOrderLeg {
    var line: UInt32
    var account: UInt32
    /// Units that were ordered.
    var quantity: UInt32
    /// Units of them that were cancelled.
    var cancelled: UInt32 = 0

    /// Units that are still allocated.
    var remaining: UInt32 { quantity &- cancelled }
}

/// An order, open or cancelled: about 130 bytes.
struct ModelOrder {
    var id: ClientID
    var createdSequence: UInt64
    /// Of the record of the last change: the making or a cancellation.
    var lastSequence: UInt64
    /// Unix milliseconds of its making.
    var created: Int64
    /// Unix milliseconds of the last change.
    var changed: Int64
    /// Tick of its end; nothing before.
    var ended: UInt64 = 0
    var brand: UInt32
    var dealer: UInt32
    /// The only reservation and the only leg, without lists on the heap: nearly all orders have one.
    private var onlyReservation: ClientID
    private var reservationList: [ClientID]
    private var onlyLeg: ModelOrderLeg
    private var legList: [ModelOrderLeg]
    private var hasOneLeg: Bool
    private var hasOneReservation: Bool
    /// Nothing is left of it.
    var isCancelled = false
    /// Past its retention: its id may be taken again.
    var isForgotten = false

    init(
        id: ClientID, brand: UInt32, dealer: UInt32, sequence: UInt64, wall: Int64,
        reservations: [ClientID], legs: [ModelOrderLeg]
    ) {
        self.id = id
        self.brand = brand
        self.dealer = dealer
        createdSequence = sequence
        lastSequence = sequence
        created = wall
        changed = wall
        hasOneReservation = reservations.count == 1
        onlyReservation = hasOneReservation ? reservations[0] : ClientID(high: 0, low: 0)
        reservationList = hasOneReservation ? [] : reservations
        hasOneLeg = legs.count == 1
        onlyLeg = hasOneLeg ? legs[0] : ModelOrderLeg(line: 0, account: 0, quantity: 0)
        legList = hasOneLeg ? [] : legs
    }

    /// The reservations that it was made of; none: it was made at once.
    var reservations: [ClientID] { hasOneReservation ? [onlyReservation] : reservationList }

    var legCount: Int { hasOneLeg ? 1 : legList.count }

    subscript(leg index: Int) -> ModelOrderLeg {
        get { hasOneLeg ? onlyLeg : legList[index] }
        set {
            if hasOneLeg { onlyLeg = newValue } else { legList[index] = newValue }
        }
    }
}
