// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// How an account is sold.
public struct StockPolicy: FlatMessage {
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

    /// Makes the policy of an account of which nothing was set.
    public init() {}

    /// Reads a policy over this one.
    public mutating func merge(
        _ bytes: Span<UInt8>, within range: ByteRange
    ) throws(WireError) {
        let message = bytes.extracting(0..<range.indices.upperBound)
        var offset = range.indices.lowerBound
        while offset < message.count {
            let tag = try Protobuf.readTag(message, at: &offset)
            switch tag {
            case FieldTag.varint(1): safety = try Protobuf.readInt64(message, at: &offset)
            case FieldTag.varint(2): backorderLimit = try Protobuf.readInt64(message, at: &offset)
            case FieldTag.varint(3): lowWater = try Protobuf.readInt64(message, at: &offset)
            case FieldTag.varint(4): highWater = try Protobuf.readInt64(message, at: &offset)
            case FieldTag.varint(5):
                holdTTLMilliseconds = try Protobuf.readUInt32(message, at: &offset)
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    /// Writes the policy.
    public func encode(into writer: inout ByteWriter, texts: Span<UInt8>) {
        writer.appendField(1, safety)
        writer.appendField(2, backorderLimit)
        writer.appendField(3, lowWater)
        writer.appendField(4, highWater)
        writer.appendField(5, UInt64(holdTTLMilliseconds))
    }
}
