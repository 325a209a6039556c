// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// Asks for the figures of one account.
public struct GetStockRequest: FlatMessage {
    /// The account; see `hasKey`.
    public var key = StockKey()
    /// True when the request names an account.
    public var hasKey = false

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
                try key.merge(bytes, within: Protobuf.readBytes(message, at: &offset))
                hasKey = true
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    /// Writes the request.
    public func encode(into writer: inout ByteWriter, texts: Span<UInt8>) {
        if hasKey { writer.appendMessage(1, key, texts: texts) }
    }
}
