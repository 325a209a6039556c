// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// Moves a reservation's deadline.
public struct ExtendRequest: FlatMessage {
    /// Names this change: 16 bytes.
    public var requestID = ByteRange.empty
    /// The reservation's id: 16 bytes.
    public var reservationID = ByteRange.empty
    /// The brand's code.
    public var brand = ByteRange.empty
    /// How long to hold it from now.
    public var ttlMilliseconds: UInt32 = 0

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
                reservationID = try Protobuf.readBytes(message, at: &offset)
            case FieldTag.lengthDelimited(3): brand = try Protobuf.readText(message, at: &offset)
            case FieldTag.varint(4): ttlMilliseconds = try Protobuf.readUInt32(message, at: &offset)
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    /// Writes the request.
    public func encode(into writer: inout ByteWriter, texts: Span<UInt8>) {
        writer.appendField(1, requestID, of: texts)
        writer.appendField(2, reservationID, of: texts)
        writer.appendField(3, brand, of: texts)
        writer.appendField(4, UInt64(ttlMilliseconds))
    }
}
