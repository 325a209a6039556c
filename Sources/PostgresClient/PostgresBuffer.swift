// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// Bytes that grow up to a bound; what doesn't fit isn't written and sets `overflowed`.
///
/// The room stays when it is emptied, so a writer that is used again doesn't allocate.
@safe struct PostgresBuffer: ~Copyable {
    private var storage: UnsafeMutableRawPointer
    private var capacity: Int
    private let capacityMax: Int
    /// Bytes written.
    private(set) var count = 0
    /// True once something didn't fit.
    private(set) var overflowed = false

    init(capacity: Int = 1 << 12, capacityMax: Int) {
        precondition(capacity > 0 && capacity <= capacityMax)
        self.capacity = capacity
        self.capacityMax = capacityMax
        unsafe storage = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit { unsafe storage.deallocate() }

    /// Whether `byteCount` more fit, after growing if need be.
    private mutating func hasRoom(for byteCount: Int) -> Bool {
        if byteCount <= capacity - count { return true }
        guard !overflowed, byteCount <= capacityMax - count else {
            overflowed = true
            return false
        }
        let larger = min(capacityMax, max(capacity * 2, count + byteCount))
        let fresh = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        // SAFETY: the first `count` bytes of the old storage are written, and fit into the new one.
        unsafe fresh.copyMemory(from: storage, byteCount: count)
        unsafe storage.deallocate()
        unsafe storage = fresh
        capacity = larger
        return true
    }

    /// Appends an integer, most significant byte first.
    mutating func append<Value: FixedWidthInteger & BitwiseCopyable>(bigEndian value: Value) {
        guard hasRoom(for: MemoryLayout<Value>.size) else { return }
        // SAFETY: the room was checked; unaligned stores of a trivial type are allowed.
        unsafe storage.storeBytes(of: value.bigEndian, toByteOffset: count, as: Value.self)
        count += MemoryLayout<Value>.size
    }

    /// Appends all of `bytes`, or nothing.
    mutating func append(_ bytes: Span<UInt8>) {
        guard !bytes.isEmpty, hasRoom(for: bytes.count) else { return }
        unsafe bytes.withUnsafeBufferPointer { source in
            // SAFETY: the room was checked; a span that isn't empty has an address.
            unsafe storage.advanced(by: count).copyMemory(
                from: source.baseAddress!, byteCount: source.count)
        }
        count += bytes.count
    }

    /// Overwrites four bytes that were written.
    mutating func put(bigEndian value: Int32, at offset: Int) {
        precondition(offset >= 0 && offset + 4 <= count)
        // SAFETY: within what was written.
        unsafe storage.storeBytes(of: value.bigEndian, toByteOffset: offset, as: Int32.self)
    }

    /// Empties it and clears `overflowed`.
    mutating func removeAll() {
        count = 0
        overflowed = false
    }

    /// Lends what was written.
    borrowing func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let start = unsafe UnsafePointer(storage.assumingMemoryBound(to: UInt8.self))
        // SAFETY: the first `count` bytes are written and can't change while self is borrowed.
        return try body(unsafe Span(_unsafeStart: start, count: count))
    }
}
