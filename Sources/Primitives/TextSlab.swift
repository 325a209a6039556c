// SPDX-License-Identifier: Apache-2.0

private import CIntrinsics

/// Append-only bytes at fixed offsets: the texts of codes.
///
/// One writer at a time, under its owner's lock; any thread may read what was published to it
/// (`PublishedIndex`), without a lock.
@safe public struct TextSlab: ~Copyable, @unchecked Sendable {
    private let bytes: FixedTable<UInt8>

    /// Allocates room for `capacity` bytes.
    public init(capacity: Int) {
        bytes = FixedTable(capacity: capacity, repeating: 0)
    }

    /// Bytes that fit.
    public var capacity: Int { bytes.capacity }

    /// Writes `text` at `offset`; the caller made sure that it fits and that nobody reads there.
    public func write(_ text: Span<UInt8>, at offset: Int) {
        precondition(offset >= 0 && text.count <= capacity - offset)
        for index in 0..<text.count { bytes[offset + index] = text[index] }
    }

    /// Whether the bytes at `range` are those of `text`.
    public func matches(_ text: Span<UInt8>, at range: ByteRange) -> Bool {
        guard text.count == Int(range.count) else { return false }
        precondition(Int(range.start) <= capacity - text.count)
        guard !text.isEmpty else { return true }
        return unsafe text.withUnsafeBufferPointer { other in
            // SAFETY: both sides are `text.count` initialised bytes, as checked above.
            unsafe memcmp(&bytes[Int(range.start)], other.baseAddress!, other.count) == 0
        }
    }

    /// Appends the bytes at `range` to `writer`.
    public func copy(_ range: ByteRange, into writer: inout ByteWriter) {
        guard !range.isEmpty else { return }
        precondition(Int(range.start) <= capacity - Int(range.count))
        // SAFETY: the range lies in the slab, which outlives the call.
        let start = unsafe withUnsafePointer(to: &bytes[Int(range.start)]) { unsafe $0 }
        writer.append(unsafe Span(_unsafeStart: start, count: Int(range.count)))
    }
}
