// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// The figures of one stock account at one moment, in base units.
public struct Stock: FlatMessage {
    /// The account; see `hasKey`.
    public var key = StockKey()
    /// True when the message says which account it is of.
    public var hasKey = false
    /// What lies in the warehouse.
    public var onHand: Int64 = 0
    /// What living reservations hold.
    public var held: Int64 = 0
    /// What was confirmed and hasn't left yet.
    public var allocated: Int64 = 0
    /// The floor that is never sold.
    public var safety: Int64 = 0
    /// What may be granted; below 0 after a correction.
    public var available: Int64 = 0
    /// How far below 0 a backorder may go.
    public var backorderLimit: Int64 = 0
    /// What was promised and isn't there.
    public var deficit: Int64 = 0
    /// Grows by one with each change.
    public var version: UInt64 = 0
    /// The highest version that a source gave.
    public var sourceVersion: UInt64 = 0
    /// When the account changed last, in Unix milliseconds.
    public var updatedMilliseconds: Int64 = 0

    /// Makes figures of 0, of no account.
    public init() {}

    /// Makes figures of 0 of the account `key`.
    public init(of key: StockKey) {
        self.key = key
        hasKey = true
    }

    /// Reads figures over these.
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
            case FieldTag.varint(2): onHand = try Protobuf.readInt64(message, at: &offset)
            case FieldTag.varint(3): held = try Protobuf.readInt64(message, at: &offset)
            case FieldTag.varint(4): allocated = try Protobuf.readInt64(message, at: &offset)
            case FieldTag.varint(5): safety = try Protobuf.readInt64(message, at: &offset)
            case FieldTag.varint(6): available = try Protobuf.readInt64(message, at: &offset)
            case FieldTag.varint(7): backorderLimit = try Protobuf.readInt64(message, at: &offset)
            case FieldTag.varint(8): deficit = try Protobuf.readInt64(message, at: &offset)
            case FieldTag.varint(9): version = try Protobuf.readVarint(message, at: &offset)
            case FieldTag.varint(10): sourceVersion = try Protobuf.readVarint(message, at: &offset)
            case FieldTag.varint(11):
                updatedMilliseconds = try Protobuf.readInt64(message, at: &offset)
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    /// Writes the figures.
    public func encode(into writer: inout ByteWriter, texts: Span<UInt8>) {
        if hasKey { writer.appendMessage(1, key, texts: texts) }
        writer.appendField(2, onHand)
        writer.appendField(3, held)
        writer.appendField(4, allocated)
        writer.appendField(5, safety)
        writer.appendField(6, available)
        writer.appendField(7, backorderLimit)
        writer.appendField(8, deficit)
        writer.appendField(9, version)
        writer.appendField(10, sourceVersion)
        writer.appendField(11, updatedMilliseconds)
    }
}
