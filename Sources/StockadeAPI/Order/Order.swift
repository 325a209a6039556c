// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// What a dealer ordered; its lines and reservations lie in lists of the caller's.
public struct Order: Equatable, Sendable, BitwiseCopyable {
    /// The id that the client gave it: 16 bytes.
    public var orderID = ByteRange.empty
    /// The brand's code.
    public var brand = ByteRange.empty
    /// The dealer's code.
    public var dealer = ByteRange.empty
    /// Whether the brand takes the order.
    public var reviewState = OpenEnum<OrderReviewState>(rawValue: 0)
    /// Where the goods are.
    public var fulfilmentState = OpenEnum<OrderFulfilmentState>(rawValue: 0)
    /// Whether it is paid.
    public var paymentState = OpenEnum<OrderPaymentState>(rawValue: 0)
    /// What was ordered: the elements of the list of order lines.
    public var lines = ListRange.empty
    /// True when the list had no room for all lines; those that had none were dropped.
    public var linesOverflow = false
    /// The ids of what it was made from: the elements of the list of ids.
    public var reservationIDs = ListRange.empty
    /// True when the list had no room for all ids; those that had none were dropped.
    public var reservationIDsOverflow = false
    /// When it was made, in Unix milliseconds.
    public var createdMilliseconds: Int64 = 0
    /// When it changed last, in Unix milliseconds.
    public var updatedMilliseconds: Int64 = 0

    /// Makes an order of nothing.
    public init() {}

    /// Reads an order over this one, its lines to the end of `list`, its reservations to the end of
    /// `ids`.
    public mutating func merge(
        _ bytes: Span<UInt8>, within range: ByteRange, lines list: inout FixedList<OrderLine>,
        reservationIDs ids: inout FixedList<ByteRange>
    ) throws(WireError) {
        let message = bytes.extracting(0..<range.indices.upperBound)
        var offset = range.indices.lowerBound
        while offset < message.count {
            let tag = try Protobuf.readTag(message, at: &offset)
            switch tag {
            case FieldTag.lengthDelimited(1): orderID = try Protobuf.readBytes(message, at: &offset)
            case FieldTag.lengthDelimited(2): brand = try Protobuf.readText(message, at: &offset)
            case FieldTag.lengthDelimited(3): dealer = try Protobuf.readText(message, at: &offset)
            case FieldTag.varint(4): reviewState = try Protobuf.readEnum(message, at: &offset)
            case FieldTag.varint(5): fulfilmentState = try Protobuf.readEnum(message, at: &offset)
            case FieldTag.varint(6): paymentState = try Protobuf.readEnum(message, at: &offset)
            case FieldTag.lengthDelimited(7):
                let line = try OrderLine.decode(
                    bytes, within: Protobuf.readBytes(message, at: &offset))
                if !lines.append(line, to: &list) { linesOverflow = true }
            case FieldTag.lengthDelimited(8):
                let id = try Protobuf.readBytes(message, at: &offset)
                if !reservationIDs.append(id, to: &ids) { reservationIDsOverflow = true }
            case FieldTag.varint(9):
                createdMilliseconds = try Protobuf.readInt64(message, at: &offset)
            case FieldTag.varint(10):
                updatedMilliseconds = try Protobuf.readInt64(message, at: &offset)
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    /// Writes the order with the elements of the lists that it names.
    public func encode(
        into writer: inout ByteWriter, texts: Span<UInt8>,
        lines list: borrowing FixedList<OrderLine>,
        reservationIDs ids: borrowing FixedList<ByteRange>
    ) {
        writer.appendField(1, orderID, of: texts)
        writer.appendField(2, brand, of: texts)
        writer.appendField(3, dealer, of: texts)
        writer.appendField(4, reviewState)
        writer.appendField(5, fulfilmentState)
        writer.appendField(6, paymentState)
        for index in lines.indices {
            writer.appendMessage(7, list[index], texts: texts)
        }
        for index in reservationIDs.indices {
            writer.appendPresentField(8, texts.extracting(ids[index].indices))
        }
        writer.appendField(9, createdMilliseconds)
        writer.appendField(10, updatedMilliseconds)
    }
}
