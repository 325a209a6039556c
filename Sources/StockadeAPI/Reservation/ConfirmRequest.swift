// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// Turns a reservation into an order; its lines lie in a list of the caller's.
public struct ConfirmRequest: Equatable, Sendable, BitwiseCopyable {
    /// The reservation's id: 16 bytes.
    public var reservationID = ByteRange.empty
    /// The brand's code.
    public var brand = ByteRange.empty
    /// The order's id: 16 bytes.
    public var orderID = ByteRange.empty
    /// What to confirm: the elements of the list of lines; none: everything.
    public var lines = ListRange.empty
    /// True when the list had no room for all lines; those that had none were dropped.
    public var linesOverflow = false

    /// Makes a request that names nothing.
    public init() {}

    /// Reads the request that `bytes` are, its lines to the end of `list`.
    public static func decode(
        _ bytes: Span<UInt8>, lines list: inout FixedList<Line>
    ) throws(WireError) -> ConfirmRequest {
        var request = ConfirmRequest()
        try request.merge(bytes, lines: &list)
        return request
    }

    private mutating func merge(
        _ message: Span<UInt8>, lines list: inout FixedList<Line>
    ) throws(WireError) {
        var offset = 0
        while offset < message.count {
            let tag = try Protobuf.readTag(message, at: &offset)
            switch tag {
            case FieldTag.lengthDelimited(1):
                reservationID = try Protobuf.readBytes(message, at: &offset)
            case FieldTag.lengthDelimited(2): brand = try Protobuf.readText(message, at: &offset)
            case FieldTag.lengthDelimited(3): orderID = try Protobuf.readBytes(message, at: &offset)
            case FieldTag.lengthDelimited(4):
                let line = try Line.decode(
                    message, within: Protobuf.readBytes(message, at: &offset))
                if !lines.append(line, to: &list) { linesOverflow = true }
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
        writer.appendField(3, orderID, of: texts)
        for index in lines.indices {
            writer.appendMessage(4, list[index], texts: texts)
        }
    }
}
