// SPDX-License-Identifier: Apache-2.0

/// Why a decision changed nothing. Names as in the API; the server maps them one to one.
public enum RefusalReason: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    /// A field contradicts what is stored (a line's SKU isn't the hold's).
    case invalidField
    /// A quantity would leave its range.
    case quantityOutOfRange
    /// The id was used with other content.
    case idempotencyKeyReused
    /// The brand, or the SKU in it, is unknown.
    case skuNotFound
    /// The SKU is known, but not in this warehouse.
    case warehouseNotFound
    /// No reservation has this id.
    case reservationNotFound
    /// No order has this id.
    case orderNotFound
    /// Fewer units are available than asked for.
    case insufficientStock
    /// The dealer may not buy as much.
    case purchaseLimitExceeded
    /// The dealer may not owe as much.
    case creditExceeded
    /// The deadline has passed.
    case reservationExpired
    /// The reservation became an order.
    case alreadyConfirmed
    /// The reservation was given back.
    case alreadyReleased
    /// More than was reserved, or than is left of the order.
    case exceedsReservation
    /// The order's state doesn't allow the step.
    case orderStateConflict
    /// The figure isn't at the version that was expected.
    case versionMismatch
    /// No live hold more fits.
    case tooManyHolds
    /// No id more can be remembered.
    case idTableFull
    /// A table is full: `limit` says which.
    case tableFull
    /// More than one decision may touch: `limit` says what.
    case batchTooLarge
    /// The disk doesn't keep up.
    case journalStalled
    /// The journal's space is used up.
    case journalFull
}

/// The bound that a refusal names.
public enum CoreLimit: UInt8, Sendable, BitwiseCopyable {
    /// None.
    case none
    /// `--accounts-max`
    case accounts
    /// `--codes-max`
    case codes
    /// `--holds-max`
    case holds
    /// `--ids-max`
    case ids
    /// Lines of holds with more than one line, which share the room of `--ids-max`.
    case legs
    /// Units on hand at most.
    case onHand
    /// Accounts that the lines of one decision may be spread over.
    case legsPerDecision
    /// Accounts that the lines of one decision may choose from.
    case candidates
    /// How far from its begin a hold may be extended.
    case timeToLive
    /// Warehouses of one SKU.
    case warehousesPerSku
    /// Reservations that orders were made of, where it was several, and what happened to orders;
    /// they share a sixteenth of `--ids-max`.
    case notes
}

/// What a hold is, or became.
public enum HoldState: UInt8, Sendable, BitwiseCopyable {
    /// Live.
    case held
    /// Became an order.
    case confirmed
    /// Given back by its owner.
    case released
    /// Given back by its deadline.
    case expired
}

/// What an order is.
public enum OrderState: UInt8, Sendable, BitwiseCopyable {
    /// Accepted, its units allocated.
    case accepted
    /// Nothing is left of it.
    case cancelled
}

/// A refusal and the figures that explain it.
public struct Refusal: Equatable, Sendable, BitwiseCopyable {
    /// Why.
    public var reason: RefusalReason
    /// Index of the first failing line in the command, or of the reservation, or -1.
    public var lineIndex: Int32 = -1
    /// Number of failing lines.
    public var failingLines: UInt16 = 0
    /// Units asked for (of all lines on the same account), or the version expected.
    public var requested: Int64 = 0
    /// Units that there were, on hand for an adjustment, or the version found.
    public var available: Int64 = 0
    /// Lines that the order has, where it has none with the number that was asked for; else 0.
    public var orderLines: UInt16 = 0
    /// The hold's state where that is why.
    public var state: HoldState?
    /// The order's state where that is why.
    public var orderState: OrderState?
    /// Whether a transfer's target is meant and not its source.
    public var isOther = false
    /// The bound where that is why.
    public var limit = CoreLimit.none
    /// True when the refusal itself was given before, to the same request.
    public var isReplay = false

    /// A refusal without figures.
    public init(_ reason: RefusalReason) {
        self.reason = reason
    }
}

/// A decision.
public enum Verdict: Equatable, Sendable, BitwiseCopyable {
    /// Done now; the context has what to answer.
    case done
    /// Done before, under the same id with the same content; the context has what to answer.
    case replay
    /// Nothing changed.
    case refused(Refusal)
}
