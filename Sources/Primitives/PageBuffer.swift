// SPDX-License-Identifier: Apache-2.0

internal import CIntrinsics

/// Bytes at a fixed address, zeroed and touched once: what is read from and written to files.
///
/// Memory and nothing more, like `FixedTable`: who may touch which part when is its owner's rule.
@safe public struct PageBuffer: ~Copyable, @unchecked Sendable {
    private let bytes: UnsafeMutablePointer<UInt8>
    /// Bytes in it.
    public let count: Int

    /// Allocates `count` zero bytes.
    public init(count: Int) {
        precondition(count > 0)
        self.count = count
        // SAFETY: as in FixedTable: bound once, initialised whole, freed in deinit.
        let raw = unsafe stockade_allocate_table(count)!
        unsafe bytes = raw.bindMemory(to: UInt8.self, capacity: count)
        unsafe stockade_zero(bytes, count)
    }

    deinit { unsafe free(bytes) }

    /// Overwrites what lies at `offset` with all of `source`.
    public func write(_ source: Span<UInt8>, at offset: Int) {
        precondition(offset >= 0 && source.count <= count - offset)
        guard !source.isEmpty else { return }
        unsafe source.withUnsafeBufferPointer { source in
            // SAFETY: the room was checked; a non-empty span has an address.
            unsafe bytes.advanced(by: offset).update(from: source.baseAddress!, count: source.count)
        }
    }

    /// Overwrites what lies at `offset` with an integer, least significant byte first.
    public func store<Value: FixedWidthInteger & BitwiseCopyable>(
        littleEndian value: Value, at offset: Int
    ) {
        precondition(offset >= 0 && MemoryLayout<Value>.size <= count - offset)
        // SAFETY: the room was checked; unaligned stores of a trivial type are allowed.
        unsafe UnsafeMutableRawPointer(bytes).storeBytes(
            of: value.littleEndian, toByteOffset: offset, as: Value.self)
    }

    /// Zeroes a range.
    public func clear(_ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        // SAFETY: the range was checked.
        unsafe stockade_zero(bytes.advanced(by: range.lowerBound), range.count)
    }

    /// Moves a range to the front.
    public func moveToFront(_ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        // SAFETY: both ranges lie within the buffer; update(from:) is memmove.
        unsafe bytes.update(from: bytes.advanced(by: range.lowerBound), count: range.count)
    }

    /// Lends a range to `body`.
    public func withBytes<Result, Failure: Error>(
        _ range: Range<Int>, _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        // SAFETY: the range was checked; all bytes are initialised. That nobody changes them
        // meanwhile is the owner's rule.
        return try body(
            unsafe Span(
                _unsafeStart: UnsafePointer(bytes.advanced(by: range.lowerBound)),
                count: range.count))
    }

    /// Lends a range's address to `body`, for a system call that fills or reads it.
    @unsafe public func withAddress<Result>(
        _ range: Range<Int>, _ body: (UnsafeMutableRawPointer) -> Result
    ) -> Result {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        return unsafe body(UnsafeMutableRawPointer(bytes.advanced(by: range.lowerBound)))
    }
}
