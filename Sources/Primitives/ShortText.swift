// SPDX-License-Identifier: Apache-2.0

private import CIntrinsics

/// Up to 30 bytes of text within a table's row, so that comparing it costs no further cache line.
public struct ShortText: Sendable, BitwiseCopyable {
    /// Bytes that fit.
    public static let capacity = 30

    private var bytes = InlineArray<30, UInt8>(repeating: 0)

    /// No text.
    public init() {}

    /// Copies `text`, which must fit.
    public init(_ text: Span<UInt8>) {
        precondition(text.count <= ShortText.capacity)
        for index in 0..<text.count { bytes[index] = text[index] }
    }

    /// Whether the first `text.count` bytes are those of `text`. The caller compares the lengths.
    public func matches(_ text: Span<UInt8>) -> Bool {
        guard text.count <= ShortText.capacity else { return false }
        guard !text.isEmpty else { return true }
        return unsafe bytes.span.withUnsafeBufferPointer { own in
            unsafe text.withUnsafeBufferPointer { other in
                // SAFETY: both have at least `other.count` bytes, and neither is empty.
                unsafe stockade_are_equal(own.baseAddress!, other.baseAddress!, other.count) != 0
            }
        }
    }

    /// Appends the first `count` bytes.
    public func copy(count: Int, into writer: inout ByteWriter) {
        writer.append(bytes.span.extracting(0..<count))
    }
}
