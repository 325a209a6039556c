// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// Reads protobuf from borrowed bytes.
///
/// Every function reads at `offset` and moves it behind what it read; when it throws, where
/// `offset` stands means nothing. The end of `bytes` is the end of the message: whoever reads a
/// nested one passes `bytes.extracting(0..<end)`, so that offsets stay those of the whole. Nothing
/// is copied and nothing allocated. What reads a tag or a length is inlined into the messages'
/// decoders, in other modules too: as a call it takes thirty instructions for one byte.
public enum Protobuf {
    /// Reads the tag before a field.
    @inlinable @inline(__always)
    public static func readTag(
        _ bytes: Span<UInt8>, at offset: inout Int
    ) throws(WireError) -> FieldTag {
        let start = offset
        let raw = try readVarint32(bytes, at: &offset)
        guard let tag = FieldTag(rawValue: raw) else { throw tagError(raw, at: start) }
        return tag
    }

    /// Reads an integer or enum value of 64 bits; what is narrower takes its low bits, as in every
    /// protobuf library.
    public static func readVarint(
        _ bytes: Span<UInt8>, at offset: inout Int
    ) throws(WireError) -> UInt64 {
        let start = offset
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while offset < bytes.count {
            let byte = bytes[offset]
            // The tenth byte has room for one bit, and none for saying that another follows.
            guard shift < 63 || byte <= 1 else { throw WireError(.varintTooLong, at: start) }
            value |= UInt64(byte & 0x7f) << shift
            offset += 1
            if byte < 0x80 { return value }
            shift += 7
        }
        throw WireError(.truncated, at: start)
    }

    /// Reads a signed value of 64 bits.
    public static func readInt64(
        _ bytes: Span<UInt8>, at offset: inout Int
    ) throws(WireError) -> Int64 {
        Int64(bitPattern: try readVarint(bytes, at: &offset))
    }

    /// Reads an unsigned value of 32 bits.
    public static func readUInt32(
        _ bytes: Span<UInt8>, at offset: inout Int
    ) throws(WireError) -> UInt32 {
        UInt32(truncatingIfNeeded: try readVarint(bytes, at: &offset))
    }

    /// Reads a bool: any number but 0 is true.
    public static func readBool(
        _ bytes: Span<UInt8>, at offset: inout Int
    ) throws(WireError) -> Bool {
        try readVarint(bytes, at: &offset) != 0
    }

    /// Reads an enum value, known or not.
    public static func readEnum<Known>(
        _ bytes: Span<UInt8>, at offset: inout Int
    ) throws(WireError) -> OpenEnum<Known> {
        OpenEnum(rawValue: Int32(truncatingIfNeeded: try readVarint(bytes, at: &offset)))
    }

    /// Reads a string, bytes or message value's place.
    @inlinable @inline(__always)
    public static func readBytes(
        _ bytes: Span<UInt8>, at offset: inout Int
    ) throws(WireError) -> ByteRange {
        let start = offset
        let length = try readVarint32(bytes, at: &offset)
        guard Int(length) <= bytes.count - offset else { throw WireError(.truncated, at: start) }
        let range = ByteRange(start: UInt32(offset), count: length)
        offset += Int(length)
        return range
    }

    /// Reads a string's place and makes sure that it is UTF-8.
    @inlinable @inline(__always)
    public static func readText(
        _ bytes: Span<UInt8>, at offset: inout Int
    ) throws(WireError) -> ByteRange {
        let range = try readBytes(bytes, at: &offset)
        try validateUTF8(bytes.extracting(range.indices), at: Int(range.start))
        return range
    }

    /// Moves behind the value of a field that isn't known.
    public static func skipValue(
        of tag: FieldTag, _ bytes: Span<UInt8>, at offset: inout Int
    ) throws(WireError) {
        switch tag.wireType {
        case .varint: _ = try readVarint(bytes, at: &offset)
        case .lengthDelimited: _ = try readBytes(bytes, at: &offset)
        case .fixed64: try skip(8, bytes, at: &offset)
        case .fixed32: try skip(4, bytes, at: &offset)
        }
    }

    private static func skip(
        _ count: Int, _ bytes: Span<UInt8>, at offset: inout Int
    ) throws(WireError) {
        guard count <= bytes.count - offset else { throw WireError(.truncated, at: offset) }
        offset += count
    }

    /// Reads a tag's or a length's 32 bits; nearly all of them fit one byte.
    @inlinable @inline(__always)
    static func readVarint32(
        _ bytes: Span<UInt8>, at offset: inout Int
    ) throws(WireError) -> UInt32 {
        guard offset < bytes.count, bytes[offset] < 0x80 else {
            return try readLongVarint32(bytes, at: &offset)
        }
        offset += 1
        return UInt32(bytes[offset - 1])
    }

    /// At most five bytes, even when padded.
    @usableFromInline @inline(never)
    static func readLongVarint32(
        _ bytes: Span<UInt8>, at offset: inout Int
    ) throws(WireError) -> UInt32 {
        let start = offset
        var value: UInt32 = 0
        var shift: UInt32 = 0
        while offset < bytes.count {
            let byte = bytes[offset]
            guard shift < 28 || byte <= 0x0f else { throw WireError(.varintTooLong, at: start) }
            value |= UInt32(byte & 0x7f) << shift
            offset += 1
            if byte < 0x80 { return value }
            shift += 7
        }
        throw WireError(.truncated, at: start)
    }

    @usableFromInline
    static func validateUTF8(
        _ text: Span<UInt8>, at start: Int
    ) throws(WireError) {
        // Nearly everything that partners send is ASCII.
        guard !text.isASCII else { return }
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: text)
        } catch {
            throw WireError(.invalidUTF8, at: start + error.byteOffsets.lowerBound)
        }
    }

    @usableFromInline @inline(never)
    static func tagError(_ raw: UInt32, at start: Int) -> WireError {
        if raw >> 3 == 0 { return WireError(.fieldZero, at: start) }
        return WireError(raw & 7 < 5 ? .group : .unknownWireType, at: start)
    }
}
