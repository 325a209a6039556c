// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// Asks for a brand's orders.
public struct ListOrdersRequest: FlatMessage {
    /// The brand's code.
    public var brand = ByteRange.empty
    /// The state that they are in; 0: any.
    public var reviewState = OpenEnum<OrderReviewState>(rawValue: 0)
    /// The dealer's code; empty: any.
    public var dealer = ByteRange.empty
    /// The moment from which on they were made, in Unix milliseconds; 0: any.
    public var createdAfterMilliseconds: Int64 = 0
    /// The moment before which they were made, in Unix milliseconds; 0: any.
    public var createdBeforeMilliseconds: Int64 = 0
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
            case FieldTag.varint(2): reviewState = try Protobuf.readEnum(message, at: &offset)
            case FieldTag.lengthDelimited(3): dealer = try Protobuf.readText(message, at: &offset)
            case FieldTag.varint(4):
                createdAfterMilliseconds = try Protobuf.readInt64(message, at: &offset)
            case FieldTag.varint(5):
                createdBeforeMilliseconds = try Protobuf.readInt64(message, at: &offset)
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
        writer.appendField(2, reviewState)
        writer.appendField(3, dealer, of: texts)
        writer.appendField(4, createdAfterMilliseconds)
        writer.appendField(5, createdBeforeMilliseconds)
        writer.appendField(6, UInt64(pageSize))
        writer.appendField(7, pageToken, of: texts)
    }
}
