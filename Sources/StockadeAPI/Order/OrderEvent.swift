// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// One thing that happened to an order.
public struct OrderEvent: FlatMessage {
    /// The journal record that it stands in.
    public var sequence: UInt64 = 0
    /// When it was decided, in Unix milliseconds.
    public var atMilliseconds: Int64 = 0
    /// What happened.
    public var kind = OpenEnum<OrderEventKind>(rawValue: 0)
    /// Why it was cancelled.
    public var cause = OpenEnum<CancelCause>(rawValue: 0)
    /// How much was ordered or cancelled, in base units.
    public var units: Int64 = 0

    /// Makes an event of nothing.
    public init() {}

    /// Reads an event over this one.
    public mutating func merge(
        _ bytes: Span<UInt8>, within range: ByteRange
    ) throws(WireError) {
        let message = bytes.extracting(0..<range.indices.upperBound)
        var offset = range.indices.lowerBound
        while offset < message.count {
            let tag = try Protobuf.readTag(message, at: &offset)
            switch tag {
            case FieldTag.varint(1): sequence = try Protobuf.readVarint(message, at: &offset)
            case FieldTag.varint(2): atMilliseconds = try Protobuf.readInt64(message, at: &offset)
            case FieldTag.varint(3): kind = try Protobuf.readEnum(message, at: &offset)
            case FieldTag.varint(4): cause = try Protobuf.readEnum(message, at: &offset)
            case FieldTag.varint(5): units = try Protobuf.readInt64(message, at: &offset)
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    /// Writes the event.
    public func encode(into writer: inout ByteWriter, texts: Span<UInt8>) {
        writer.appendField(1, sequence)
        writer.appendField(2, atMilliseconds)
        writer.appendField(3, kind)
        writer.appendField(4, cause)
        writer.appendField(5, units)
    }
}
