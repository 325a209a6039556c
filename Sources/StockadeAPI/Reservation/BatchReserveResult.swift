// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// What became of one item of a BatchReserve; the lines of its reservation lie in lists of the
/// caller's.
public struct BatchReserveResult: Equatable, Sendable, BitwiseCopyable {
    /// The reservation; see `hasReservation`.
    public var reservation = Reservation()
    /// True when the result has a reservation.
    public var hasReservation = false
    /// Why the item was refused; 0 when it was granted.
    public var reason = OpenEnum<Reason>(rawValue: 0)
    /// True when this was decided before, under the same id.
    public var isReplay = false
    /// The reason as a sentence.
    public var message = ByteRange.empty
    /// The field that is wrong; empty unless a field is why.
    public var field = ByteRange.empty
    /// The number of the first failing line; 0 unless a line is why.
    public var lineNumber: UInt32 = 0
    /// How much the failing line asked for, in base units.
    public var requested: Int64 = 0
    /// How much it could have had, in base units.
    public var available: Int64 = 0

    /// Makes a result that says nothing.
    public init() {}

    /// Makes the result of an item that was granted.
    public init(_ reservation: Reservation, isReplay: Bool) {
        self.reservation = reservation
        hasReservation = true
        self.isReplay = isReplay
    }

    /// Reads a result over this one, its line results to the end of `lines`, their allocations to
    /// the end of `allocations`.
    public mutating func merge(
        _ bytes: Span<UInt8>, within range: ByteRange, lines: inout FixedList<LineResult>,
        allocations: inout FixedList<Allocation>
    ) throws(WireError) {
        let message = bytes.extracting(0..<range.indices.upperBound)
        var offset = range.indices.lowerBound
        while offset < message.count {
            let tag = try Protobuf.readTag(message, at: &offset)
            switch tag {
            case FieldTag.lengthDelimited(1):
                try reservation.merge(
                    bytes, within: Protobuf.readBytes(message, at: &offset), lines: &lines,
                    allocations: &allocations)
                hasReservation = true
            case FieldTag.varint(2): reason = try Protobuf.readEnum(message, at: &offset)
            case FieldTag.varint(3): isReplay = try Protobuf.readBool(message, at: &offset)
            case FieldTag.lengthDelimited(4):
                self.message = try Protobuf.readText(message, at: &offset)
            case FieldTag.lengthDelimited(5): field = try Protobuf.readText(message, at: &offset)
            case FieldTag.varint(6): lineNumber = try Protobuf.readUInt32(message, at: &offset)
            case FieldTag.varint(7): requested = try Protobuf.readInt64(message, at: &offset)
            case FieldTag.varint(8): available = try Protobuf.readInt64(message, at: &offset)
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    /// Writes the result with the line results and allocations that its reservation names.
    public func encode(
        into writer: inout ByteWriter, texts: Span<UInt8>,
        lines: borrowing FixedList<LineResult>, allocations: borrowing FixedList<Allocation>
    ) {
        if hasReservation {
            let open = writer.beginMessage(1)
            reservation.encode(into: &writer, texts: texts, lines: lines, allocations: allocations)
            writer.endMessage(open)
        }
        writer.appendField(2, reason)
        writer.appendField(3, isReplay)
        writer.appendField(4, message, of: texts)
        writer.appendField(5, field, of: texts)
        writer.appendField(6, UInt64(lineNumber))
        writer.appendField(7, requested)
        writer.appendField(8, available)
    }
}
