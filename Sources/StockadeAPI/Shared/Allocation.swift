// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// Where some of a line's units lie.
public struct Allocation: FlatMessage {
    /// The warehouse's code.
    public var warehouse = ByteRange.empty
    /// How many units lie there, in base units.
    public var quantity: Int64 = 0

    /// Makes an allocation of nothing.
    public init() {}

    /// Makes an allocation of `quantity` base units in `warehouse`.
    public init(warehouse: ByteRange, quantity: Int64) {
        self.warehouse = warehouse
        self.quantity = quantity
    }

    /// Reads an allocation over this one.
    public mutating func merge(
        _ bytes: Span<UInt8>, within range: ByteRange
    ) throws(WireError) {
        let message = bytes.extracting(0..<range.indices.upperBound)
        var offset = range.indices.lowerBound
        while offset < message.count {
            let tag = try Protobuf.readTag(message, at: &offset)
            switch tag {
            case FieldTag.lengthDelimited(1):
                warehouse = try Protobuf.readText(message, at: &offset)
            case FieldTag.varint(2): quantity = try Protobuf.readInt64(message, at: &offset)
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    /// Writes the allocation.
    public func encode(into writer: inout ByteWriter, texts: Span<UInt8>) {
        writer.appendField(1, warehouse, of: texts)
        writer.appendField(2, quantity)
    }
}
