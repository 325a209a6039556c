// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// Where goods are to go.
public struct ShipTo: FlatMessage {
    /// The region's code.
    public var region = ByteRange.empty
    /// Who takes the goods.
    public var contact = ByteRange.empty
    /// How to call them.
    public var phone = ByteRange.empty
    /// Where they are.
    public var address = ByteRange.empty

    /// Makes an address of nowhere.
    public init() {}

    /// Reads an address over this one.
    public mutating func merge(
        _ bytes: Span<UInt8>, within range: ByteRange
    ) throws(WireError) {
        let message = bytes.extracting(0..<range.indices.upperBound)
        var offset = range.indices.lowerBound
        while offset < message.count {
            let tag = try Protobuf.readTag(message, at: &offset)
            switch tag {
            case FieldTag.lengthDelimited(1): region = try Protobuf.readText(message, at: &offset)
            case FieldTag.lengthDelimited(2): contact = try Protobuf.readText(message, at: &offset)
            case FieldTag.lengthDelimited(3): phone = try Protobuf.readText(message, at: &offset)
            case FieldTag.lengthDelimited(4): address = try Protobuf.readText(message, at: &offset)
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    /// Writes the address.
    public func encode(into writer: inout ByteWriter, texts: Span<UInt8>) {
        writer.appendField(1, region, of: texts)
        writer.appendField(2, contact, of: texts)
        writer.appendField(3, phone, of: texts)
        writer.appendField(4, address, of: texts)
    }
}
