// SPDX-License-Identifier: Apache-2.0

public import Wire

/// Why something was refused; the raw value is the number in the `.proto`.
public enum Reason: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    /// Nothing was refused.
    case unspecified = 0
    /// A field is missing, malformed or out of its range.
    case invalidField = 1
    /// A quantity, or a sum of quantities, is out of its range.
    case qtyOutOfRange = 2
    /// An amount's currency isn't the account's.
    case currencyMismatch = 3
    /// The id was used before, with other content.
    case idempotencyKeyReused = 4
    /// The brand, or the SKU in it, is unknown.
    case skuNotFound = 5
    /// The SKU has no stock account in that warehouse.
    case warehouseNotFound = 6
    /// The dealer is unknown.
    case dealerNotFound = 7
    /// No reservation of the brand has that id.
    case reservationNotFound = 8
    /// No order of the brand has that id.
    case orderNotFound = 9
    /// An outside number belongs to another order or payment already.
    case externalIDExists = 10
    /// Less is available than was asked for. An answer, not a fault.
    case insufficientStock = 11
    /// The dealer's purchase limit doesn't allow that much.
    case purchaseLimitExceeded = 12
    /// The dealer's credit, or a pool that it shares, doesn't cover the amount.
    case creditExceeded = 13
    /// The dealer's account is frozen.
    case accountFrozen = 14
    /// The ship-to region lies outside the dealer's territory.
    case regionNotAllowed = 15
    /// The dealer lacks a valid licence that the SKU requires.
    case licenceMissing = 16
    /// The quantity breaks a rule of the SKU: minimum, multiple or maximum.
    case qtyRule = 17
    /// The quoted price no longer holds.
    case priceChanged = 18
    /// The reservation's deadline has passed.
    case reservationExpired = 19
    /// The reservation was confirmed before, otherwise than asked now.
    case alreadyConfirmed = 20
    /// The reservation was released before.
    case alreadyReleased = 21
    /// More was to be confirmed than the reservation holds.
    case exceedsReservation = 22
    /// The order's state doesn't allow the step.
    case orderStateConflict = 23
    /// The call carries a stress tag and shadow traffic isn't set up here.
    case shadowUnavailable = 24
    /// The version isn't the one expected.
    case versionMismatch = 25
    /// The feed no longer reaches back to that cursor.
    case cursorTooOld = 26
    /// More calls than the partner's rate allows.
    case rateLimited = 27
    /// As many reservations are held as the server has room for.
    case tooManyHolds = 28
    /// As many ids are remembered as the server has room for.
    case idTableFull = 29
    /// As many accounts or codes exist as the server has room for.
    case tableFull = 30
    /// More items or lines than one message may carry.
    case batchTooLarge = 31
    /// The journal's space is used up; what ends a reservation still works.
    case journalFull = 32
    /// The server has more work than it can take.
    case overloaded = 33
    /// The server is shutting down.
    case draining = 34
    /// The disk doesn't keep up; nothing was decided.
    case journalStalled = 35
    /// Another server owns the brand.
    case notOwner = 36
    /// The server is still reading its journal.
    case warming = 37
    /// The call's deadline passed.
    case deadlineExceeded = 38
    /// No valid credential came with the call.
    case unauthenticated = 39
    /// The credential doesn't cover the call or what it names.
    case permissionDenied = 40
    /// The bytes aren't the message that the call takes.
    case undecodable = 41
    /// The server found its own figures in contradiction.
    case invariantBroken = 42
    /// The journal is damaged.
    case journalCorrupt = 43
    /// The disk failed while the answer waited for it; the outcome is unknown.
    case journalFailed = 44
    /// The call reads Postgres, and the server runs without it or can't reach it.
    case postgresUnavailable = 45

    /// The name as ErrorInfo carries it: as in the `.proto`, without the prefix.
    public var name: StaticString {
        switch self {
        case .unspecified: "UNSPECIFIED"
        case .invalidField: "INVALID_FIELD"
        case .qtyOutOfRange: "QTY_OUT_OF_RANGE"
        case .currencyMismatch: "CURRENCY_MISMATCH"
        case .idempotencyKeyReused: "IDEMPOTENCY_KEY_REUSED"
        case .skuNotFound: "SKU_NOT_FOUND"
        case .warehouseNotFound: "WAREHOUSE_NOT_FOUND"
        case .dealerNotFound: "DEALER_NOT_FOUND"
        case .reservationNotFound: "RESERVATION_NOT_FOUND"
        case .orderNotFound: "ORDER_NOT_FOUND"
        case .externalIDExists: "EXTERNAL_ID_EXISTS"
        case .insufficientStock: "INSUFFICIENT_STOCK"
        case .purchaseLimitExceeded: "PURCHASE_LIMIT_EXCEEDED"
        case .creditExceeded: "CREDIT_EXCEEDED"
        case .accountFrozen: "ACCOUNT_FROZEN"
        case .regionNotAllowed: "REGION_NOT_ALLOWED"
        case .licenceMissing: "LICENCE_MISSING"
        case .qtyRule: "QTY_RULE"
        case .priceChanged: "PRICE_CHANGED"
        case .reservationExpired: "RESERVATION_EXPIRED"
        case .alreadyConfirmed: "ALREADY_CONFIRMED"
        case .alreadyReleased: "ALREADY_RELEASED"
        case .exceedsReservation: "EXCEEDS_RESERVATION"
        case .orderStateConflict: "ORDER_STATE_CONFLICT"
        case .shadowUnavailable: "SHADOW_UNAVAILABLE"
        case .versionMismatch: "VERSION_MISMATCH"
        case .cursorTooOld: "CURSOR_TOO_OLD"
        case .rateLimited: "RATE_LIMITED"
        case .tooManyHolds: "TOO_MANY_HOLDS"
        case .idTableFull: "ID_TABLE_FULL"
        case .tableFull: "TABLE_FULL"
        case .batchTooLarge: "BATCH_TOO_LARGE"
        case .journalFull: "JOURNAL_FULL"
        case .overloaded: "OVERLOADED"
        case .draining: "DRAINING"
        case .journalStalled: "JOURNAL_STALLED"
        case .notOwner: "NOT_OWNER"
        case .warming: "WARMING"
        case .deadlineExceeded: "DEADLINE_EXCEEDED"
        case .unauthenticated: "UNAUTHENTICATED"
        case .permissionDenied: "PERMISSION_DENIED"
        case .undecodable: "UNDECODABLE"
        case .invariantBroken: "INVARIANT_BROKEN"
        case .journalCorrupt: "JOURNAL_CORRUPT"
        case .journalFailed: "JOURNAL_FAILED"
        case .postgresUnavailable: "POSTGRES_UNAVAILABLE"
        }
    }

    /// The gRPC status of a call that is refused for this reason.
    public var status: StatusCode {
        switch self {
        case .unspecified: .ok
        case .invalidField, .qtyOutOfRange, .currencyMismatch, .idempotencyKeyReused:
            .invalidArgument
        case .skuNotFound, .warehouseNotFound, .dealerNotFound, .reservationNotFound,
            .orderNotFound:
            .notFound
        case .externalIDExists: .alreadyExists
        case .insufficientStock, .purchaseLimitExceeded, .creditExceeded, .accountFrozen,
            .regionNotAllowed, .licenceMissing, .qtyRule, .priceChanged, .reservationExpired,
            .alreadyConfirmed, .alreadyReleased, .exceedsReservation, .orderStateConflict,
            .shadowUnavailable:
            .failedPrecondition
        case .versionMismatch: .aborted
        case .cursorTooOld: .outOfRange
        case .rateLimited, .tooManyHolds, .idTableFull, .tableFull, .batchTooLarge, .journalFull:
            .resourceExhausted
        case .overloaded, .draining, .journalStalled, .notOwner, .warming, .journalFailed,
            .postgresUnavailable:
            .unavailable
        case .deadlineExceeded: .deadlineExceeded
        case .unauthenticated: .unauthenticated
        case .permissionDenied: .permissionDenied
        case .undecodable, .invariantBroken: .internal
        case .journalCorrupt: .dataLoss
        }
    }

    /// True when the same request under the same id may succeed a while later, with nothing changed
    /// by the caller.
    public var isRetryable: Bool {
        // A batch that is too large stays so; the others of its status don't.
        guard self != .batchTooLarge else { return false }
        return switch status {
        case .resourceExhausted, .unavailable, .deadlineExceeded: true
        default: false
        }
    }
}
