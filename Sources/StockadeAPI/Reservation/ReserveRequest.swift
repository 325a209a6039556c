// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// Asks for stock to be set aside; its lines lie in a list of the caller's.
public struct ReserveRequest: Equatable, Sendable, BitwiseCopyable {
    /// The reservation's id: 16 bytes.
    public var reservationID = ByteRange.empty
    /// The brand's code.
    public var brand = ByteRange.empty
    /// The dealer's code.
    public var dealer = ByteRange.empty
    /// What is asked for: the elements of the list of lines.
    public var lines = ListRange.empty
    /// True when the list had no room for all lines; those that had none were dropped.
    public var linesOverflow = false
    /// How long to hold it; 0: the default.
    public var ttlMilliseconds: UInt32 = 0
    /// What to do when there is less.
    public var fillMode = OpenEnum<FillMode>(rawValue: 0)
    /// Where the goods are to go.
    public var region = ByteRange.empty
    /// The caller's own reference.
    public var clientReference = ByteRange.empty

    /// Makes a request that asks for nothing.
    public init() {}

    /// Reads the request that `bytes` are, its lines to the end of `list`.
    public static func decode(
        _ bytes: Span<UInt8>, lines list: inout FixedList<Line>
    ) throws(WireError) -> ReserveRequest {
        var request = ReserveRequest()
        try request.merge(bytes, within: .whole(bytes), lines: &list)
        return request
    }

    /// Reads a request over this one, its lines to the end of `list`.
    public mutating func merge(
        _ bytes: Span<UInt8>, within range: ByteRange, lines list: inout FixedList<Line>
    ) throws(WireError) {
        let message = bytes.extracting(0..<range.indices.upperBound)
        var offset = range.indices.lowerBound
        while offset < message.count {
            let tag = try Protobuf.readTag(message, at: &offset)
            switch tag {
            case FieldTag.lengthDelimited(1):
                reservationID = try Protobuf.readBytes(message, at: &offset)
            case FieldTag.lengthDelimited(2): brand = try Protobuf.readText(message, at: &offset)
            case FieldTag.lengthDelimited(3): dealer = try Protobuf.readText(message, at: &offset)
            case FieldTag.lengthDelimited(4):
                let line = try Line.decode(
                    message, within: Protobuf.readBytes(message, at: &offset))
                if !lines.append(line, to: &list) { linesOverflow = true }
            case FieldTag.varint(5): ttlMilliseconds = try Protobuf.readUInt32(message, at: &offset)
            case FieldTag.varint(6): fillMode = try Protobuf.readEnum(message, at: &offset)
            case FieldTag.lengthDelimited(7): region = try Protobuf.readText(message, at: &offset)
            case FieldTag.lengthDelimited(8):
                clientReference = try Protobuf.readText(message, at: &offset)
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    /// Writes the request with the elements of `list` that `lines` names.
    public func encode(
        into writer: inout ByteWriter, texts: Span<UInt8>, lines list: borrowing FixedList<Line>
    ) {
        writer.appendField(1, reservationID, of: texts)
        writer.appendField(2, brand, of: texts)
        writer.appendField(3, dealer, of: texts)
        for index in lines.indices {
            writer.appendMessage(4, list[index], texts: texts)
        }
        writer.appendField(5, UInt64(ttlMilliseconds))
        writer.appendField(6, fillMode)
        writer.appendField(7, region, of: texts)
        writer.appendField(8, clientReference, of: texts)
    }
}
