// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// Asks for several reservations; they and their lines lie in lists of the caller's.
public struct BatchReserveRequest: Equatable, Sendable, BitwiseCopyable {
    /// The reservations: the elements of the list of items.
    public var items = ListRange.empty
    /// True when the list had no room for all items; those that had none were dropped.
    public var itemsOverflow = false

    /// Makes a request that asks for nothing.
    public init() {}

    /// Reads the request that `bytes` are, its items to the end of `list`, their lines to the end
    /// of `lines`. An item whose lines found no room says so.
    public static func decode(
        _ bytes: Span<UInt8>, items list: inout FixedList<ReserveRequest>,
        lines: inout FixedList<Line>
    ) throws(WireError) -> BatchReserveRequest {
        var request = BatchReserveRequest()
        var offset = 0
        while offset < bytes.count {
            let tag = try Protobuf.readTag(bytes, at: &offset)
            switch tag {
            case FieldTag.lengthDelimited(1):
                var item = ReserveRequest()
                try item.merge(
                    bytes, within: Protobuf.readBytes(bytes, at: &offset), lines: &lines)
                if !request.items.append(item, to: &list) { request.itemsOverflow = true }
            default: try Protobuf.skipValue(of: tag, bytes, at: &offset)
            }
        }
        return request
    }

    /// Writes the request with the elements of `list` that `items` names, and their lines.
    public func encode(
        into writer: inout ByteWriter, texts: Span<UInt8>,
        items list: borrowing FixedList<ReserveRequest>, lines: borrowing FixedList<Line>
    ) {
        for index in items.indices {
            let open = writer.beginMessage(1)
            list[index].encode(into: &writer, texts: texts, lines: lines)
            writer.endMessage(open)
        }
    }
}
