// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// CreateOrderResponse, GetOrderResponse and CancelOrderResponse: three names for one form, a
/// message with an order in field 1.
public struct OrderReply: Equatable, Sendable, BitwiseCopyable {
    /// The order; see `hasOrder`.
    public var order = Order()
    /// True when the message has an order.
    public var hasOrder = false

    /// Makes a reply without an order.
    public init() {}

    /// Makes a reply with `order`.
    public init(_ order: Order) {
        self.order = order
        hasOrder = true
    }

    /// Reads the reply that `bytes` are, its lines and reservations to the ends of the lists.
    public static func decode(
        _ bytes: Span<UInt8>, lines: inout FixedList<OrderLine>,
        reservationIDs: inout FixedList<ByteRange>
    ) throws(WireError) -> OrderReply {
        var reply = OrderReply()
        var offset = 0
        while offset < bytes.count {
            let tag = try Protobuf.readTag(bytes, at: &offset)
            switch tag {
            case FieldTag.lengthDelimited(1):
                try reply.order.merge(
                    bytes, within: Protobuf.readBytes(bytes, at: &offset), lines: &lines,
                    reservationIDs: &reservationIDs)
                reply.hasOrder = true
            default: try Protobuf.skipValue(of: tag, bytes, at: &offset)
            }
        }
        return reply
    }

    /// Writes the reply with the lines and reservations that its order names.
    public func encode(
        into writer: inout ByteWriter, texts: Span<UInt8>, lines: borrowing FixedList<OrderLine>,
        reservationIDs: borrowing FixedList<ByteRange>
    ) {
        guard hasOrder else { return }
        let open = writer.beginMessage(1)
        order.encode(into: &writer, texts: texts, lines: lines, reservationIDs: reservationIDs)
        writer.endMessage(open)
    }
}
