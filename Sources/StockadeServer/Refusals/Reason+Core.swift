// SPDX-License-Identifier: Apache-2.0

internal import ReservationCore
internal import StockadeAPI

extension Reason {
    /// The core's reasons under their names in the API.
    init(_ reason: RefusalReason) {
        self =
            switch reason {
            case .invalidField: .invalidField
            case .quantityOutOfRange: .qtyOutOfRange
            case .idempotencyKeyReused: .idempotencyKeyReused
            case .skuNotFound: .skuNotFound
            case .warehouseNotFound: .warehouseNotFound
            case .reservationNotFound: .reservationNotFound
            case .orderNotFound: .orderNotFound
            case .insufficientStock: .insufficientStock
            case .purchaseLimitExceeded: .purchaseLimitExceeded
            case .creditExceeded: .creditExceeded
            case .reservationExpired: .reservationExpired
            case .alreadyConfirmed: .alreadyConfirmed
            case .alreadyReleased: .alreadyReleased
            case .exceedsReservation: .exceedsReservation
            case .orderStateConflict: .orderStateConflict
            case .versionMismatch: .versionMismatch
            case .tooManyHolds: .tooManyHolds
            case .idTableFull: .idTableFull
            case .tableFull: .tableFull
            case .batchTooLarge: .batchTooLarge
            case .journalStalled: .journalStalled
            case .journalFull: .journalFull
            }
    }
}

extension CoreLimit {
    /// The setting that bounds it.
    var name: StaticString {
        switch self {
        case .none: ""
        case .accounts: "accounts-max"
        case .codes: "codes-max"
        case .holds: "holds-max"
        case .ids: "ids-max"
        case .legs: "legs-max"
        case .onHand: "1000000000000"
        case .legsPerDecision: "500 accounts"
        case .candidates: "4096 accounts to choose from"
        case .timeToLive: "86400000 ms after the grant"
        case .warehousesPerSku: "64 warehouses of a SKU"
        case .notes: "orders of several reservations, bounded by ids-max"
        }
    }
}

extension OrderState {
    /// The state's name in ErrorInfo, without the enum's prefix.
    var name: StaticString {
        switch self {
        case .accepted: "ACCEPTED"
        case .cancelled: "CANCELLED"
        }
    }

    /// The state of the review as the API has it.
    var review: OrderReviewState {
        switch self {
        case .accepted: .accepted
        case .cancelled: .cancelled
        }
    }

    /// The state of the fulfilment as the API has it: nothing is shipped in this version.
    var fulfilment: OrderFulfilmentState {
        switch self {
        case .accepted: .allocated
        case .cancelled: .cancelled
        }
    }
}

extension HoldState {
    /// The state's name in ErrorInfo, without the enum's prefix.
    var name: StaticString {
        switch self {
        case .held: "HELD"
        case .confirmed: "CONFIRMED"
        case .released: "RELEASED"
        case .expired: "EXPIRED"
        }
    }

    /// The state as the API has it.
    var wire: ReservationState {
        switch self {
        case .held: .held
        case .confirmed: .confirmed
        case .released: .released
        case .expired: .expired
        }
    }
}
