// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// One line's units in one warehouse.
public struct OrderLine: FlatMessage {
    /// The line's number.
    public var lineNumber: UInt32 = 0
    /// The SKU's code.
    public var sku = ByteRange.empty
    /// The warehouse's code.
    public var warehouse = ByteRange.empty
    /// How many were taken, in base units.
    public var quantity: Int64 = 0
    /// How many of them were cancelled.
    public var cancelled: Int64 = 0

    /// Makes a line of nothing.
    public init() {}

    /// Reads a line over this one.
    public mutating func merge(
        _ bytes: Span<UInt8>, within range: ByteRange
    ) throws(WireError) {
        let message = bytes.extracting(0..<range.indices.upperBound)
        var offset = range.indices.lowerBound
        while offset < message.count {
            let tag = try Protobuf.readTag(message, at: &offset)
            switch tag {
            case FieldTag.varint(1): lineNumber = try Protobuf.readUInt32(message, at: &offset)
            case FieldTag.lengthDelimited(2): sku = try Protobuf.readText(message, at: &offset)
            case FieldTag.lengthDelimited(3):
                warehouse = try Protobuf.readText(message, at: &offset)
            case FieldTag.varint(4): quantity = try Protobuf.readInt64(message, at: &offset)
            case FieldTag.varint(5): cancelled = try Protobuf.readInt64(message, at: &offset)
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    /// Writes the line.
    public func encode(into writer: inout ByteWriter, texts: Span<UInt8>) {
        writer.appendField(1, UInt64(lineNumber))
        writer.appendField(2, sku, of: texts)
        writer.appendField(3, warehouse, of: texts)
        writer.appendField(4, quantity)
        writer.appendField(5, cancelled)
    }
}
