// SPDX-License-Identifier: Apache-2.0

/// What stands before each protobuf field: its number and how its value is written.
///
/// A known field is recognised by its whole tag. A known number with another wire type is thereby
/// an unknown field and is skipped, as every protobuf library does it.
public struct FieldTag: Hashable, Sendable, BitwiseCopyable {
    /// How a value is written.
    public enum WireType: UInt8, Sendable, BitwiseCopyable {
        /// Seven bits a byte, lowest first.
        case varint = 0
        /// Eight bytes.
        case fixed64 = 1
        /// A length and that many bytes.
        case lengthDelimited = 2
        /// Four bytes.
        case fixed32 = 5
    }

    /// Number and wire type as on the wire.
    public let rawValue: UInt32

    /// The highest field number there is.
    public static var fieldNumberMax: UInt32 { 1 << 29 - 1 }

    /// Reads a tag's value; nil for the wire types 3, 4 (groups), 6 and 7 (nothing), and number 0.
    @inlinable @inline(__always)
    public init?(rawValue: UInt32) {
        // One bit per wire type that there is: 0, 1, 2 and 5.
        guard 0b10_0111 >> (rawValue & 7) & 1 == 1, rawValue >> 3 > 0 else { return nil }
        self.rawValue = rawValue
    }

    @inlinable
    init(_ number: UInt32, _ wireType: WireType) {
        rawValue = number << 3 | UInt32(wireType.rawValue)
    }

    /// The tag of an integer or enum field.
    @inlinable
    public static func varint(_ number: UInt32) -> FieldTag { FieldTag(number, .varint) }

    /// The tag of a string, bytes or message field.
    @inlinable
    public static func lengthDelimited(_ number: UInt32) -> FieldTag {
        FieldTag(number, .lengthDelimited)
    }

    /// The field's number, 1 to 2^29 - 1.
    public var number: UInt32 { rawValue >> 3 }

    /// How the field's value is written.
    public var wireType: WireType {
        switch rawValue & 7 {
        case 0: .varint
        case 1: .fixed64
        case 2: .lengthDelimited
        default: .fixed32  // the initialisers let nothing else in
        }
    }
}
