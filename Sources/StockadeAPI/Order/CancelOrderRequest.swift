// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// Cancels an order, all of it or some; its lines lie in a list of the caller's.
public struct CancelOrderRequest: Equatable, Sendable, BitwiseCopyable {
    /// Names this change: 16 bytes.
    public var requestID = ByteRange.empty
    /// The order's id: 16 bytes.
    public var orderID = ByteRange.empty
    /// The brand's code.
    public var brand = ByteRange.empty
    /// What to cancel: the elements of the list of lines; none: all that remains.
    public var lines = ListRange.empty
    /// True when the list had no room for all lines; those that had none were dropped.
    public var linesOverflow = false
    /// Why.
    public var cause = OpenEnum<CancelCause>(rawValue: 0)

    /// Makes a request that names nothing.
    public init() {}

    /// Reads the request that `bytes` are, its lines to the end of `list`.
    public static func decode(
        _ bytes: Span<UInt8>, lines list: inout FixedList<Line>
    ) throws(WireError) -> CancelOrderRequest {
        var request = CancelOrderRequest()
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
                requestID = try Protobuf.readBytes(message, at: &offset)
            case FieldTag.lengthDelimited(2): orderID = try Protobuf.readBytes(message, at: &offset)
            case FieldTag.lengthDelimited(3): brand = try Protobuf.readText(message, at: &offset)
            case FieldTag.lengthDelimited(4):
                let line = try Line.decode(
                    message, within: Protobuf.readBytes(message, at: &offset))
                if !lines.append(line, to: &list) { linesOverflow = true }
            case FieldTag.varint(5): cause = try Protobuf.readEnum(message, at: &offset)
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    /// Writes the request with the elements of `list` that `lines` names.
    public func encode(
        into writer: inout ByteWriter, texts: Span<UInt8>, lines list: borrowing FixedList<Line>
    ) {
        writer.appendField(1, requestID, of: texts)
        writer.appendField(2, orderID, of: texts)
        writer.appendField(3, brand, of: texts)
        for index in lines.indices {
            writer.appendMessage(4, list[index], texts: texts)
        }
        writer.appendField(5, cause)
    }
}
