// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives
internal import ReservationCore
internal import StockadeAPI
internal import Transport
internal import Wire

/// ReservationService.
extension StockadeService {
    mutating func reserve(
        _ head: CallHead, _ message: Span<UInt8>, _ time: DecisionTime, on port: inout LoopPort
    ) throws(WireError) {
        let request = try ReserveRequest.decode(message, lines: &scratch.lines)
        if refuseStressTag(head, on: &port) { return }
        let command: ReserveCommand
        do {
            command = try form(of: request, in: message)
        } catch { return refuse(head, error, on: &port) }
        let verdict = core.reserve(
            command, lines: scratch.asks, texts: message, at: time, in: &context)
        if case .refused(let refused) = verdict {
            return refuse(head, refused, in: message, on: &port)
        }
        if verdict == .done { countGrant() }
        encodeGranted(request, in: message, time)
        reply(head, isReplay: verdict == .replay, on: &port)
    }

    mutating func confirm(
        _ head: CallHead, _ message: Span<UInt8>, _ time: DecisionTime, on port: inout LoopPort
    ) throws(WireError) {
        let request = try ConfirmRequest.decode(message, lines: &scratch.lines)
        if refuseStressTag(head, on: &port) { return }
        let command: ConfirmCommand
        do {
            command = try form(of: request, in: message)
        } catch { return refuse(head, error, on: &port) }
        let verdict = core.confirm(
            command, lines: scratch.asks, texts: message, at: time, in: &context)
        answer(head, verdict, in: message, time, on: &port)
    }

    mutating func release(
        _ head: CallHead, _ message: Span<UInt8>, _ time: DecisionTime, on port: inout LoopPort
    ) throws(WireError) {
        let request = try ReleaseRequest.decode(message)
        if refuseStressTag(head, on: &port) { return }
        let command: ReleaseCommand
        do {
            command = try form(of: request, in: message)
        } catch { return refuse(head, error, on: &port) }
        let verdict = core.release(command, texts: message, at: time, in: &context)
        answer(head, verdict, in: message, time, on: &port)
    }

    mutating func getReservation(
        _ head: CallHead, _ message: Span<UInt8>, _ time: DecisionTime, on port: inout LoopPort
    ) throws(WireError) {
        let request = try GetReservationRequest.decode(message)
        if refuseStressTag(head, on: &port) { return }
        let id: ClientID
        do {
            id = try Form.id(request.reservationID, "reservation_id", in: message)
            try Form.code(request.brand, "brand", in: message)
        } catch { return refuse(head, error, on: &port) }
        let verdict = core.readReservation(
            id, brand: request.brand, texts: message, at: time, in: &context)
        answer(head, verdict, in: message, time, on: &port)
    }

    mutating func extend(
        _ head: CallHead, _ message: Span<UInt8>, _ time: DecisionTime, on port: inout LoopPort
    ) throws(WireError) {
        let request = try ExtendRequest.decode(message)
        if refuseStressTag(head, on: &port) { return }
        let command: ExtendCommand
        do {
            command = try form(of: request, in: message)
        } catch { return refuse(head, error, on: &port) }
        let verdict = core.extend(command, texts: message, at: time, in: &context)
        answer(head, verdict, about: .deadline, in: message, time, on: &port)
    }

    // MARK: - Forms

    /// Of a Reserve, or of an item of a batch.
    mutating func form(
        of request: ReserveRequest, in message: Span<UInt8>
    ) throws(FormFault) -> ReserveCommand {
        let id = try Form.id(request.reservationID, "reservation_id", in: message)
        try Form.code(request.brand, "brand", in: message)
        try Form.code(request.dealer, "dealer", in: message)
        try LineForm.check(
            scratch.lines, request.lines, overflow: request.linesOverflow, codes: .required,
            in: message, into: &scratch.asks, numbers: &scratch.numbers)
        let timeToLive = try Form.timeToLive(request.ttlMilliseconds, "ttl_ms")
        let fillMode = try Form.fillMode(request.fillMode.known)
        try Form.text(request.region, "region", in: message)
        try Form.text(request.clientReference, "client_reference", in: message)
        return ReserveCommand(
            id: id, brand: request.brand, dealer: request.dealer,
            timeToLiveMilliseconds: timeToLive, fillMode: fillMode,
            fingerprint: fingerprint.of(request, lines: scratch.lines, in: message))
    }

    private mutating func form(
        of request: ConfirmRequest, in message: Span<UInt8>
    ) throws(FormFault) -> ConfirmCommand {
        let id = try Form.id(request.reservationID, "reservation_id", in: message)
        try Form.code(request.brand, "brand", in: message)
        let order = try Form.id(request.orderID, "order_id", in: message)
        try LineForm.check(
            scratch.lines, request.lines, overflow: request.linesOverflow, codes: .optional,
            in: message, into: &scratch.asks, numbers: &scratch.numbers)
        return ConfirmCommand(id: id, brand: request.brand, order: order)
    }

    private mutating func form(
        of request: ReleaseRequest, in message: Span<UInt8>
    ) throws(FormFault) -> ReleaseCommand {
        let id = try Form.id(request.reservationID, "reservation_id", in: message)
        try Form.code(request.brand, "brand", in: message)
        try Form.text(request.cause, "cause", in: message)
        return ReleaseCommand(id: id, brand: request.brand)
    }

    private mutating func form(
        of request: ExtendRequest, in message: Span<UInt8>
    ) throws(FormFault) -> ExtendCommand {
        let id = try Form.id(request.requestID, "request_id", in: message)
        let reservation = try Form.id(request.reservationID, "reservation_id", in: message)
        try Form.code(request.brand, "brand", in: message)
        guard request.ttlMilliseconds != 0
        else { throw FormFault("ttl_ms", "must be 1000 to 86400000") }
        let timeToLive = try Form.timeToLive(request.ttlMilliseconds, "ttl_ms")
        return ExtendCommand(
            request: id, reservation: reservation, brand: request.brand,
            timeToLiveMilliseconds: timeToLive,
            fingerprint: fingerprint.of(request, in: message))
    }

    // MARK: - Answers

    /// Answers with the hold in the context, or with why not.
    private mutating func answer(
        _ head: CallHead, _ verdict: Verdict, about subject: RefusalSubject = .reservation,
        in message: Span<UInt8>, _ time: DecisionTime, on port: inout LoopPort
    ) {
        if case .refused(let refused) = verdict {
            return refuse(head, refused, about: subject, in: message, on: &port)
        }
        scratch.encode(reservation(time))
        reply(head, isReplay: verdict == .replay, on: &port)
    }
}
