// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// ReserveResponse, ConfirmResponse, ReleaseResponse, GetReservationResponse and ExtendResponse:
/// five names for one form, a message with a reservation in field 1.
public struct ReservationReply: Equatable, Sendable, BitwiseCopyable {
    /// The reservation; see `hasReservation`.
    public var reservation = Reservation()
    /// True when the message has a reservation.
    public var hasReservation = false

    /// Makes a reply without a reservation.
    public init() {}

    /// Makes a reply with `reservation`.
    public init(_ reservation: Reservation) {
        self.reservation = reservation
        hasReservation = true
    }

    /// Reads the reply that `bytes` are, its line results and allocations to the ends of the lists.
    public static func decode(
        _ bytes: Span<UInt8>, lines: inout FixedList<LineResult>,
        allocations: inout FixedList<Allocation>
    ) throws(WireError) -> ReservationReply {
        var reply = ReservationReply()
        var offset = 0
        while offset < bytes.count {
            let tag = try Protobuf.readTag(bytes, at: &offset)
            switch tag {
            case FieldTag.lengthDelimited(1):
                try reply.reservation.merge(
                    bytes, within: Protobuf.readBytes(bytes, at: &offset), lines: &lines,
                    allocations: &allocations)
                reply.hasReservation = true
            default: try Protobuf.skipValue(of: tag, bytes, at: &offset)
            }
        }
        return reply
    }

    /// Writes the reply with the line results and allocations that its reservation names.
    public func encode(
        into writer: inout ByteWriter, texts: Span<UInt8>,
        lines: borrowing FixedList<LineResult>, allocations: borrowing FixedList<Allocation>
    ) {
        guard hasReservation else { return }
        let open = writer.beginMessage(1)
        reservation.encode(into: &writer, texts: texts, lines: lines, allocations: allocations)
        writer.endMessage(open)
    }
}
