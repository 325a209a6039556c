// SPDX-License-Identifier: Apache-2.0

/// Bytes that aren't the message they should be: the peer's fault, and where it lies.
public struct WireError: Error, Equatable, BitwiseCopyable {
    /// What is wrong with the bytes.
    public enum Code: UInt8, CaseIterable, Sendable, BitwiseCopyable {
        /// A value goes on beyond the end of its message.
        case truncated
        /// A varint of more bits than its type has: 64, or 32 for tags and lengths.
        case varintTooLong
        /// A field numbered 0.
        case fieldZero
        /// A group, which proto3 doesn't have.
        case group
        /// One of the two wire types that mean nothing.
        case unknownWireType
        /// A `string` that isn't UTF-8.
        case invalidUTF8
    }

    /// What is wrong.
    public let code: Code
    /// Offset, from the start of the bytes that were given, of the first byte of the tag, length or
    /// value that is wrong; of the first bad byte where text isn't UTF-8.
    public let byteOffset: UInt32

    /// Makes an error for what begins at `offset`.
    public init(_ code: Code, at offset: Int) {
        self.code = code
        byteOffset = UInt32(truncatingIfNeeded: offset)
    }

    /// What is wrong, in words for an error text.
    public var explanation: StaticString {
        switch code {
        case .truncated: "a value goes on beyond the end"
        case .varintTooLong: "a varint is too long"
        case .fieldZero: "a field has the number 0"
        case .group: "a group isn't allowed"
        case .unknownWireType: "a wire type is unknown"
        case .invalidUTF8: "a string isn't UTF-8"
        }
    }
}
