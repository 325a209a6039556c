// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import ReservationCore
internal import StockadeAPI
internal import Wire

/// The rules for orders, beside those for their lines.
enum OrderForm {
    /// What nothing keeps yet is refused and not lost in silence.
    static func checkWhatIsNotKept(_ request: CreateOrderRequest) throws(FormFault) {
        try refuse(
            request.externalNumber, "external_number",
            "must be empty: this version doesn't keep it; it comes with ImportOrders")
        try refuse(
            request.placedBy, "placed_by",
            "must be empty: this version doesn't keep it; it comes with credentials")
        try refuse(
            request.shipTo.region, "ship_to.region",
            "must be empty: this version doesn't keep it; it comes with the dealers' territories")
        try refuse(
            request.shipTo.contact, "ship_to.contact",
            "must be empty: personal data aren't taken before they are kept encrypted")
        try refuse(
            request.shipTo.phone, "ship_to.phone",
            "must be empty: personal data aren't taken before they are kept encrypted")
        try refuse(
            request.shipTo.address, "ship_to.address",
            "must be empty: personal data aren't taken before they are kept encrypted")
        try refuse(
            request.quoteHash, "quote_hash",
            "must be empty: this version has no prices; it comes with QuoteOrder")
    }

    private static func refuse(
        _ range: ByteRange, _ field: StaticString, _ rule: StaticString
    ) throws(FormFault) {
        guard range.isEmpty else { throw FormFault(field, rule) }
    }

    /// What an order straight from stock must not say.
    static func checkDirect(_ request: CreateOrderRequest) throws(FormFault) {
        guard request.reservationIDs.count == 0, !request.reservationIDsOverflow
        else { throw FormFault("reservation_ids", "must be empty when mode is DIRECT") }
    }

    /// The reservations that an order is made of.
    static func reservations(
        of request: CreateOrderRequest, _ ranges: borrowing FixedList<ByteRange>,
        in message: Span<UInt8>, into ids: inout FixedList<ClientID>
    ) throws(FormFault) {
        ids.removeAll()
        guard request.lines.count == 0, !request.linesOverflow
        else { throw FormFault("lines", "must be empty when mode is FROM_RESERVATION") }
        guard request.fillMode.rawValue == 0 else {
            throw FormFault("fill_mode", "must be UNSPECIFIED when mode is FROM_RESERVATION")
        }
        guard !ranges.isEmpty, !request.reservationIDsOverflow,
            ranges.count <= CoreLimits.reservationsPerOrderMax
        else { throw FormFault("reservation_ids", "must have 1 to 16 entries") }
        for index in 0..<ranges.count {
            let id: ClientID
            do {
                id = try Form.id(ranges[index], "", in: message)
            } catch { throw error.inElement(index, of: "reservation_ids") }
            for other in 0..<ids.count where ids[other] == id {
                throw FormFault("", "must be another than those before")
                    .inElement(index, of: "reservation_ids")
            }
            ids.append(id)
        }
    }

    /// Why an order is cancelled; the number is what the core keeps.
    static func cause(_ cause: OpenEnum<CancelCause>) throws(FormFault) -> UInt8 {
        guard let known = cause.known
        else { throw FormFault("cause", "must be a CancelCause that this version knows") }
        return known.rawValue
    }
}
