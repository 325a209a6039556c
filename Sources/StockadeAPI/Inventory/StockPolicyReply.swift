// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// GetStockResponse and SetStockPolicyResponse: two names for one form, figures in field 1 and the
/// policy in field 2.
public struct StockPolicyReply: FlatMessage {
    /// The account's figures now; see `hasStock`.
    public var stock = Stock()
    /// True when the message has it.
    public var hasStock = false
    /// How the account is sold; see `hasPolicy`.
    public var policy = StockPolicy()
    /// True when the message has it.
    public var hasPolicy = false

    /// Makes an empty reply.
    public init() {}

    /// Makes a reply with `stock`, and with `policy` unless nothing of it is set.
    public init(_ stock: Stock, _ policy: StockPolicy = StockPolicy()) {
        self.stock = stock
        hasStock = true
        self.policy = policy
        hasPolicy = policy != StockPolicy()
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
            case FieldTag.lengthDelimited(2):
                try policy.merge(bytes, within: Protobuf.readBytes(message, at: &offset))
                hasPolicy = true
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    /// Writes the reply.
    public func encode(into writer: inout ByteWriter, texts: Span<UInt8>) {
        if hasStock { writer.appendMessage(1, stock, texts: texts) }
        if hasPolicy { writer.appendMessage(2, policy, texts: texts) }
    }
}
