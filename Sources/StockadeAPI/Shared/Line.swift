// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// One line of what is asked for.
public struct Line: FlatMessage {
    /// The SKU's code; in Confirm it may be empty.
    public var sku = ByteRange.empty
    /// The warehouse's code; empty: the server allocates.
    public var warehouse = ByteRange.empty
    /// How much, in base units.
    public var quantity: Int64 = 0
    /// Names the line within its request; 0: the server numbers the lines.
    public var lineNumber: UInt32 = 0

    /// Makes a line that asks for nothing.
    public init() {}

    /// Makes a line from its fields.
    public init(sku: ByteRange, warehouse: ByteRange, quantity: Int64, lineNumber: UInt32) {
        self.sku = sku
        self.warehouse = warehouse
        self.quantity = quantity
        self.lineNumber = lineNumber
    }

    /// Reads a line over this one.
    public mutating func merge(
        _ bytes: Span<UInt8>, within range: ByteRange
    ) throws(WireError) {
        let message = bytes.extracting(0..<range.indices.upperBound)
        var offset = range.indices.lowerBound
        while offset < message.count {
            let tag = try Protobuf.readTag(message, at: &offset)
            switch tag {
            case FieldTag.lengthDelimited(1): sku = try Protobuf.readText(message, at: &offset)
            case FieldTag.lengthDelimited(2):
                warehouse = try Protobuf.readText(message, at: &offset)
            case FieldTag.varint(3): quantity = try Protobuf.readInt64(message, at: &offset)
            case FieldTag.varint(4): lineNumber = try Protobuf.readUInt32(message, at: &offset)
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    /// Writes the line.
    public func encode(into writer: inout ByteWriter, texts: Span<UInt8>) {
        writer.appendField(1, sku, of: texts)
        writer.appendField(2, warehouse, of: texts)
        writer.appendField(3, quantity)
        writer.appendField(4, UInt64(lineNumber))
    }
}
