// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// Asks for one order; under its other name, for what happened to it.
public struct GetOrderRequest: FlatMessage {
    /// The order's id: 16 bytes.
    public var orderID = ByteRange.empty
    /// The brand's code.
    public var brand = ByteRange.empty

    /// Makes a request that names nothing.
    public init() {}

    /// Reads a request over this one.
    public mutating func merge(
        _ bytes: Span<UInt8>, within range: ByteRange
    ) throws(WireError) {
        let message = bytes.extracting(0..<range.indices.upperBound)
        var offset = range.indices.lowerBound
        while offset < message.count {
            let tag = try Protobuf.readTag(message, at: &offset)
            switch tag {
            case FieldTag.lengthDelimited(1): orderID = try Protobuf.readBytes(message, at: &offset)
            case FieldTag.lengthDelimited(2): brand = try Protobuf.readText(message, at: &offset)
            default: try Protobuf.skipValue(of: tag, message, at: &offset)
            }
        }
    }

    /// Writes the request.
    public func encode(into writer: inout ByteWriter, texts: Span<UInt8>) {
        writer.appendField(1, orderID, of: texts)
        writer.appendField(2, brand, of: texts)
    }
}
