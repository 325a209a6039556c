// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import ReservationCore
internal import StockadeAPI
internal import Wire

/// What a refused caller reads: a sentence that says what is wrong and what to do, and an ErrorInfo
/// that says the same to a program. Written into the loop's writers, without an allocation.
struct RefusalText: ~Copyable {
    /// `grpc-message`, before percent-encoding.
    private(set) var text = ByteWriter(capacity: 512)
    /// `google.rpc.Status`, before base64.
    private(set) var details = ByteWriter(capacity: 2_048)

    /// Names the line that a refusal is about; its texts lie in the request's message.
    struct NamedLine {
        var number: UInt32
        var sku: ByteRange
        var warehouse: ByteRange
    }

    mutating func write(_ fault: FormFault, line: NamedLine?) {
        removeAll()
        if fault.line >= 0 {
            text.append("lines[")
            text.appendDecimal(Int64(fault.line))
            text.append("].")
        }
        text.append(fault.field)
        text.append(": ")
        text.append(fault.rule)
        let info = ErrorDetails(fault.reason, text: text, into: &details)
        info.add(.field, fault.field, into: &details)
        if let line, fault.line >= 0 { info.add(.line, Int64(line.number), into: &details) }
        info.finish(into: &details)
    }

    mutating func write(_ error: WireError) {
        removeAll()
        text.append("the message can't be decoded at byte ")
        text.appendDecimal(UInt64(error.byteOffset))
        text.append(": ")
        text.append(error.explanation)
        let info = ErrorDetails(.undecodable, text: text, into: &details)
        info.finish(into: &details)
    }

    /// A refusal that needs no figures.
    mutating func write(_ reason: Reason, _ sentence: StaticString) {
        removeAll()
        text.append(sentence)
        let info = ErrorDetails(reason, text: text, into: &details)
        info.finish(into: &details)
    }

    /// No answer in time: whether the call had an effect is the program's first question.
    mutating func write(_ reason: Reason, _ sentence: StaticString, applied: StaticString) {
        removeAll()
        text.append(sentence)
        let info = ErrorDetails(reason, text: text, into: &details)
        info.add(.applied, applied, into: &details)
        info.finish(into: &details)
    }

    /// Text only: where no reason of ours fits.
    mutating func write(textOnly sentence: StaticString) {
        removeAll()
        text.append(sentence)
    }

    /// A refusal of the core; `onHand` tells an adjustment from a reservation.
    mutating func write(
        _ refusal: Refusal, line: NamedLine?, isAdjustment: Bool, in message: Span<UInt8>
    ) {
        removeAll()
        sentence(refusal, line: line, isAdjustment: isAdjustment)
        let info = ErrorDetails(Reason(refusal.reason), text: text, into: &details)
        if let line {
            info.add(.line, Int64(line.number), into: &details)
            if !line.sku.isEmpty {
                info.add(.sku, message.extracting(line.sku.indices), into: &details)
            }
            if !line.warehouse.isEmpty {
                info.add(.warehouse, message.extracting(line.warehouse.indices), into: &details)
            }
        }
        switch refusal.reason {
        case .insufficientStock, .exceedsReservation:
            info.add(.requested, refusal.requested, into: &details)
            info.add(isAdjustment ? .onHand : .available, refusal.available, into: &details)
        case .quantityOutOfRange:
            info.add(.requested, refusal.requested, into: &details)
            info.add(.onHand, refusal.available, into: &details)
        case .versionMismatch:
            info.add(.requested, refusal.requested, into: &details)
            info.add(.available, refusal.available, into: &details)
        case .invalidField, .idempotencyKeyReused, .skuNotFound, .warehouseNotFound,
            .reservationNotFound, .orderNotFound, .reservationExpired, .alreadyConfirmed,
            .alreadyReleased, .orderStateConflict, .tooManyHolds, .idTableFull, .tableFull,
            .batchTooLarge, .journalStalled, .journalFull:
            break
        }
        if refusal.failingLines > 0 {
            info.add(.failingLines, Int64(refusal.failingLines), into: &details)
        }
        if let state = refusal.state { info.add(.state, state.name, into: &details) }
        if let state = refusal.orderState { info.add(.state, state.name, into: &details) }
        if refusal.limit != .none { info.add(.limit, refusal.limit.name, into: &details) }
        info.finish(into: &details)
    }

    private mutating func removeAll() {
        text.removeAll()
        details.removeAll()
    }

    private mutating func sentence(
        _ refusal: Refusal, line: NamedLine?, isAdjustment: Bool
    ) {
        if let line {
            text.append("line ")
            text.appendDecimal(UInt64(line.number))
            text.append(": ")
        }
        switch refusal.reason {
        case .insufficientStock:
            text.appendDecimal(refusal.requested)
            text.append(isAdjustment ? " to take away, " : " asked for, ")
            text.appendDecimal(refusal.available)
            text.append(isAdjustment ? " on hand" : " available")
        case .exceedsReservation:
            text.appendDecimal(refusal.requested)
            text.append(" to confirm, ")
            text.appendDecimal(refusal.available)
            text.append(" reserved; nothing changed")
        case .versionMismatch:
            text.append("version ")
            text.appendDecimal(refusal.requested)
            text.append(" expected, found ")
            text.appendDecimal(refusal.available)
            text.append("; read again and use a new request_id")
        case .quantityOutOfRange:
            text.append("on_hand would exceed 1000000000000")
        case .tableFull, .idTableFull, .tooManyHolds, .batchTooLarge:
            text.append(RefusalText.standing(refusal.reason))
            text.append(refusal.limit.name)
        case .invalidField, .idempotencyKeyReused, .skuNotFound, .warehouseNotFound,
            .reservationNotFound, .orderNotFound, .reservationExpired, .alreadyConfirmed,
            .alreadyReleased, .orderStateConflict, .journalStalled, .journalFull:
            text.append(RefusalText.standing(refusal.reason))
        }
    }

    private static func standing(_ reason: RefusalReason) -> StaticString {
        switch reason {
        case .invalidField: "sku and warehouse must be empty, or those of the reservation's line"
        case .idempotencyKeyReused: "this id was used with other content; make a new id"
        case .skuNotFound: "the brand or the SKU isn't known; SetStock makes it"
        case .warehouseNotFound: "the SKU has no stock account in this warehouse; SetStock makes it"
        case .reservationNotFound: "no reservation has this id"
        case .orderNotFound: "no order has this id"
        case .orderStateConflict: "the order was cancelled before, by another request"
        case .batchTooLarge: "more than one call may carry, split it; the bound is "
        case .reservationExpired: "the reservation has expired; reserve again under a new id"
        case .alreadyConfirmed: "the reservation was confirmed into an order; cancel the order"
        case .alreadyReleased: "the reservation was released; reserve again under a new id"
        case .tooManyHolds: "too many live reservations, try again later; the bound is "
        case .idTableFull: "no more ids can be remembered, try again later; the bound is "
        case .tableFull: "a table is full; the bound is "
        case .journalStalled: "the disk doesn't keep up; try again with the same id"
        case .journalFull: "the journal's space is used up; try again later"
        case .insufficientStock: "not enough stock"
        case .exceedsReservation: "more than was reserved"
        case .versionMismatch: "another version"
        case .quantityOutOfRange: "a quantity is out of range"
        }
    }
}
