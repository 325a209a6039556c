// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// Answers TransferStock.
public struct TransferStockResponse: FlatMessage {
    /// The account that the units left; see `hasSource`.
    public var source = Stock()
    /// True when the message has it.
    public var hasSource = false
    /// The account that they came to; see `hasTarget`.
    public var target = Stock()
    /// True when the message has it.
    public var hasTarget = false

    /// Makes an empty reply.
    public init() {}

    /// Makes a reply with both accounts.
    public init(from source: Stock, to target: Stock) {
        self.source = source
        hasSource = true
        self.target = target
        hasTarget = true
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
                try source.merge(bytes, within: Protobuf.readBytes(message, at: &offset))
                hasSource = true
            case FieldTag.lengthDelimited(2):
                try target.merge(bytes, within: Protobuf.readBytes(message, at: &offset))
                hasTarget = true
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    /// Writes the reply.
    public func encode(into writer: inout ByteWriter, texts: Span<UInt8>) {
        if hasSource { writer.appendMessage(1, source, texts: texts) }
        if hasTarget { writer.appendMessage(2, target, texts: texts) }
    }
}
