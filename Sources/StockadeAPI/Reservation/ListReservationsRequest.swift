// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// Asks for a brand's reservations.
public struct ListReservationsRequest: FlatMessage {
    /// The brand's code.
    public var brand = ByteRange.empty
    /// The state that they are in; 0: any.
    public var state = OpenEnum<ReservationState>(rawValue: 0)
    /// The dealer's code; empty: any.
    public var dealer = ByteRange.empty
    /// The code of an SKU that they have a line of; empty: any.
    public var sku = ByteRange.empty
    /// The moment before which they expire, in Unix milliseconds; 0: any.
    public var expiringBeforeMilliseconds: Int64 = 0
    /// At most so many entries; 0: the default.
    public var pageSize: UInt32 = 0
    /// Where the page before ended; empty: the first page.
    public var pageToken = ByteRange.empty

    /// Makes a request that names nothing.
    public init() {}

    /// Reads a request over this one.
    public mutating func merge(
        _ bytes: Span<UInt8>, within range: ByteRange
    ) throws(WireError) {
        let message = bytes.extracting(0..<range.indices.upperBound)
        var offset = range.indices.lowerBound
        while offset < message.count {
            let tag = try Protobuf.readTag(message, at: &offset)
            switch tag {
            case FieldTag.lengthDelimited(1): brand = try Protobuf.readText(message, at: &offset)
            case FieldTag.varint(2): state = try Protobuf.readEnum(message, at: &offset)
            case FieldTag.lengthDelimited(3): dealer = try Protobuf.readText(message, at: &offset)
            case FieldTag.lengthDelimited(4): sku = try Protobuf.readText(message, at: &offset)
            case FieldTag.varint(5):
                expiringBeforeMilliseconds = try Protobuf.readInt64(message, at: &offset)
            case FieldTag.varint(6): pageSize = try Protobuf.readUInt32(message, at: &offset)
            case FieldTag.lengthDelimited(7):
                pageToken = try Protobuf.readText(message, at: &offset)
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    /// Writes the request.
    public func encode(into writer: inout ByteWriter, texts: Span<UInt8>) {
        writer.appendField(1, brand, of: texts)
        writer.appendField(2, state)
        writer.appendField(3, dealer, of: texts)
        writer.appendField(4, sku, of: texts)
        writer.appendField(5, expiringBeforeMilliseconds)
        writer.appendField(6, UInt64(pageSize))
        writer.appendField(7, pageToken, of: texts)
    }
}
