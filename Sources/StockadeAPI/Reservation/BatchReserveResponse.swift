// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// Answers BatchReserve; its results and their reservations' lines lie in lists of the caller's.
public struct BatchReserveResponse: Equatable, Sendable, BitwiseCopyable {
    /// One for each item: the elements of the list of results.
    public var results = ListRange.empty
    /// True when the list had no room for all results; those that had none were dropped.
    public var resultsOverflow = false

    /// Makes a reply without results.
    public init() {}

    /// Reads the reply that `bytes` are, its results to the end of `list`, their line results and
    /// allocations to the ends of the others.
    public static func decode(
        _ bytes: Span<UInt8>, results list: inout FixedList<BatchReserveResult>,
        lines: inout FixedList<LineResult>, allocations: inout FixedList<Allocation>
    ) throws(WireError) -> BatchReserveResponse {
        var reply = BatchReserveResponse()
        var offset = 0
        while offset < bytes.count {
            let tag = try Protobuf.readTag(bytes, at: &offset)
            switch tag {
            case FieldTag.lengthDelimited(1):
                var result = BatchReserveResult()
                try result.merge(
                    bytes, within: Protobuf.readBytes(bytes, at: &offset), lines: &lines,
                    allocations: &allocations)
                if !reply.results.append(result, to: &list) { reply.resultsOverflow = true }
            default: try Protobuf.skipValue(of: tag, bytes, at: &offset)
            }
        }
        return reply
    }

    /// Writes the reply with the elements of `list` that `results` names.
    public func encode(
        into writer: inout ByteWriter, texts: Span<UInt8>,
        results list: borrowing FixedList<BatchReserveResult>,
        lines: borrowing FixedList<LineResult>, allocations: borrowing FixedList<Allocation>
    ) {
        for index in results.indices {
            BatchReserveResponse.append(
                list[index], to: &writer, texts: texts, lines: lines, allocations: allocations)
        }
    }

    /// Writes one more result of a reply that is made piece by piece.
    public static func append(
        _ result: BatchReserveResult, to writer: inout ByteWriter, texts: Span<UInt8>,
        lines: borrowing FixedList<LineResult>, allocations: borrowing FixedList<Allocation>
    ) {
        let open = writer.beginMessage(1)
        result.encode(into: &writer, texts: texts, lines: lines, allocations: allocations)
        writer.endMessage(open)
    }
}
