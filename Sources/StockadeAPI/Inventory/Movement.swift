// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// One change of one account.
public struct Movement: FlatMessage {
    /// The journal record that it stands in.
    public var sequence: UInt64 = 0
    /// When it was decided, in Unix milliseconds.
    public var atMilliseconds: Int64 = 0
    /// What changed the account.
    public var kind = OpenEnum<MovementKind>(rawValue: 0)
    /// By how much on_hand changed.
    public var onHandChange: Int64 = 0
    /// By how much held changed.
    public var heldChange: Int64 = 0
    /// By how much allocated changed.
    public var allocatedChange: Int64 = 0
    /// What did it: 16 bytes, or none.
    public var reference = ByteRange.empty
    /// By how much safety changed.
    public var safetyChange: Int64 = 0

    /// Makes a change of nothing.
    public init() {}

    /// Reads a change over this one.
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
            case FieldTag.varint(4): onHandChange = try Protobuf.readInt64(message, at: &offset)
            case FieldTag.varint(5): heldChange = try Protobuf.readInt64(message, at: &offset)
            case FieldTag.varint(6): allocatedChange = try Protobuf.readInt64(message, at: &offset)
            case FieldTag.lengthDelimited(7):
                reference = try Protobuf.readBytes(message, at: &offset)
            case FieldTag.varint(8): safetyChange = try Protobuf.readInt64(message, at: &offset)
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    /// Writes the change.
    public func encode(into writer: inout ByteWriter, texts: Span<UInt8>) {
        writer.appendField(1, sequence)
        writer.appendField(2, atMilliseconds)
        writer.appendField(3, kind)
        writer.appendField(4, onHandChange)
        writer.appendField(5, heldChange)
        writer.appendField(6, allocatedChange)
        writer.appendField(7, reference, of: texts)
        writer.appendField(8, safetyChange)
    }
}
