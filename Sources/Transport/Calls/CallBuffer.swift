// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import Wire

/// The bytes of one call: its slot's own, or a block from the heap once they don't fit.
///
/// Belongs to one slot, which empties it before it is used again; that is why it may be a plain
/// value with a pointer inside.
@safe struct CallBuffer: BitwiseCopyable {
    private let inline: UnsafeMutablePointer<UInt8>
    private var bytes: UnsafeMutablePointer<UInt8>
    private(set) var capacity: Int
    private(set) var count = 0

    /// A buffer over the `Limits.inlineMessageBytes` bytes at `inline`, which outlive it.
    init(inline: UnsafeMutablePointer<UInt8>) {
        unsafe self.inline = inline
        unsafe bytes = inline
        capacity = Limits.inlineMessageBytes
    }

    /// Bytes taken from the heap; 0 for the calls of usual size.
    var heapBytes: Int { capacity > Limits.inlineMessageBytes ? capacity : 0 }

    /// Makes room for `total` bytes in all, keeping what is there. Grows by doubling, so a peer pays
    /// with bytes of its own for at least half of what we take.
    mutating func reserve(_ total: Int) {
        guard total > capacity else { return }
        var larger = capacity
        while larger < total { larger *= 2 }
        let block = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        // SAFETY: `count` bytes are initialised in the old place and fit the new one.
        unsafe block.initialize(from: bytes, count: count)
        freeHeapBlock()
        unsafe bytes = block
        capacity = larger
    }

    /// Appends bytes that the caller has reserved room for.
    @inline(__always)
    mutating func append(_ source: Span<UInt8>) {
        let length = source.count
        precondition(length <= capacity - count)
        guard length > 0 else { return }
        unsafe source.withUnsafeBufferPointer {
            // SAFETY: the room was checked; a non-empty span has an address; buffers don't overlap.
            unsafe bytes.advanced(by: count).update(from: $0.baseAddress!, count: length)
        }
        count += length
    }

    /// Makes `message` with its prefix the content.
    @inline(__always)
    mutating func setMessage(_ message: Span<UInt8>) {
        count = 0
        reserve(MessagePrefix.byteCount + message.count)
        let length = UInt32(message.count)
        let prefix: InlineArray<5, UInt8> = [
            0, UInt8(truncatingIfNeeded: length >> 24), UInt8(truncatingIfNeeded: length >> 16),
            UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length),
        ]
        append(prefix.span)
        append(message)
    }

    /// Forgets the content, not the room.
    mutating func removeAll() {
        count = 0
    }

    /// Gives heap room back and forgets the content.
    @inline(__always)
    mutating func reset() {
        count = 0
        guard capacity > Limits.inlineMessageBytes else { return }
        freeHeapBlock()
        unsafe bytes = inline
        capacity = Limits.inlineMessageBytes
    }

    /// Copies the bytes of `range` to `target`, which has room for them.
    @inline(__always)
    func copy(_ range: Range<Int>, to target: UnsafeMutablePointer<UInt8>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        // SAFETY: the range is initialised; the caller vouches for the target.
        unsafe target.update(from: bytes.advanced(by: range.lowerBound), count: range.count)
    }

    /// The address of the first byte: for nghttp2, which copies at once.
    var start: UnsafeMutablePointer<UInt8> { unsafe bytes }

    /// The bytes at and after `offset`, lent to `body`.
    @inline(__always)
    func withBytes<Result>(from offset: Int, _ body: (Span<UInt8>) -> Result) -> Result {
        precondition(offset <= count)
        // SAFETY: `count` bytes are initialised and stay until the buffer is changed.
        return body(
            unsafe Span(_unsafeStart: UnsafePointer(bytes + offset), count: count - offset))
    }

    private func freeHeapBlock() {
        if capacity > Limits.inlineMessageBytes { unsafe bytes.deallocate() }
    }
}
