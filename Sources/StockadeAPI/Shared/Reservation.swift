// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// Stock set aside for one dealer until a deadline; its line results lie in a list of the caller's.
public struct Reservation: Equatable, Sendable, BitwiseCopyable {
    /// The id that the client gave it: 16 bytes.
    public var reservationID = ByteRange.empty
    /// The brand's code.
    public var brand = ByteRange.empty
    /// The dealer's code.
    public var dealer = ByteRange.empty
    /// Where it stands now.
    public var state = OpenEnum<ReservationState>(rawValue: 0)
    /// When it was made, in Unix milliseconds.
    public var createdMilliseconds: Int64 = 0
    /// When it expires, in Unix milliseconds; 0 once it has ended.
    public var deadlineMilliseconds: Int64 = 0
    /// What was decided line by line: the elements of the list of line results.
    public var lines = ListRange.empty
    /// True when the list had no room for all lines; those that had none were dropped.
    public var linesOverflow = false
    /// The order it was confirmed into: 16 bytes, or none.
    public var orderID = ByteRange.empty

    /// Makes a reservation of nothing.
    public init() {}

    /// Reads a reservation over this one, its lines to the end of `lines`, their allocations to
    /// the end of `allocations`.
    public mutating func merge(
        _ bytes: Span<UInt8>, within range: ByteRange, lines list: inout FixedList<LineResult>,
        allocations: inout FixedList<Allocation>
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
            case FieldTag.varint(4): state = try Protobuf.readEnum(message, at: &offset)
            case FieldTag.varint(5):
                createdMilliseconds = try Protobuf.readInt64(message, at: &offset)
            case FieldTag.varint(6):
                deadlineMilliseconds = try Protobuf.readInt64(message, at: &offset)
            case FieldTag.lengthDelimited(7):
                var line = LineResult()
                try line.merge(
                    bytes, within: Protobuf.readBytes(message, at: &offset),
                    allocations: &allocations)
                if !lines.append(line, to: &list) { linesOverflow = true }
            case FieldTag.lengthDelimited(8): orderID = try Protobuf.readBytes(message, at: &offset)
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    /// Writes the reservation with the elements of `list` that `lines` names.
    public func encode(
        into writer: inout ByteWriter, texts: Span<UInt8>,
        lines list: borrowing FixedList<LineResult>, allocations: borrowing FixedList<Allocation>
    ) {
        writer.appendField(1, reservationID, of: texts)
        writer.appendField(2, brand, of: texts)
        writer.appendField(3, dealer, of: texts)
        writer.appendField(4, state)
        writer.appendField(5, createdMilliseconds)
        writer.appendField(6, deadlineMilliseconds)
        for index in lines.indices {
            let open = writer.beginMessage(7)
            list[index].encode(into: &writer, texts: texts, allocations: allocations)
            writer.endMessage(open)
        }
        writer.appendField(8, orderID, of: texts)
    }
}
