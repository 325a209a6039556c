// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// Changes an account's on_hand by a difference.
public struct AdjustStockRequest: FlatMessage {
    /// Names this change: 16 bytes.
    public var requestID = ByteRange.empty
    /// The account; see `hasKey`.
    public var key = StockKey()
    /// True when the request names an account.
    public var hasKey = false
    /// What came (above 0) or went (below 0), in base units.
    public var delta: Int64 = 0
    /// Why, in the caller's own code; for people.
    public var reason = ByteRange.empty
    /// The account's version that is asked for; nil: any.
    public var expectedVersion: UInt64?

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
            case FieldTag.lengthDelimited(2):
                try key.merge(bytes, within: Protobuf.readBytes(message, at: &offset))
                hasKey = true
            case FieldTag.varint(3): delta = try Protobuf.readInt64(message, at: &offset)
            case FieldTag.lengthDelimited(4): reason = try Protobuf.readText(message, at: &offset)
            case FieldTag.varint(5): expectedVersion = try Protobuf.readVarint(message, at: &offset)
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    /// Writes the request.
    public func encode(into writer: inout ByteWriter, texts: Span<UInt8>) {
        writer.appendField(1, requestID, of: texts)
        if hasKey { writer.appendMessage(2, key, texts: texts) }
        writer.appendField(3, delta)
        writer.appendField(4, reason, of: texts)
        writer.appendField(5, ifPresent: expectedVersion)
    }
}
