// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import StockadeAPI
internal import Wire

/// Answers about orders: CreateOrder and CancelOrder.
extension RushLoop {
    /// Reads an order; what is wrong with it, if anything is. A line's results are its units, or of a
    /// cancellation those of them that are cancelled.
    mutating func readOrder(
        _ message: Span<UInt8>, of call: CallState, into answer: inout Answer
    ) -> StaticString? {
        orderLines.removeAll()
        orderReservations.removeAll()
        guard
            let reply = try? OrderReply.decode(
                message, lines: &orderLines, reservationIDs: &orderReservations),
            reply.hasOrder
        else { return "the answer isn't an order" }
        let slot = Int(call.journey)
        let row = journeys.rows[slot]
        guard ClientID(message, at: reply.order.orderID) == plan.identity.id(.order, row.number)
        else { return "the answer is about another order" }
        guard !reply.order.linesOverflow else { return "the order has more lines than were asked" }
        let first = slot * plan.linesMax
        var left: Int64 = 0
        var wrong: StaticString?
        for index in 0..<Int(row.lineCount) {
            let (units, cancelled) = units(ofLine: index)
            left &+= units &- cancelled
            var result = LineResult()
            result.granted = call.kind == .cancelOrder ? cancelled : units
            results.append(result)
            guard call.kind == .cancelOrder else { continue }
            let line = lines[first + index]
            if units != Int64(line.granted) {
                wrong = "the order's units aren't those that were ordered"
            } else if cancelled != Int64(line.cancelled(part: row.cancelPart)) {
                wrong = "other units are cancelled than were asked for"
            }
        }
        answer.hasLines = true
        let isCancelled = reply.order.reviewState.known == .cancelled
        if isCancelled != (left == 0) { wrong = "the order's state doesn't fit what is left of it" }
        if call.kind == .cancelOrder { return wrong }
        if isCancelled { wrong = "a new order that is cancelled" }
        return readGrant(call, .unspecified, isReplay: answer.isReplay) ?? wrong
    }

    /// A line that was split over warehouses is there several times.
    private func units(ofLine index: Int) -> (ordered: Int64, cancelled: Int64) {
        var sums: (ordered: Int64, cancelled: Int64) = (0, 0)
        for place in 0..<orderLines.count
        where orderLines[place].lineNumber == UInt32(index + 1) {
            sums.ordered &+= orderLines[place].quantity
            sums.cancelled &+= orderLines[place].cancelled
        }
        return sums
    }
}
