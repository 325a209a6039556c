// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// Moves units between two warehouses.
public struct TransferStockRequest: FlatMessage {
    /// Names this change: 16 bytes.
    public var requestID = ByteRange.empty
    /// The brand's code.
    public var brand = ByteRange.empty
    /// The SKU's code.
    public var sku = ByteRange.empty
    /// The code of the warehouse that they leave.
    public var fromWarehouse = ByteRange.empty
    /// The code of the warehouse that they come to.
    public var toWarehouse = ByteRange.empty
    /// How many, in base units.
    public var quantity: Int64 = 0

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
            case FieldTag.lengthDelimited(1):
                requestID = try Protobuf.readBytes(message, at: &offset)
            case FieldTag.lengthDelimited(2): brand = try Protobuf.readText(message, at: &offset)
            case FieldTag.lengthDelimited(3): sku = try Protobuf.readText(message, at: &offset)
            case FieldTag.lengthDelimited(4):
                fromWarehouse = try Protobuf.readText(message, at: &offset)
            case FieldTag.lengthDelimited(5):
                toWarehouse = try Protobuf.readText(message, at: &offset)
            case FieldTag.varint(6): quantity = try Protobuf.readInt64(message, at: &offset)
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    /// Writes the request.
    public func encode(into writer: inout ByteWriter, texts: Span<UInt8>) {
        writer.appendField(1, requestID, of: texts)
        writer.appendField(2, brand, of: texts)
        writer.appendField(3, sku, of: texts)
        writer.appendField(4, fromWarehouse, of: texts)
        writer.appendField(5, toWarehouse, of: texts)
        writer.appendField(6, quantity)
    }
}
