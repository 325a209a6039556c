// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// Answers ListReservations; its reservations and their lines lie in lists of the caller's.
public struct ListReservationsResponse: Equatable, Sendable, BitwiseCopyable {
    /// The page: the elements of the list of reservations.
    public var reservations = ListRange.empty
    /// True when the list had no room for all reservations; those that had none were dropped.
    public var reservationsOverflow = false
    /// What gets the next page; empty: this was the last.
    public var nextPageToken = ByteRange.empty

    /// Makes an empty page.
    public init() {}

    /// Reads the reply that `bytes` are, its reservations to the end of `list`, their line results
    /// and allocations to the ends of the others.
    public static func decode(
        _ bytes: Span<UInt8>, reservations list: inout FixedList<Reservation>,
        lines: inout FixedList<LineResult>, allocations: inout FixedList<Allocation>
    ) throws(WireError) -> ListReservationsResponse {
        var reply = ListReservationsResponse()
        var offset = 0
        while offset < bytes.count {
            let tag = try Protobuf.readTag(bytes, at: &offset)
            switch tag {
            case FieldTag.lengthDelimited(1):
                var reservation = Reservation()
                try reservation.merge(
                    bytes, within: Protobuf.readBytes(bytes, at: &offset), lines: &lines,
                    allocations: &allocations)
                if !reply.reservations.append(reservation, to: &list) {
                    reply.reservationsOverflow = true
                }
            case FieldTag.lengthDelimited(2):
                reply.nextPageToken = try Protobuf.readText(bytes, at: &offset)
            default: try Protobuf.skipValue(of: tag, bytes, at: &offset)
            }
        }
        return reply
    }

    /// Writes the reply with the elements of `list` that `reservations` names.
    public func encode(
        into writer: inout ByteWriter, texts: Span<UInt8>,
        reservations list: borrowing FixedList<Reservation>,
        lines: borrowing FixedList<LineResult>, allocations: borrowing FixedList<Allocation>
    ) {
        for index in reservations.indices {
            ListReservationsResponse.append(
                list[index], to: &writer, texts: texts, lines: lines, allocations: allocations)
        }
        ListReservationsResponse.append(nextPageToken: nextPageToken, to: &writer, texts: texts)
    }

    /// Writes one more reservation of a reply that is made piece by piece.
    public static func append(
        _ reservation: Reservation, to writer: inout ByteWriter, texts: Span<UInt8>,
        lines: borrowing FixedList<LineResult>, allocations: borrowing FixedList<Allocation>
    ) {
        let open = writer.beginMessage(1)
        reservation.encode(into: &writer, texts: texts, lines: lines, allocations: allocations)
        writer.endMessage(open)
    }

    /// Ends a reply that is made piece by piece.
    public static func append(
        nextPageToken: ByteRange, to writer: inout ByteWriter, texts: Span<UInt8>
    ) {
        writer.appendField(2, nextPageToken, of: texts)
    }
}
