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
    /// The path of the field that is wrong; empty when no field is why.
    private(set) var path = ByteWriter(capacity: 128)
    /// Where refusals are counted by their reason; nil: nowhere.
    var tally: ServiceTally?

    /// Names the line that a refusal is about, or the account when the number is 0; the texts lie
    /// in the request's message.
    struct NamedLine {
        var number: UInt32
        var sku: ByteRange
        var warehouse: ByteRange
    }

    mutating func write(_ fault: FormFault, line: NamedLine?) {
        removeAll()
        fault.appendPath(to: &path)
        RefusalText.append(path, to: &text)
        text.append(": ")
        text.append(fault.rule)
        let info = begin(fault.reason)
        RefusalText.add(.field, path, info, into: &details)
        if let line, fault.line >= 0 { info.add(.line, Int64(line.number), into: &details) }
        if fault.limit.utf8CodeUnitCount > 0 { info.add(.limit, fault.limit, into: &details) }
        info.finish(into: &details)
    }

    mutating func write(_ error: WireError) {
        removeAll()
        text.append("the message can't be decoded at byte ")
        text.appendDecimal(UInt64(error.byteOffset))
        text.append(": ")
        text.append(error.explanation)
        let info = begin(.undecodable)
        info.finish(into: &details)
    }

    /// A refusal that needs no figures.
    mutating func write(_ reason: Reason, _ sentence: StaticString) {
        removeAll()
        text.append(sentence)
        let info = begin(reason)
        info.finish(into: &details)
    }

    /// A refusal whose sentence is made as it comes: not for what happens often.
    mutating func write(_ reason: Reason, text sentence: String) {
        removeAll()
        // More than fits says less, not nothing.
        text.append(Array(sentence.utf8.prefix(400)).span)
        let info = begin(reason)
        info.finish(into: &details)
    }

    /// No answer in time: whether the call had an effect is the program's first question.
    mutating func write(_ reason: Reason, _ sentence: StaticString, applied: StaticString) {
        removeAll()
        text.append(sentence)
        let info = begin(reason)
        info.add(.applied, applied, into: &details)
        info.finish(into: &details)
    }

    /// Text only: where no reason of ours fits.
    mutating func write(textOnly sentence: StaticString) {
        removeAll()
        text.append(sentence)
    }

    /// A refusal of the core, of a call about `subject`.
    mutating func write(
        _ refusal: Refusal, line: NamedLine?, about subject: RefusalSubject,
        in message: Span<UInt8>
    ) {
        removeAll()
        appendPath(refusal, subject)
        sentence(refusal, line: line, subject)
        let info = begin(Reason(refusal.reason))
        if let line {
            if line.number != 0 { info.add(.line, Int64(line.number), into: &details) }
            if !line.sku.isEmpty {
                info.add(.sku, message.extracting(line.sku.indices), into: &details)
            }
            if !line.warehouse.isEmpty {
                info.add(.warehouse, message.extracting(line.warehouse.indices), into: &details)
            }
        }
        if path.count > 0 { RefusalText.add(.field, path, info, into: &details) }
        addFigures(refusal, subject, info)
        // An order of reservations has no lines in its request: `field` says which of them failed.
        if refusal.failingLines > 0, subject != .reservationsOfOrder {
            info.add(.failingLines, Int64(refusal.failingLines), into: &details)
        }
        if let state = refusal.state { info.add(.state, state.name, into: &details) }
        if let state = refusal.orderState { info.add(.state, state.name, into: &details) }
        if refusal.limit != .none { info.add(.limit, refusal.limit.name, into: &details) }
        info.finish(into: &details)
    }

    private mutating func addFigures(
        _ refusal: Refusal, _ subject: RefusalSubject, _ info: borrowing ErrorDetails
    ) {
        switch refusal.reason {
        case .insufficientStock, .purchaseLimitExceeded, .creditExceeded, .exceedsReservation:
            info.add(.requested, refusal.requested, into: &details)
            info.add(
                subject == .adjustment ? .onHand : .available, refusal.available, into: &details)
        case .quantityOutOfRange:
            info.add(.requested, refusal.requested, into: &details)
            info.add(.onHand, refusal.available, into: &details)
        case .versionMismatch:
            info.add(.requested, refusal.requested, into: &details)
            info.add(.available, refusal.available, into: &details)
        default: break
        }
    }

    /// Begins the details of the text that was written, and counts it.
    private mutating func begin(_ reason: Reason) -> ErrorDetails {
        tally?.count(reason)
        return ErrorDetails(reason, text: text, into: &details)
    }

    private mutating func removeAll() {
        text.removeAll()
        details.removeAll()
        path.removeAll()
    }

    /// Which of an order's reservations a refusal is about.
    private mutating func appendPath(_ refusal: Refusal, _ subject: RefusalSubject) {
        switch (subject, refusal.reason) {
        case (.reservationsOfOrder, .invalidField): path.append("dealer")
        case (.reservationsOfOrder, _) where refusal.lineIndex >= 0:
            path.append("reservation_ids[")
            path.appendDecimal(Int64(refusal.lineIndex))
            path.append("]")
        case (.deadline, .invalidField): path.append("ttl_ms")
        default: break
        }
    }

    private static func append(_ part: borrowing ByteWriter, to text: inout ByteWriter) {
        part.withBytes { text.append($0) }
    }

    private static func add(
        _ key: MetadataKey, _ value: borrowing ByteWriter, _ info: borrowing ErrorDetails,
        into details: inout ByteWriter
    ) {
        value.withBytes { info.add(key, $0, into: &details) }
    }

    private mutating func sentence(
        _ refusal: Refusal, line: NamedLine?, _ subject: RefusalSubject
    ) {
        if let line, line.number != 0 {
            text.append("line ")
            text.appendDecimal(UInt64(line.number))
            text.append(": ")
        } else if path.count > 0 {
            RefusalText.append(path, to: &text)
            text.append(": ")
        }
        switch refusal.reason {
        case .insufficientStock, .purchaseLimitExceeded, .creditExceeded:
            text.appendDecimal(refusal.requested)
            text.append(subject.asked)
            text.appendDecimal(refusal.available)
            text.append(subject == .adjustment ? " on hand" : " available")
        case .exceedsReservation where refusal.orderLines > 0:
            text.append("the order has no line with this number; it has ")
            text.appendDecimal(Int64(refusal.orderLines))
            text.append(refusal.orderLines == 1 ? " line" : " lines")
            text.append(", which GetOrder shows; nothing changed")
        case .exceedsReservation:
            text.appendDecimal(refusal.requested)
            text.append(subject == .order ? " to cancel, " : " to confirm, ")
            text.appendDecimal(refusal.available)
            text.append(subject == .order ? " left; nothing changed" : " reserved; nothing changed")
        case .versionMismatch:
            text.append("version ")
            text.appendDecimal(refusal.requested)
            text.append(" expected, found ")
            text.appendDecimal(refusal.available)
            text.append("; read again and use a new request_id")
        case .quantityOutOfRange: text.append("on_hand would exceed 1000000000000")
        case .invalidField: text.append(subject.invalidField)
        case .tableFull, .idTableFull, .tooManyHolds, .batchTooLarge:
            text.append(RefusalText.standing(refusal.reason))
            text.append(refusal.limit.name)
        default: text.append(RefusalText.standing(refusal.reason))
        }
    }

    private static func standing(_ reason: RefusalReason) -> StaticString {
        switch reason {
        case .invalidField: "a field contradicts what is stored"
        case .idempotencyKeyReused: "this id was used with other content; make a new id"
        case .skuNotFound: "the brand or the SKU isn't known; SetStock makes it"
        case .warehouseNotFound: "the SKU has no stock account in this warehouse; SetStock makes it"
        case .reservationNotFound: "no reservation has this id"
        case .orderNotFound: "no order has this id"
        case .reservationExpired: "the reservation has expired; reserve again under a new id"
        case .alreadyConfirmed: "the reservation was confirmed into an order; cancel the order"
        case .alreadyReleased: "the reservation was released; reserve again under a new id"
        case .orderStateConflict: "the order was cancelled before, by another request"
        case .tooManyHolds: "too many live reservations, try again later; the bound is "
        case .idTableFull: "no more ids can be remembered, try again later; the bound is "
        case .tableFull: "a table is full; the bound is "
        case .batchTooLarge: "more than one call may carry, split it; the bound is "
        case .journalStalled: "the disk doesn't keep up; try again with the same id"
        case .journalFull: "the journal's space is used up; try again later"
        case .insufficientStock: "not enough stock"
        case .purchaseLimitExceeded: "more than the dealer may buy"
        case .creditExceeded: "more than the dealer may owe"
        case .exceedsReservation: "more than was reserved"
        case .versionMismatch: "another version"
        case .quantityOutOfRange: "a quantity is out of range"
        }
    }
}
