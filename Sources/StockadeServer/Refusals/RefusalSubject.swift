// SPDX-License-Identifier: Apache-2.0

/// What a refused call was about: the same reason reads differently in each.
enum RefusalSubject: CaseIterable {
    /// A reservation, or an order straight from stock.
    case reservation
    /// The deadline of a reservation.
    case deadline
    /// A difference in what is on hand.
    case adjustment
    /// Units on their way to another warehouse.
    case transfer
    /// An order that exists.
    case order
    /// The reservations that an order is made of.
    case reservationsOfOrder

    /// What stands behind the number of units that there are too few of.
    var asked: StaticString {
        switch self {
        case .adjustment: " to take away, "
        case .transfer: " to move, "
        case .reservation, .deadline, .order, .reservationsOfOrder: " asked for, "
        }
    }

    /// What a field must be that contradicts what is stored.
    var invalidField: StaticString {
        switch self {
        case .deadline: "must not reach beyond 86400000 ms after the reservation was made"
        case .reservationsOfOrder: "must be the reservations' own"
        case .order: "sku and warehouse must be empty, or those of the order's line"
        case .reservation, .adjustment, .transfer:
            "sku and warehouse must be empty, or those of the reservation's line"
        }
    }
}
