// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// Asks for an order to be made; its lines and reservations lie in lists of the caller's.
public struct CreateOrderRequest: Equatable, Sendable, BitwiseCopyable {
    /// The order's id: 16 bytes.
    public var orderID = ByteRange.empty
    /// The brand's code.
    public var brand = ByteRange.empty
    /// The dealer's code.
    public var dealer = ByteRange.empty
    /// The order's number in the caller's own system.
    public var externalNumber = ByteRange.empty
    /// Who placed the order.
    public var placedBy = ByteRange.empty
    /// What is ordered: the elements of the list of lines.
    public var lines = ListRange.empty
    /// True when the list had no room for all lines; those that had none were dropped.
    public var linesOverflow = false
    /// Where the units come from.
    public var mode = OpenEnum<OrderMode>(rawValue: 0)
    /// What to make the order of: the elements of the list of ids.
    public var reservationIDs = ListRange.empty
    /// True when the list had no room for all ids; those that had none were dropped.
    public var reservationIDsOverflow = false
    /// What to do when there is less.
    public var fillMode = OpenEnum<FillMode>(rawValue: 0)
    /// Where the goods are to go; see `hasShipTo`.
    public var shipTo = ShipTo()
    /// True when the request says where.
    public var hasShipTo = false
    /// The quote whose prices are to hold.
    public var quoteHash = ByteRange.empty

    /// Makes a request that asks for nothing.
    public init() {}

    /// Reads the request that `bytes` are, its lines to the end of `list`, its reservations to the
    /// end of `ids`.
    public static func decode(
        _ bytes: Span<UInt8>, lines list: inout FixedList<Line>,
        reservationIDs ids: inout FixedList<ByteRange>
    ) throws(WireError) -> CreateOrderRequest {
        var request = CreateOrderRequest()
        try request.merge(bytes, lines: &list, reservationIDs: &ids)
        return request
    }

    private mutating func merge(
        _ message: Span<UInt8>, lines list: inout FixedList<Line>,
        reservationIDs ids: inout FixedList<ByteRange>
    ) throws(WireError) {
        var offset = 0
        while offset < message.count {
            let tag = try Protobuf.readTag(message, at: &offset)
            switch tag {
            case FieldTag.lengthDelimited(1): orderID = try Protobuf.readBytes(message, at: &offset)
            case FieldTag.lengthDelimited(2): brand = try Protobuf.readText(message, at: &offset)
            case FieldTag.lengthDelimited(3): dealer = try Protobuf.readText(message, at: &offset)
            case FieldTag.lengthDelimited(4):
                externalNumber = try Protobuf.readText(message, at: &offset)
            case FieldTag.lengthDelimited(5): placedBy = try Protobuf.readText(message, at: &offset)
            case FieldTag.lengthDelimited(6):
                let line = try Line.decode(
                    message, within: Protobuf.readBytes(message, at: &offset))
                if !lines.append(line, to: &list) { linesOverflow = true }
            case FieldTag.varint(7): mode = try Protobuf.readEnum(message, at: &offset)
            case FieldTag.lengthDelimited(8):
                let id = try Protobuf.readBytes(message, at: &offset)
                if !reservationIDs.append(id, to: &ids) { reservationIDsOverflow = true }
            case FieldTag.varint(9): fillMode = try Protobuf.readEnum(message, at: &offset)
            case FieldTag.lengthDelimited(10):
                try shipTo.merge(message, within: Protobuf.readBytes(message, at: &offset))
                hasShipTo = true
            case FieldTag.lengthDelimited(11):
                quoteHash = try Protobuf.readBytes(message, at: &offset)
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    /// Writes the request with the elements of the lists that it names.
    public func encode(
        into writer: inout ByteWriter, texts: Span<UInt8>, lines list: borrowing FixedList<Line>,
        reservationIDs ids: borrowing FixedList<ByteRange>
    ) {
        writer.appendField(1, orderID, of: texts)
        writer.appendField(2, brand, of: texts)
        writer.appendField(3, dealer, of: texts)
        writer.appendField(4, externalNumber, of: texts)
        writer.appendField(5, placedBy, of: texts)
        for index in lines.indices {
            writer.appendMessage(6, list[index], texts: texts)
        }
        writer.appendField(7, mode)
        for index in reservationIDs.indices {
            writer.appendPresentField(8, texts.extracting(ids[index].indices))
        }
        writer.appendField(9, fillMode)
        if hasShipTo { writer.appendMessage(10, shipTo, texts: texts) }
        writer.appendField(11, quoteHash, of: texts)
    }
}
