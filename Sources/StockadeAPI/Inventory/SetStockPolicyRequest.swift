// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// Sets how an account is sold.
public struct SetStockPolicyRequest: FlatMessage {
    /// Names this change: 16 bytes.
    public var requestID = ByteRange.empty
    /// The account; see `hasKey`.
    public var key = StockKey()
    /// True when the message has it.
    public var hasKey = false
    /// The floor that is never sold.
    public var safety: Int64 = 0
    /// How far below 0 a backorder may go.
    public var backorderLimit: Int64 = 0
    /// At or below it stock is low.
    public var lowWater: Int64 = 0
    /// Above it stock is no longer low.
    public var highWater: Int64 = 0
    /// How long a Reserve that says 0 holds; 0: the default.
    public var holdTTLMilliseconds: UInt32 = 0

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
            case FieldTag.varint(3): safety = try Protobuf.readInt64(message, at: &offset)
            case FieldTag.varint(4): backorderLimit = try Protobuf.readInt64(message, at: &offset)
            case FieldTag.varint(5): lowWater = try Protobuf.readInt64(message, at: &offset)
            case FieldTag.varint(6): highWater = try Protobuf.readInt64(message, at: &offset)
            case FieldTag.varint(7):
                holdTTLMilliseconds = try Protobuf.readUInt32(message, at: &offset)
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    /// Writes the request.
    public func encode(into writer: inout ByteWriter, texts: Span<UInt8>) {
        writer.appendField(1, requestID, of: texts)
        if hasKey { writer.appendMessage(2, key, texts: texts) }
        writer.appendField(3, safety)
        writer.appendField(4, backorderLimit)
        writer.appendField(5, lowWater)
        writer.appendField(6, highWater)
        writer.appendField(7, UInt64(holdTTLMilliseconds))
    }
}
