// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// Sets an account's on_hand to what was counted.
public struct SetStockRequest: FlatMessage {
    /// Names this change: 16 bytes.
    public var requestID = ByteRange.empty
    /// The account; see `hasKey`.
    public var key = StockKey()
    /// True when the request names an account.
    public var hasKey = false
    /// What lies in the warehouse, in base units.
    public var onHand: Int64 = 0
    /// Who counted; for people.
    public var source = ByteRange.empty
    /// The count's version; 0: unversioned.
    public var sourceVersion: UInt64 = 0
    /// The shipment up to which the count has seen shipments; 0: all.
    public var appliedShipment: UInt64 = 0

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
            case FieldTag.varint(3): onHand = try Protobuf.readInt64(message, at: &offset)
            case FieldTag.lengthDelimited(4): source = try Protobuf.readText(message, at: &offset)
            case FieldTag.varint(5): sourceVersion = try Protobuf.readVarint(message, at: &offset)
            case FieldTag.varint(6): appliedShipment = try Protobuf.readVarint(message, at: &offset)
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    /// Writes the request.
    public func encode(into writer: inout ByteWriter, texts: Span<UInt8>) {
        writer.appendField(1, requestID, of: texts)
        if hasKey { writer.appendMessage(2, key, texts: texts) }
        writer.appendField(3, onHand)
        writer.appendField(4, source, of: texts)
        writer.appendField(5, sourceVersion)
        writer.appendField(6, appliedShipment)
    }
}
