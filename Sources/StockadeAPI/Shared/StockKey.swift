// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// Names one stock account: the units of one SKU in one warehouse of one brand.
public struct StockKey: FlatMessage {
    /// The brand's code.
    public var brand = ByteRange.empty
    /// The SKU's code.
    public var sku = ByteRange.empty
    /// The warehouse's code.
    public var warehouse = ByteRange.empty

    /// Makes a key without codes.
    public init() {}

    /// Makes a key from its three codes.
    public init(brand: ByteRange, sku: ByteRange, warehouse: ByteRange) {
        self.brand = brand
        self.sku = sku
        self.warehouse = warehouse
    }

    /// Reads a key over this one.
    public mutating func merge(
        _ bytes: Span<UInt8>, within range: ByteRange
    ) throws(WireError) {
        let message = bytes.extracting(0..<range.indices.upperBound)
        var offset = range.indices.lowerBound
        while offset < message.count {
            let tag = try Protobuf.readTag(message, at: &offset)
            switch tag {
            case FieldTag.lengthDelimited(1): brand = try Protobuf.readText(message, at: &offset)
            case FieldTag.lengthDelimited(2): sku = try Protobuf.readText(message, at: &offset)
            case FieldTag.lengthDelimited(3):
                warehouse = try Protobuf.readText(message, at: &offset)
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    /// Writes the key.
    public func encode(into writer: inout ByteWriter, texts: Span<UInt8>) {
        writer.appendField(1, brand, of: texts)
        writer.appendField(2, sku, of: texts)
        writer.appendField(3, warehouse, of: texts)
    }
}
