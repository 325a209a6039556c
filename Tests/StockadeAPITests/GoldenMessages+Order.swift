// SPDX-License-Identifier: Apache-2.0

import Primitives
import StockadeAPI
import Wire

/// OrderService.
extension GoldenMessages {
    static let orderMessages: [String: [UInt8]] = orderRequests.merging(orderReplies) { _, _ in
        preconditionFailure()
    }

    private static let orderRequests: [String: [UInt8]] = {
        var texts = Texts()
        var lines = FixedList<Line>(capacity: 3)
        var ids = FixedList<ByteRange>(capacity: 2)
        let north = texts.add("north")
        let widget = texts.add("WIDGET-1")
        lines.append(Line(sku: widget, warehouse: north, quantity: 1, lineNumber: 0))
        lines.append(Line(sku: widget, warehouse: north, quantity: 1, lineNumber: 1))
        lines.append(
            Line(
                sku: texts.add("WIDGET-2"), warehouse: texts.add("south"), quantity: 300,
                lineNumber: 2))
        ids.append(texts.add(reservationID))
        ids.append(.empty)
        var create = CreateOrderRequest()
        create.orderID = texts.add(orderID)
        create.brand = texts.add("acme")
        create.dealer = texts.add("dealer-7")
        create.lines = ListRange(0..<1)
        create.mode = OpenEnum(.direct)
        var made = ["create_order_request": encoded(create, texts, lines, ids)]
        create.externalNumber = texts.add("PO-1")
        create.placedBy = texts.add("clerk-3")
        create.lines = ListRange(1..<3)
        create.mode = OpenEnum(.fromReservation)
        create.reservationIDs = ListRange(0..<2)
        create.fillMode = OpenEnum(.partial)
        create.shipTo.region = texts.add("EU")
        create.hasShipTo = true
        create.quoteHash = texts.add(requestID)
        made["create_order_request_full"] = encoded(create, texts, lines, ids)

        var shipTo = create.shipTo
        shipTo.contact = texts.add("A. Person")
        shipTo.phone = texts.add("+1 555")
        shipTo.address = texts.add("1 Street")
        made["ship_to"] = encoded(shipTo, texts)
        var get = GetOrderRequest()
        get.orderID = create.orderID
        get.brand = create.brand
        made["get_order_request"] = encoded(get, texts)
        made["get_order_timeline_request"] = made["get_order_request"]
        var list = ListOrdersRequest()
        list.brand = create.brand
        list.reviewState = OpenEnum(.cancelled)
        list.dealer = create.dealer
        list.createdAfterMilliseconds = 1_790_000_000_000
        list.createdBeforeMilliseconds = 1_790_000_900_000
        list.pageSize = 1_000
        list.pageToken = texts.add("token")
        made["list_orders_request"] = encoded(list, texts)

        lines.removeAll()
        for number in 1...2 {
            lines.append(
                Line(
                    sku: .empty, warehouse: .empty, quantity: Int64(number),
                    lineNumber: UInt32(number)))
        }
        var cancel = CancelOrderRequest()
        cancel.requestID = create.quoteHash
        cancel.orderID = create.orderID
        cancel.brand = create.brand
        cancel.lines = ListRange(0..<2)
        cancel.cause = OpenEnum(.stock)
        made["cancel_order_request"] = written {
            cancel.encode(into: &$0, texts: texts.bytes.span, lines: lines)
        }
        return made
    }()

    private static func encoded(
        _ request: CreateOrderRequest, _ texts: Texts, _ lines: borrowing FixedList<Line>,
        _ ids: borrowing FixedList<ByteRange>
    ) -> [UInt8] {
        var writer = ByteWriter(capacity: 1 << 10)
        request.encode(
            into: &writer, texts: texts.bytes.span, lines: lines, reservationIDs: ids)
        return writer.contents
    }

    private static let orderReplies: [String: [UInt8]] = {
        var texts = Texts()
        var lines = FixedList<OrderLine>(capacity: 2)
        var ids = FixedList<ByteRange>(capacity: 2)
        var line = OrderLine()
        line.lineNumber = 1
        line.sku = texts.add("WIDGET-1")
        line.warehouse = texts.add("north")
        line.quantity = 1
        lines.append(line)
        line.lineNumber = 2
        line.sku = texts.add("WIDGET-2")
        line.warehouse = texts.add("south")
        line.quantity = 300
        line.cancelled = 1
        lines.append(line)
        var made = ["order_line": encoded(line, texts)]
        ids.append(texts.add(reservationID))
        ids.append(texts.add(requestID))
        var order = Order()
        order.orderID = texts.add(orderID)
        order.brand = texts.add("acme")
        order.dealer = texts.add("dealer-7")
        order.reviewState = OpenEnum(.accepted)
        order.fulfilmentState = OpenEnum(.allocated)
        order.paymentState = OpenEnum(.unpaid)
        order.lines = ListRange(0..<2)
        order.reservationIDs = ListRange(0..<2)
        order.createdMilliseconds = 1_790_000_000_000
        order.updatedMilliseconds = 1_790_000_000_001
        var writer = ByteWriter(capacity: 1 << 10)
        order.encode(into: &writer, texts: texts.bytes.span, lines: lines, reservationIDs: ids)
        made["order"] = writer.contents
        made["create_order_response"] = encoded(CreateOrderResponse(order), texts, lines, ids)
        made["cancel_order_response"] = made["create_order_response"]
        var unknown = Order()
        unknown.orderID = order.orderID
        unknown.reviewState = OpenEnum(rawValue: 99)
        unknown.fulfilmentState = OpenEnum(rawValue: 98)
        unknown.paymentState = OpenEnum(rawValue: -1)
        made["get_order_response"] = encoded(GetOrderResponse(unknown), texts, lines, ids)

        var orders = FixedList<Order>(capacity: 2)
        orders.append(order)
        orders.append(Order())
        var page = ListOrdersResponse()
        page.orders = ListRange(0..<2)
        page.nextPageToken = texts.add("next")
        writer.removeAll()
        page.encode(
            into: &writer, texts: texts.bytes.span, orders: orders, lines: lines,
            reservationIDs: ids)
        made["list_orders_response"] = writer.contents
        return made.merging(timeline()) { _, _ in preconditionFailure() }
    }()

    private static func timeline() -> [String: [UInt8]] {
        let texts = Texts()
        var events = FixedList<OrderEvent>(capacity: 2)
        var event = OrderEvent()
        event.kind = OpenEnum(.created)
        events.append(event)
        event.sequence = 300
        event.atMilliseconds = 1_790_000_000_000
        event.kind = OpenEnum(.cancelledInPart)
        event.cause = OpenEnum(.dealer)
        event.units = 3
        events.append(event)
        var reply = GetOrderTimelineResponse()
        reply.events = ListRange(0..<2)
        reply.isComplete = true
        return [
            "order_event": encoded(event, texts),
            "get_order_timeline_response": written {
                reply.encode(into: &$0, texts: texts.bytes.span, events: events)
            },
        ]
    }

    private static func encoded(
        _ reply: OrderReply, _ texts: Texts, _ lines: borrowing FixedList<OrderLine>,
        _ ids: borrowing FixedList<ByteRange>
    ) -> [UInt8] {
        var writer = ByteWriter(capacity: 1 << 10)
        reply.encode(into: &writer, texts: texts.bytes.span, lines: lines, reservationIDs: ids)
        return writer.contents
    }
}
