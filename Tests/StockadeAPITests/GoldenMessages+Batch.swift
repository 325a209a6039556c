// SPDX-License-Identifier: Apache-2.0

import Primitives
import StockadeAPI
import Wire

/// ReservationService's second set of calls.
extension GoldenMessages {
    static let batchMessages: [String: [UInt8]] = batchRequests.merging(batchReplies) { _, _ in
        preconditionFailure()
    }

    private static let batchRequests: [String: [UInt8]] = {
        var texts = Texts()
        var lines = FixedList<Line>(capacity: 3)
        var items = FixedList<ReserveRequest>(capacity: 3)
        let north = texts.add("north")
        let widget = texts.add("WIDGET-1")
        lines.append(Line(sku: widget, warehouse: .empty, quantity: 1, lineNumber: 0))
        lines.append(Line(sku: widget, warehouse: north, quantity: 1, lineNumber: 1))
        lines.append(
            Line(
                sku: texts.add("WIDGET-2"), warehouse: texts.add("south"), quantity: 300,
                lineNumber: 2))
        var item = ReserveRequest()
        item.reservationID = texts.add(reservationID)
        item.brand = texts.add("acme")
        item.dealer = texts.add("dealer-7")
        item.lines = ListRange(0..<1)
        items.append(item)
        item.reservationID = texts.add(orderID)
        item.dealer = texts.add("dealer-8")
        item.lines = ListRange(1..<3)
        item.ttlMilliseconds = 900_000
        item.fillMode = OpenEnum(.partial)
        items.append(item)
        items.append(ReserveRequest())
        var request = BatchReserveRequest()
        request.items = ListRange(0..<3)
        var writer = ByteWriter(capacity: 1 << 10)
        request.encode(into: &writer, texts: texts.bytes.span, items: items, lines: lines)
        var made = ["batch_reserve_request": writer.contents]

        var extend = ExtendRequest()
        extend.requestID = texts.add(requestID)
        extend.reservationID = items[0].reservationID
        extend.brand = item.brand
        extend.ttlMilliseconds = 900_000
        made["extend_request"] = encoded(extend, texts)
        var list = ListReservationsRequest()
        list.brand = item.brand
        list.state = OpenEnum(.held)
        list.dealer = items[0].dealer
        list.sku = widget
        list.expiringBeforeMilliseconds = 1_790_000_900_000
        list.pageSize = 1_000
        list.pageToken = texts.add("token")
        made["list_reservations_request"] = encoded(list, texts)
        return made
    }()

    private static let batchReplies: [String: [UInt8]] = {
        var texts = Texts()
        var lists = ReplyLists()
        var held = Reservation()
        held.reservationID = texts.add(reservationID)
        held.brand = texts.add("acme")
        held.dealer = texts.add("dealer-7")
        held.state = OpenEnum(.held)
        held.createdMilliseconds = 1_790_000_000_000
        held.deadlineMilliseconds = 1_790_000_900_000
        let north = texts.add("north")
        lists.add(line: 1, granted: 1, at: [Allocation(warehouse: north, quantity: 1)])
        held.lines = ListRange(0..<1)
        var made = ["extend_response": lists.encoded(ExtendResponse(held), texts)]

        var refused = BatchReserveResult()
        refused.reason = OpenEnum(.insufficientStock)
        refused.message = texts.add("line 2: 300 asked for, -1 available")
        refused.field = texts.add("items[1]")
        refused.lineNumber = 2
        refused.requested = 300
        refused.available = -1
        var results = FixedList<BatchReserveResult>(capacity: 3)
        results.append(BatchReserveResult(held, isReplay: false))
        results.append(BatchReserveResult(held, isReplay: true))
        results.append(refused)
        var writer = ByteWriter(capacity: 1 << 10)
        refused.encode(
            into: &writer, texts: texts.bytes.span, lines: lists.lines,
            allocations: lists.allocations)
        made["batch_reserve_result"] = writer.contents
        var reply = BatchReserveResponse()
        reply.results = ListRange(0..<3)
        writer.removeAll()
        reply.encode(
            into: &writer, texts: texts.bytes.span, results: results, lines: lists.lines,
            allocations: lists.allocations)
        made["batch_reserve_response"] = writer.contents

        var reservations = FixedList<Reservation>(capacity: 2)
        reservations.append(held)
        reservations.append(Reservation())
        var page = ListReservationsResponse()
        page.reservations = ListRange(0..<2)
        page.nextPageToken = texts.add("next")
        writer.removeAll()
        page.encode(
            into: &writer, texts: texts.bytes.span, reservations: reservations, lines: lists.lines,
            allocations: lists.allocations)
        made["list_reservations_response"] = writer.contents
        return made
    }()
}
