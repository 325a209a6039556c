// SPDX-License-Identifier: Apache-2.0

public import Primitives
public import Wire

/// A message without repeated fields: a value of fixed size.
///
/// Its strings and bytes are ranges into the bytes that it was read from, or into the `texts` that
/// it is written with; it means nothing without them. A message with repeated fields has the same
/// two verbs, with the lists that its elements lie in as further arguments.
public protocol FlatMessage: Equatable, Sendable, BitwiseCopyable {
    /// Makes the message in which every field has its default.
    init()

    /// Reads the message at `range` over this one, field by field, as proto3 merges: the last of
    /// several values counts, a field that isn't there stays, an unknown one is skipped.
    ///
    /// - Parameters:
    ///   - bytes: what was received.
    ///   - range: where the message lies; within `bytes`.
    /// - Throws: what is wrong with the bytes; part of the message may have been read then.
    mutating func merge(_ bytes: Span<UInt8>, within range: ByteRange) throws(WireError)

    /// Writes the message in canonical form: in the order of the field numbers, defaults left out.
    ///
    /// - Parameters:
    ///   - writer: what to write to; `overflowed` when there wasn't room.
    ///   - texts: the bytes that the message's ranges point into.
    func encode(into writer: inout ByteWriter, texts: Span<UInt8>)
}

extension FlatMessage {
    /// Reads the message that `bytes` are.
    public static func decode(_ bytes: Span<UInt8>) throws(WireError) -> Self {
        try decode(bytes, within: .whole(bytes))
    }

    /// Reads the message at `range` of `bytes`; its ranges are into the whole of `bytes`.
    public static func decode(
        _ bytes: Span<UInt8>, within range: ByteRange
    ) throws(WireError) -> Self {
        var message = Self()
        try message.merge(bytes, within: range)
        return message
    }
}

extension ByteRange {
    /// All of `bytes`; messages are bounded far below the 4 GiB that a range can span.
    static func whole(_ bytes: Span<UInt8>) -> ByteRange {
        ByteRange(start: 0, count: UInt32(bytes.count))
    }
}

extension ByteWriter {
    /// Writes a message field.
    mutating func appendMessage(
        _ number: UInt32, _ message: some FlatMessage, texts: Span<UInt8>
    ) {
        let open = beginMessage(number)
        message.encode(into: &self, texts: texts)
        endMessage(open)
    }
}
