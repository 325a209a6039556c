// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// Answers ListMovements; its movements lie in a list of the caller's.
public struct ListMovementsResponse: Equatable, Sendable, BitwiseCopyable {
    /// The changes, oldest first: the elements of the list of movements.
    public var movements = ListRange.empty
    /// True when the list had no room for all movements; those that had none were dropped.
    public var movementsOverflow = false
    /// What gets the next page; empty: this was the last.
    public var nextPageToken = ByteRange.empty
    /// Changes up to this sequence had reached Postgres.
    public var completeToSequence: UInt64 = 0

    /// Makes an empty reply.
    public init() {}

    /// Reads the reply that `bytes` are, its movements to the end of `list`.
    public static func decode(
        _ bytes: Span<UInt8>, movements list: inout FixedList<Movement>
    ) throws(WireError) -> ListMovementsResponse {
        var reply = ListMovementsResponse()
        var offset = 0
        while offset < bytes.count {
            let tag = try Protobuf.readTag(bytes, at: &offset)
            switch tag {
            case FieldTag.lengthDelimited(1):
                let element = try Movement.decode(
                    bytes, within: Protobuf.readBytes(bytes, at: &offset))
                if !reply.movements.append(element, to: &list) { reply.movementsOverflow = true }
            case FieldTag.lengthDelimited(2):
                reply.nextPageToken = try Protobuf.readText(bytes, at: &offset)
            case FieldTag.varint(3):
                reply.completeToSequence = try Protobuf.readVarint(bytes, at: &offset)
            default: try Protobuf.skipValue(of: tag, bytes, at: &offset)
            }
        }
        return reply
    }

    /// Writes one movement; what `encode` then writes ends the reply.
    public static func append(
        _ movement: Movement, to writer: inout ByteWriter, texts: Span<UInt8>
    ) {
        writer.appendMessage(1, movement, texts: texts)
    }

    /// Writes the reply with the elements of `list` that `movements` names.
    public func encode(
        into writer: inout ByteWriter, texts: Span<UInt8>,
        movements list: borrowing FixedList<Movement>
    ) {
        for index in movements.indices {
            writer.appendMessage(1, list[index], texts: texts)
        }
        writer.appendField(2, nextPageToken, of: texts)
        writer.appendField(3, completeToSequence)
    }
}
