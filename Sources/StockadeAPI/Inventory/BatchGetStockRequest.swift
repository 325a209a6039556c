// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// Asks for several accounts of one brand; its keys lie in a list of the caller's.
public struct BatchGetStockRequest: Equatable, Sendable, BitwiseCopyable {
    /// The brand's code.
    public var brand = ByteRange.empty
    /// The accounts: the elements of the list of keys.
    public var keys = ListRange.empty
    /// True when the list had no room for all keys; those that had none were dropped.
    public var keysOverflow = false

    /// Makes a request that names nothing.
    public init() {}

    /// Reads the request that `bytes` are, its keys to the end of `list`.
    public static func decode(
        _ bytes: Span<UInt8>, keys list: inout FixedList<StockKey>
    ) throws(WireError) -> BatchGetStockRequest {
        var request = BatchGetStockRequest()
        var offset = 0
        while offset < bytes.count {
            let tag = try Protobuf.readTag(bytes, at: &offset)
            switch tag {
            case FieldTag.lengthDelimited(1):
                request.brand = try Protobuf.readText(bytes, at: &offset)
            case FieldTag.lengthDelimited(2):
                let key = try StockKey.decode(
                    bytes, within: Protobuf.readBytes(bytes, at: &offset))
                if !request.keys.append(key, to: &list) { request.keysOverflow = true }
            default: try Protobuf.skipValue(of: tag, bytes, at: &offset)
            }
        }
        return request
    }

    /// Writes the request with the elements of `list` that `keys` names.
    public func encode(
        into writer: inout ByteWriter, texts: Span<UInt8>,
        keys list: borrowing FixedList<StockKey>
    ) {
        writer.appendField(1, brand, of: texts)
        for index in keys.indices {
            writer.appendMessage(2, list[index], texts: texts)
        }
    }
}
