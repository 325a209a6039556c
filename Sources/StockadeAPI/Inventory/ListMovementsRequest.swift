// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// Asks what changed an account.
public struct ListMovementsRequest: FlatMessage {
    /// The account; see `hasKey`.
    public var key = StockKey()
    /// True when the message has it.
    public var hasKey = false
    /// The first sequence that is asked for; 0: the oldest that is kept.
    public var fromSequence: UInt64 = 0
    /// At most so many entries; 0: the default.
    public var pageSize: UInt32 = 0
    /// Where the page before ended; empty: the first page.
    public var pageToken = ByteRange.empty

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
            case FieldTag.varint(2): fromSequence = try Protobuf.readVarint(message, at: &offset)
            case FieldTag.varint(3): pageSize = try Protobuf.readUInt32(message, at: &offset)
            case FieldTag.lengthDelimited(4):
                pageToken = try Protobuf.readText(message, at: &offset)
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    /// Writes the request.
    public func encode(into writer: inout ByteWriter, texts: Span<UInt8>) {
        if hasKey { writer.appendMessage(1, key, texts: texts) }
        writer.appendField(2, fromSequence)
        writer.appendField(3, UInt64(pageSize))
        writer.appendField(4, pageToken, of: texts)
    }
}
