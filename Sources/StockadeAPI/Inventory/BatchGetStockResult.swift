// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// What became of one key of a BatchGetStock.
public struct BatchGetStockResult: FlatMessage {
    /// The account's figures; see `hasStock`.
    public var stock = Stock()
    /// True when the message has it.
    public var hasStock = false
    /// Why there are no figures; 0 when there are.
    public var reason = OpenEnum<Reason>(rawValue: 0)
    /// The reason as a sentence.
    public var message = ByteRange.empty
    /// The field that is wrong; empty unless a field is why.
    public var field = ByteRange.empty

    /// Makes a result that says nothing.
    public init() {}

    /// Reads a result over this one.
    public mutating func merge(
        _ bytes: Span<UInt8>, within range: ByteRange
    ) throws(WireError) {
        let message = bytes.extracting(0..<range.indices.upperBound)
        var offset = range.indices.lowerBound
        while offset < message.count {
            let tag = try Protobuf.readTag(message, at: &offset)
            switch tag {
            case FieldTag.lengthDelimited(1):
                try stock.merge(bytes, within: Protobuf.readBytes(message, at: &offset))
                hasStock = true
            case FieldTag.varint(2): reason = try Protobuf.readEnum(message, at: &offset)
            case FieldTag.lengthDelimited(3):
                self.message = try Protobuf.readText(message, at: &offset)
            case FieldTag.lengthDelimited(4): field = try Protobuf.readText(message, at: &offset)
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    /// Writes the result.
    public func encode(into writer: inout ByteWriter, texts: Span<UInt8>) {
        if hasStock { writer.appendMessage(1, stock, texts: texts) }
        writer.appendField(2, reason)
        writer.appendField(3, message, of: texts)
        writer.appendField(4, field, of: texts)
    }
}
