// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// What was decided about one line; its allocations lie in a list of the caller's.
public struct LineResult: Equatable, Sendable, BitwiseCopyable {
    /// The line's number.
    public var lineNumber: UInt32 = 0
    /// What was set aside for the line, in base units.
    public var granted: Int64 = 0
    /// What waits for stock to come, in base units.
    public var backordered: Int64 = 0
    /// What could have been granted, in base units; 0 unless less was granted than asked.
    public var available: Int64 = 0
    /// Why less was granted than asked; 0 when all was.
    public var reason = OpenEnum<Reason>(rawValue: 0)
    /// Where the granted units lie: the elements of the list of allocations.
    public var allocations = ListRange.empty
    /// True when the list had no room for all allocations; those that had none were dropped.
    public var allocationsOverflow = false

    /// Makes the result of no line.
    public init() {}

    /// Reads a result over this one, its allocations to the end of `allocations`.
    ///
    /// All of a result's allocations must be read before those of the next.
    public mutating func merge(
        _ bytes: Span<UInt8>, within range: ByteRange, allocations list: inout FixedList<Allocation>
    ) throws(WireError) {
        let message = bytes.extracting(0..<range.indices.upperBound)
        var offset = range.indices.lowerBound
        while offset < message.count {
            let tag = try Protobuf.readTag(message, at: &offset)
            switch tag {
            case FieldTag.varint(1): lineNumber = try Protobuf.readUInt32(message, at: &offset)
            case FieldTag.varint(2): granted = try Protobuf.readInt64(message, at: &offset)
            case FieldTag.varint(3): backordered = try Protobuf.readInt64(message, at: &offset)
            case FieldTag.varint(4): available = try Protobuf.readInt64(message, at: &offset)
            case FieldTag.varint(5): reason = try Protobuf.readEnum(message, at: &offset)
            case FieldTag.lengthDelimited(6):
                let allocation = try Allocation.decode(
                    bytes, within: Protobuf.readBytes(message, at: &offset))
                if !allocations.append(allocation, to: &list) { allocationsOverflow = true }
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    /// Writes the result with the elements of `list` that `allocations` names.
    public func encode(
        into writer: inout ByteWriter, texts: Span<UInt8>,
        allocations list: borrowing FixedList<Allocation>
    ) {
        writer.appendField(1, UInt64(lineNumber))
        writer.appendField(2, granted)
        writer.appendField(3, backordered)
        writer.appendField(4, available)
        writer.appendField(5, reason)
        for index in allocations.indices {
            writer.appendMessage(6, list[index], texts: texts)
        }
    }
}
