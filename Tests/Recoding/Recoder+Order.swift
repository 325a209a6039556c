// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import StockadeAPI
internal import Wire

/// OrderService's messages with lists.
extension Recoder {
    static func timeline(_ bytes: [UInt8]) throws(WireError) -> [UInt8] {
        var events: FixedList<OrderEvent> = list(for: bytes)
        let reply = try GetOrderTimelineResponse.decode(bytes.span, events: &events)
        var writer = writer(for: bytes)
        reply.encode(into: &writer, texts: bytes.span, events: events)
        return writer.contents
    }

    static func order(_ bytes: [UInt8]) throws(WireError) -> [UInt8] {
        var lines: FixedList<OrderLine> = list(for: bytes)
        var reservationIDs: FixedList<ByteRange> = list(for: bytes)
        var order = Order()
        try order.merge(
            bytes.span, within: whole(bytes), lines: &lines, reservationIDs: &reservationIDs)
        var writer = writer(for: bytes)
        order.encode(into: &writer, texts: bytes.span, lines: lines, reservationIDs: reservationIDs)
        return writer.contents
    }

    static func orderReply(_ bytes: [UInt8]) throws(WireError) -> [UInt8] {
        var lines: FixedList<OrderLine> = list(for: bytes)
        var reservationIDs: FixedList<ByteRange> = list(for: bytes)
        let reply = try OrderReply.decode(
            bytes.span, lines: &lines, reservationIDs: &reservationIDs)
        var writer = writer(for: bytes)
        reply.encode(into: &writer, texts: bytes.span, lines: lines, reservationIDs: reservationIDs)
        return writer.contents
    }

    static func listOrdersResponse(_ bytes: [UInt8]) throws(WireError) -> [UInt8] {
        var orders: FixedList<Order> = list(for: bytes)
        var lines: FixedList<OrderLine> = list(for: bytes)
        var reservationIDs: FixedList<ByteRange> = list(for: bytes)
        let reply = try ListOrdersResponse.decode(
            bytes.span, orders: &orders, lines: &lines, reservationIDs: &reservationIDs)
        var writer = writer(for: bytes)
        reply.encode(
            into: &writer, texts: bytes.span, orders: orders, lines: lines,
            reservationIDs: reservationIDs)
        return writer.contents
    }

    static func createOrderRequest(_ bytes: [UInt8]) throws(WireError) -> [UInt8] {
        var lines: FixedList<Line> = list(for: bytes)
        var reservationIDs: FixedList<ByteRange> = list(for: bytes)
        let request = try CreateOrderRequest.decode(
            bytes.span, lines: &lines, reservationIDs: &reservationIDs)
        var writer = writer(for: bytes)
        request.encode(
            into: &writer, texts: bytes.span, lines: lines, reservationIDs: reservationIDs)
        return writer.contents
    }

    static func cancelOrderRequest(_ bytes: [UInt8]) throws(WireError) -> [UInt8] {
        var lines: FixedList<Line> = list(for: bytes)
        let request = try CancelOrderRequest.decode(bytes.span, lines: &lines)
        var writer = writer(for: bytes)
        request.encode(into: &writer, texts: bytes.span, lines: lines)
        return writer.contents
    }
}
