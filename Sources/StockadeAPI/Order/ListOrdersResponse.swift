// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// Answers ListOrders; its orders, their lines and reservations lie in lists of the caller's.
public struct ListOrdersResponse: Equatable, Sendable, BitwiseCopyable {
    /// The page: the elements of the list of orders.
    public var orders = ListRange.empty
    /// True when the list had no room for all orders; those that had none were dropped.
    public var ordersOverflow = false
    /// What gets the next page; empty: this was the last.
    public var nextPageToken = ByteRange.empty

    /// Makes an empty page.
    public init() {}

    /// Reads the reply that `bytes` are, its orders to the end of `list`, their lines and
    /// reservations to the ends of the others.
    public static func decode(
        _ bytes: Span<UInt8>, orders list: inout FixedList<Order>,
        lines: inout FixedList<OrderLine>, reservationIDs: inout FixedList<ByteRange>
    ) throws(WireError) -> ListOrdersResponse {
        var reply = ListOrdersResponse()
        var offset = 0
        while offset < bytes.count {
            let tag = try Protobuf.readTag(bytes, at: &offset)
            switch tag {
            case FieldTag.lengthDelimited(1):
                var order = Order()
                try order.merge(
                    bytes, within: Protobuf.readBytes(bytes, at: &offset), lines: &lines,
                    reservationIDs: &reservationIDs)
                if !reply.orders.append(order, to: &list) { reply.ordersOverflow = true }
            case FieldTag.lengthDelimited(2):
                reply.nextPageToken = try Protobuf.readText(bytes, at: &offset)
            default: try Protobuf.skipValue(of: tag, bytes, at: &offset)
            }
        }
        return reply
    }

    /// Writes the reply with the elements of `list` that `orders` names.
    public func encode(
        into writer: inout ByteWriter, texts: Span<UInt8>,
        orders list: borrowing FixedList<Order>, lines: borrowing FixedList<OrderLine>,
        reservationIDs: borrowing FixedList<ByteRange>
    ) {
        for index in orders.indices {
            ListOrdersResponse.append(
                list[index], to: &writer, texts: texts, lines: lines,
                reservationIDs: reservationIDs)
        }
        ListOrdersResponse.append(nextPageToken: nextPageToken, to: &writer, texts: texts)
    }

    /// Writes one more order of a reply that is made piece by piece.
    public static func append(
        _ order: Order, to writer: inout ByteWriter, texts: Span<UInt8>,
        lines: borrowing FixedList<OrderLine>, reservationIDs: borrowing FixedList<ByteRange>
    ) {
        let open = writer.beginMessage(1)
        order.encode(into: &writer, texts: texts, lines: lines, reservationIDs: reservationIDs)
        writer.endMessage(open)
    }

    /// Ends a reply that is made piece by piece.
    public static func append(
        nextPageToken: ByteRange, to writer: inout ByteWriter, texts: Span<UInt8>
    ) {
        writer.appendField(2, nextPageToken, of: texts)
    }
}
