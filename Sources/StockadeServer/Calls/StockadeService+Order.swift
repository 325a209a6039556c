// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives
internal import ReservationCore
internal import StockadeAPI
internal import Transport
internal import Wire

/// OrderService.
extension StockadeService {
    mutating func createOrder(
        _ head: CallHead, _ message: Span<UInt8>, _ time: DecisionTime, on port: inout LoopPort
    ) throws(WireError) {
        let request = try CreateOrderRequest.decode(
            message, lines: &scratch.lines, reservationIDs: &scratch.idRanges)
        if refuseStressTag(head, on: &port) { return }
        let command: CreateOrderCommand
        do {
            command = try form(of: request, in: message)
        } catch { return refuse(head, error, on: &port) }
        if request.mode.known == .direct {
            let verdict = core.createOrder(
                command, lines: scratch.asks, texts: message, at: time, in: &context)
            if verdict == .done { countOrdered() }
            answer(head, verdict, about: .reservation, in: message, on: &port)
        } else {
            let verdict = core.createOrder(
                command, from: scratch.ids, texts: message, at: time, in: &context)
            answer(head, verdict, about: .reservationsOfOrder, in: message, on: &port)
        }
    }

    mutating func cancelOrder(
        _ head: CallHead, _ message: Span<UInt8>, _ time: DecisionTime, on port: inout LoopPort
    ) throws(WireError) {
        let request = try CancelOrderRequest.decode(message, lines: &scratch.lines)
        if refuseStressTag(head, on: &port) { return }
        let command: CancelOrderCommand
        do {
            command = try form(of: request, in: message)
        } catch { return refuse(head, error, on: &port) }
        let verdict = core.cancelOrder(
            command, lines: scratch.asks, texts: message, at: time, in: &context)
        answer(head, verdict, about: .order, in: message, on: &port)
    }

    mutating func getOrder(
        _ head: CallHead, _ message: Span<UInt8>, _ time: DecisionTime, on port: inout LoopPort
    ) throws(WireError) {
        guard let verdict = try readOrder(head, message, time, on: &port) else { return }
        answer(head, verdict, about: .order, in: message, on: &port)
    }

    mutating func getOrderTimeline(
        _ head: CallHead, _ message: Span<UInt8>, _ time: DecisionTime, on port: inout LoopPort
    ) throws(WireError) {
        guard let verdict = try readOrder(head, message, time, on: &port) else { return }
        if case .refused(let refused) = verdict {
            return refuse(head, refused, about: .order, in: message, on: &port)
        }
        for index in 0..<context.orderEvents.count {
            let known = context.orderEvents[index]
            var event = StockadeAPI.OrderEvent()
            event.sequence = known.sequence
            event.atMilliseconds = known.at.milliseconds
            event.kind = OpenEnum(rawValue: Int32(known.kind.rawValue))
            event.cause = OpenEnum(rawValue: Int32(known.cause))
            event.units = known.units
            scratch.events.append(event)
        }
        var timeline = GetOrderTimelineResponse()
        timeline.events = ListRange(0..<scratch.events.count)
        timeline.isComplete = context.order.areEventsComplete
        scratch.encode(timeline)
        reply(head, isReplay: false, on: &port)
    }

    /// Reads the order that a request names into the context; nil: it was refused for its form.
    private mutating func readOrder(
        _ head: CallHead, _ message: Span<UInt8>, _ time: DecisionTime, on port: inout LoopPort
    ) throws(WireError) -> Verdict? {
        let request = try GetOrderRequest.decode(message)
        if refuseStressTag(head, on: &port) { return nil }
        let id: ClientID
        do {
            id = try Form.id(request.orderID, "order_id", in: message)
            try Form.code(request.brand, "brand", in: message)
        } catch {
            refuse(head, error, on: &port)
            return nil
        }
        return core.readOrder(id, brand: request.brand, texts: message, at: time, in: &context)
    }

    // MARK: - Forms

    private mutating func form(
        of request: CreateOrderRequest, in message: Span<UInt8>
    ) throws(FormFault) -> CreateOrderCommand {
        let id = try Form.id(request.orderID, "order_id", in: message)
        try Form.code(request.brand, "brand", in: message)
        try Form.code(request.dealer, "dealer", in: message)
        switch request.mode.known {
        case .direct:
            try OrderForm.checkDirect(request)
            try LineForm.check(
                scratch.lines, request.lines, overflow: request.linesOverflow, codes: .required,
                in: message, into: &scratch.asks, numbers: &scratch.numbers)
        case .fromReservation:
            try OrderForm.reservations(
                of: request, scratch.idRanges, in: message, into: &scratch.ids)
        case .unspecified, nil:
            throw FormFault("mode", "must be DIRECT or FROM_RESERVATION")
        }
        let fillMode = try Form.fillMode(request.fillMode.known)
        try OrderForm.checkWhatIsNotKept(request)
        return CreateOrderCommand(
            id: id, brand: request.brand, dealer: request.dealer, fillMode: fillMode,
            fingerprint: fingerprint.of(
                request, lines: scratch.lines, reservationIDs: scratch.idRanges, in: message))
    }

    private mutating func form(
        of request: CancelOrderRequest, in message: Span<UInt8>
    ) throws(FormFault) -> CancelOrderCommand {
        let id = try Form.id(request.requestID, "request_id", in: message)
        let order = try Form.id(request.orderID, "order_id", in: message)
        try Form.code(request.brand, "brand", in: message)
        try LineForm.check(
            scratch.lines, request.lines, overflow: request.linesOverflow, codes: .optional,
            in: message, into: &scratch.asks, numbers: &scratch.numbers)
        return CancelOrderCommand(
            request: id, order: order, brand: request.brand,
            cause: try OrderForm.cause(request.cause),
            fingerprint: fingerprint.of(request, lines: scratch.lines, in: message))
    }

    // MARK: - Answers

    /// Answers with the order in the context, or with why not.
    private mutating func answer(
        _ head: CallHead, _ verdict: Verdict, about subject: RefusalSubject,
        in message: Span<UInt8>, on port: inout LoopPort
    ) {
        if case .refused(let refused) = verdict {
            return refuse(head, refused, about: subject, in: message, on: &port)
        }
        scratch.encode(order())
        reply(head, isReplay: verdict == .replay, on: &port)
    }

    /// The order in the context as the API has it, its parts in the scratch.
    mutating func order() -> Order {
        let view = context.order
        var order = Order()
        order.orderID = scratch.text(view.id)
        order.brand = codeText(view.brand)
        order.dealer = codeText(view.dealer)
        order.reviewState = OpenEnum(view.state.review)
        order.fulfilmentState = OpenEnum(view.state.fulfilment)
        order.paymentState = OpenEnum(.unpaid)
        order.createdMilliseconds = view.created.milliseconds
        order.updatedMilliseconds = view.changed.milliseconds
        for index in 0..<context.orderLegs.count {
            let leg = context.orderLegs[index]
            var line = OrderLine()
            line.lineNumber = leg.line
            line.sku = skuText(leg.account)
            line.warehouse = warehouseText(leg.account)
            line.quantity = leg.quantity
            line.cancelled = leg.cancelled
            scratch.orderLines.append(line)
        }
        order.lines = ListRange(0..<scratch.orderLines.count)
        // The request's own were read; now the list holds the answer's.
        scratch.idRanges.removeAll()
        for index in 0..<context.orderReservations.count {
            scratch.idRanges.append(scratch.text(context.orderReservations[index]))
        }
        order.reservationIDs = ListRange(0..<scratch.idRanges.count)
        return order
    }
}
