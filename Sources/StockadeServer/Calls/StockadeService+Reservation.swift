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
        if verdict == .done, context.legs.count > 0 { tally.granted(context.legs[0].account) }
        // Same content, so the codes are those of the request, line by line: no look-up, which in a
        // rush would be a cache miss each.
        let brand = scratch.text(message.extracting(request.brand.indices))
        let dealer = scratch.text(message.extracting(request.dealer.indices))
        for index in 0..<context.legs.count {
            let warehouse = message.extracting(scratch.asks[index].warehouse.indices)
            let leg = context.legs[index]
            appendResult(leg, warehouse: leg.granted > 0 ? scratch.text(warehouse) : .empty)
        }
        answer(head, brand: brand, dealer: dealer, verdict, time, on: &port)
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

    // MARK: - Forms

    private mutating func form(
        of request: ReserveRequest, in message: Span<UInt8>
    ) throws(FormFault) -> ReserveCommand {
        let id = try Form.id(request.reservationID, "reservation_id", in: message)
        try Form.code(request.brand, "brand", in: message)
        try Form.code(request.dealer, "dealer", in: message)
        try LineForm.check(
            scratch.lines, overflow: request.linesOverflow, codes: .required, in: message,
            into: &scratch.asks, numbers: &scratch.numbers)
        let timeToLive = try Form.timeToLive(request.ttlMilliseconds)
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
            scratch.lines, overflow: request.linesOverflow, codes: .optional, in: message,
            into: &scratch.asks, numbers: &scratch.numbers)
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

    // MARK: - Answers

    /// Answers with the hold in the context, or with why not.
    private mutating func answer(
        _ head: CallHead, _ verdict: Verdict, in message: Span<UInt8>, _ time: DecisionTime,
        on port: inout LoopPort
    ) {
        if case .refused(let refused) = verdict {
            return refuse(head, refused, in: message, on: &port)
        }
        let brand = codeText(context.hold.brand)
        let dealer = codeText(context.hold.dealer)
        for index in 0..<context.legs.count {
            let leg = context.legs[index]
            appendResult(leg, warehouse: leg.granted > 0 ? warehouseText(leg.account) : .empty)
        }
        answer(head, brand: brand, dealer: dealer, verdict, time, on: &port)
    }

    /// Answers with the hold in the context and the results in the scratch.
    private mutating func answer(
        _ head: CallHead, brand: ByteRange, dealer: ByteRange, _ verdict: Verdict,
        _ time: DecisionTime, on port: inout LoopPort
    ) {
        let hold = context.hold
        var reservation = Reservation()
        reservation.reservationID = scratch.text(hold.id)
        reservation.brand = brand
        reservation.dealer = dealer
        reservation.state = OpenEnum(hold.state.wire)
        reservation.createdMilliseconds = hold.created.milliseconds
        switch hold.state {
        case .held:
            // Ticks ahead of now, told in wall time: after a restart it may come later.
            reservation.deadlineMilliseconds = wallMilliseconds(of: hold.deadline, at: time)
        case .confirmed: reservation.orderID = scratch.text(hold.order)
        case .released, .expired: break
        }
        reservation.lines = ListRange(0..<scratch.results.count)
        scratch.encode(reservation)
        reply(head, isReplay: verdict == .replay, on: &port)
    }

    private mutating func appendResult(_ leg: HoldLeg, warehouse: ByteRange) {
        var result = LineResult()
        result.lineNumber = leg.line
        result.granted = leg.granted
        if leg.isShort {
            // All that could be granted was: what there was is what it got.
            result.available = leg.granted
            result.reason = OpenEnum(.insufficientStock)
        }
        if leg.granted > 0 {
            var allocation = Allocation()
            allocation.warehouse = warehouse
            allocation.quantity = leg.granted
            let position = scratch.allocations.count
            scratch.allocations.append(allocation)
            result.allocations = ListRange(position..<position + 1)
        }
        scratch.results.append(result)
    }

    private mutating func warehouseText(_ account: UInt32) -> ByteRange {
        let start = scratch.texts.count
        core.copyWarehouse(of: account, into: &scratch.texts)
        return ByteRange(start: UInt32(start), count: UInt32(scratch.texts.count - start))
    }

    private mutating func codeText(_ number: UInt32) -> ByteRange {
        let start = scratch.texts.count
        core.copyCode(number, into: &scratch.texts)
        return ByteRange(start: UInt32(start), count: UInt32(scratch.texts.count - start))
    }
}
