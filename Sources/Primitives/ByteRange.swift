// SPDX-License-Identifier: Apache-2.0

/// Where some bytes lie within a buffer that somebody else holds: 32-bit, so messages stay small.
public struct ByteRange: Hashable, Sendable, BitwiseCopyable {
    /// Index of the first byte.
    public var start: UInt32
    /// Number of bytes.
    public var count: UInt32

    /// No bytes: what an absent field has.
    public static let empty = ByteRange(start: 0, count: 0)

    /// Makes a range from its first byte and its length.
    public init(start: UInt32, count: UInt32) {
        self.start = start
        self.count = count
    }

    /// True when the range has no bytes.
    @inlinable public var isEmpty: Bool { count == 0 }

    /// The range as indices of a span.
    @inlinable public var indices: Range<Int> { Int(start)..<Int(start) + Int(count) }
}
