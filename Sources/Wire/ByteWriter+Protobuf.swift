// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// Writes protobuf. Called in the order of the field numbers, this makes the bytes that Google's
/// libraries make of the same message. What doesn't fit sets `overflowed`; the bytes are useless
/// then. Nothing allocates.
extension ByteWriter {
    /// Writes `value` in as few bytes as it takes: 1 to 10.
    @inlinable @inline(__always)
    public mutating func appendVarint(_ value: UInt64) {
        append(base128: value)
    }

    /// Writes an unsigned field, or nothing when it is 0, the default.
    @inlinable @inline(__always)
    public mutating func appendField(_ number: UInt32, _ value: UInt64) {
        guard value != 0 else { return }
        appendPresentField(number, value)
    }

    /// Writes a signed field, or nothing when it is 0, the default.
    @inlinable @inline(__always)
    public mutating func appendField(_ number: UInt32, _ value: Int64) {
        appendField(number, UInt64(bitPattern: value))
    }

    /// Writes a bool field, or nothing when it is false, the default.
    public mutating func appendField(_ number: UInt32, _ value: Bool) {
        appendField(number, UInt64(value ? 1 : 0))
    }

    /// Writes an enum field, or nothing when it is 0, the default.
    @inlinable @inline(__always)
    public mutating func appendField<Known>(_ number: UInt32, _ value: OpenEnum<Known>) {
        appendField(number, Int64(value.rawValue))
    }

    /// Writes an `optional` unsigned field: a 0 too, but nothing when it is absent.
    public mutating func appendField(_ number: UInt32, ifPresent value: UInt64?) {
        guard let value else { return }
        appendPresentField(number, value)
    }

    /// Writes a string or bytes field, or nothing when it is empty, the default.
    ///
    /// - Parameters:
    ///   - number: the field's number.
    ///   - range: where the text lies; within `texts`.
    ///   - texts: the bytes that the message's ranges point into.
    @inlinable @inline(__always)
    public mutating func appendField(
        _ number: UInt32, _ range: ByteRange, of texts: Span<UInt8>
    ) {
        guard !range.isEmpty else { return }
        appendPresentField(number, texts.extracting(range.indices))
    }

    /// Writes a string or bytes field, even when it is empty, as members of a map are.
    @inlinable @inline(__always)
    public mutating func appendPresentField(_ number: UInt32, _ value: Span<UInt8>) {
        let tag = FieldTag.lengthDelimited(number).rawValue
        if tag < 0x80, value.count < 0x80 {
            return append(UInt8(tag), UInt8(value.count), value)
        }
        appendVarint(UInt64(tag))
        appendVarint(UInt64(value.count))
        append(value)
    }

    /// Writes a string field whose text is known when this is compiled.
    public mutating func appendPresentField(_ number: UInt32, _ value: StaticString) {
        appendVarint(UInt64(FieldTag.lengthDelimited(number).rawValue))
        appendVarint(UInt64(value.utf8CodeUnitCount))
        append(value)
    }

    @inlinable @inline(__always)
    mutating func appendPresentField(_ number: UInt32, _ value: UInt64) {
        appendVarint(UInt64(FieldTag.varint(number).rawValue))
        appendVarint(value)
    }

    /// Begins a message field: what is written until `endMessage` is its content.
    @inlinable @inline(__always)
    public mutating func beginMessage(_ number: UInt32) -> OpenMessage {
        appendVarint(UInt64(FieldTag.lengthDelimited(number).rawValue))
        append(0)
        return OpenMessage(bodyStart: count)
    }

    /// Ends a message field that is known to have fewer than 128 bytes.
    @inlinable @inline(__always)
    public mutating func endShortMessage(_ message: OpenMessage) {
        guard !overflowed else { return }
        let length = count - message.bodyStart
        precondition(length < 0x80, "a longer message moves to make room for its length")
        self[message.bodyStart - 1] = UInt8(truncatingIfNeeded: length)
    }

    /// Ends a message field by writing its length before it.
    ///
    /// - Complexity: O(1) below 128 bytes, which most messages stay; else the content moves up by
    ///   the length's further bytes.
    public mutating func endMessage(_ message: OpenMessage) {
        guard !overflowed else { return }
        let length = count - message.bodyStart
        guard length >= 0x80 else {
            self[message.bodyStart - 1] = UInt8(length)
            return
        }
        let width = (UInt64.bitWidth - UInt64(length).leadingZeroBitCount + 6) / 7
        insertGap(at: message.bodyStart, count: width - 1)
        guard !overflowed else { return }
        var rest = length
        for index in message.bodyStart - 1..<message.bodyStart + width - 2 {
            self[index] = UInt8(rest & 0x7f) | 0x80
            rest >>= 7
        }
        self[message.bodyStart + width - 2] = UInt8(rest)
    }
}
