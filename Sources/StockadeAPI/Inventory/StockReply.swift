// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// AdjustStockResponse: figures in field 1.
public struct StockReply: FlatMessage {
    /// The account's figures now; see `hasStock`.
    public var stock = Stock()
    /// True when the message has figures.
    public var hasStock = false

    /// Makes a reply without figures.
    public init() {}

    /// Makes a reply with `stock`.
    public init(_ stock: Stock) {
        self.stock = stock
        hasStock = true
    }

    /// Reads a reply over this one.
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
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    /// Writes the reply.
    public func encode(into writer: inout ByteWriter, texts: Span<UInt8>) {
        if hasStock { writer.appendMessage(1, stock, texts: texts) }
    }
}
