// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// Answers BatchGetStock; its results lie in a list of the caller's.
public struct BatchGetStockResponse: Equatable, Sendable, BitwiseCopyable {
    /// One for each key: the elements of the list of results.
    public var results = ListRange.empty
    /// True when the list had no room for all results; those that had none were dropped.
    public var resultsOverflow = false

    /// Makes an empty reply.
    public init() {}

    /// Reads the reply that `bytes` are, its results to the end of `list`.
    public static func decode(
        _ bytes: Span<UInt8>, results list: inout FixedList<BatchGetStockResult>
    ) throws(WireError) -> BatchGetStockResponse {
        var reply = BatchGetStockResponse()
        var offset = 0
        while offset < bytes.count {
            let tag = try Protobuf.readTag(bytes, at: &offset)
            switch tag {
            case FieldTag.lengthDelimited(1):
                let element = try BatchGetStockResult.decode(
                    bytes, within: Protobuf.readBytes(bytes, at: &offset))
                if !reply.results.append(element, to: &list) { reply.resultsOverflow = true }
            default: try Protobuf.skipValue(of: tag, bytes, at: &offset)
            }
        }
        return reply
    }

    /// Writes the reply with the elements of `list` that `results` names.
    public func encode(
        into writer: inout ByteWriter, texts: Span<UInt8>,
        results list: borrowing FixedList<BatchGetStockResult>
    ) {
        for index in results.indices {
            BatchGetStockResponse.append(list[index], to: &writer, texts: texts)
        }
    }

    /// Writes one more result of a reply that is made piece by piece.
    public static func append(
        _ result: BatchGetStockResult, to writer: inout ByteWriter, texts: Span<UInt8>
    ) {
        writer.appendMessage(1, result, texts: texts)
    }
}
