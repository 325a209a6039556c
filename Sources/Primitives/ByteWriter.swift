// SPDX-License-Identifier: Apache-2.0

/// A buffer of fixed capacity that is written from front to back and never grows.
///
/// Writing beyond the capacity writes nothing and sets `overflowed`, which stays set until
/// `removeAll()`: a writer's caller checks once at the end and not at each step.
/// Not thread-safe; each loop has its own.
@safe public struct ByteWriter: ~Copyable {
    @usableFromInline let storage: UnsafeMutablePointer<UInt8>
    /// Bytes that fit.
    public let capacity: Int
    @usableFromInline var written = 0
    @usableFromInline var hasOverflowed = false
    /// Bytes written so far.
    @inlinable public var count: Int { written }
    /// True once something didn't fit.
    @inlinable public var overflowed: Bool { hasOverflowed }

    /// Allocates `capacity` bytes; the only allocation in the writer's life.
    public init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
        unsafe storage = .allocate(capacity: capacity)
        unsafe storage.initialize(repeating: 0, count: capacity)
    }

    deinit { unsafe storage.deallocate() }

    /// Reads or overwrites a byte that was written.
    @inlinable public subscript(_ index: Int) -> UInt8 {
        get {
            precondition(index >= 0 && index < count)
            // SAFETY: index < count <= capacity.
            return unsafe storage[index]
        }
        set {
            precondition(index >= 0 && index < count)
            // SAFETY: index < count <= capacity.
            unsafe storage[index] = newValue
        }
    }

    /// Appends one byte.
    @inlinable @inline(__always)
    public mutating func append(_ byte: UInt8) {
        guard count < capacity else { return hasOverflowed = true }
        // SAFETY: count < capacity.
        unsafe storage[count] = byte
        written += 1
    }

    /// Appends all of `bytes`, or nothing when they don't fit.
    @inlinable @inline(__always)
    public mutating func append(_ bytes: Span<UInt8>) {
        guard bytes.count <= capacity - count else { return hasOverflowed = true }
        guard !bytes.isEmpty else { return }
        unsafe bytes.withUnsafeBufferPointer { source in
            // SAFETY: the room was checked; a non-empty span has an address.
            unsafe ByteWriter.copy(
                source.baseAddress!, count: source.count, to: storage.advanced(by: count))
        }
        written += bytes.count
    }

    /// Copies as memmove does, so that a source within the buffer is fine too. Ids and codes, of 8 to
    /// 16 bytes, take two loads and two stores, where a call would take thirty instructions.
    @unsafe @inlinable @inline(__always)
    static func copy(
        _ source: UnsafePointer<UInt8>, count: Int, to target: UnsafeMutablePointer<UInt8>
    ) {
        guard count >= 8, count <= 16 else {
            return unsafe target.update(from: source, count: count)
        }
        let first = unsafe UnsafeRawPointer(source).loadUnaligned(as: UInt64.self)
        let last = unsafe UnsafeRawPointer(source)
            .loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
        unsafe UnsafeMutableRawPointer(target).storeBytes(of: first, as: UInt64.self)
        unsafe UnsafeMutableRawPointer(target)
            .storeBytes(of: last, toByteOffset: count - 8, as: UInt64.self)
    }

    /// Appends two bytes and all of `bytes`, or nothing when they don't fit: a short field with its
    /// tag and its length.
    @inlinable @inline(__always)
    public mutating func append(_ first: UInt8, _ second: UInt8, _ bytes: Span<UInt8>) {
        guard bytes.count + 2 <= capacity - count else { return hasOverflowed = true }
        // SAFETY: the room was checked.
        unsafe storage[count] = first
        unsafe storage[count + 1] = second
        written += 2
        append(bytes)
    }

    /// Appends the UTF-8 bytes of `text`.
    public mutating func append(_ text: StaticString) {
        guard text.utf8CodeUnitCount <= capacity - count else { return hasOverflowed = true }
        // SAFETY: a StaticString of ours is a literal with a pointer; the room was checked.
        unsafe storage.advanced(by: count).update(
            from: text.utf8Start, count: text.utf8CodeUnitCount)
        written += text.utf8CodeUnitCount
    }

    /// Appends an integer, least significant byte first.
    @inlinable @inline(__always)
    public mutating func append<Value: FixedWidthInteger & BitwiseCopyable>(
        littleEndian value: Value
    ) {
        let size = MemoryLayout<Value>.size
        guard size <= capacity - count else { return hasOverflowed = true }
        // SAFETY: the room was checked; unaligned stores of a trivial type are allowed.
        unsafe UnsafeMutableRawPointer(storage).storeBytes(
            of: value.littleEndian, toByteOffset: count, as: Value.self)
        written += size
    }

    /// Appends an integer in as few groups of 7 bits as it takes, lowest first, 1 to 10 bytes.
    @inlinable @inline(__always)
    public mutating func append(base128 value: UInt64) {
        var rest = value
        guard capacity - count >= 10 else {
            while rest >= 0x80 {
                append(UInt8(truncatingIfNeeded: rest) | 0x80)
                rest >>= 7
            }
            return append(UInt8(truncatingIfNeeded: rest))
        }
        var end = count
        // SAFETY: there is room for the ten bytes of the largest number.
        while rest >= 0x80 {
            unsafe storage[end] = UInt8(truncatingIfNeeded: rest) | 0x80
            end += 1
            rest >>= 7
        }
        unsafe storage[end] = UInt8(truncatingIfNeeded: rest)
        written = end + 1
    }

    /// Appends an id as its 16 bytes.
    @inlinable @inline(__always)
    public mutating func append(_ id: ClientID) {
        append(littleEndian: id.high.byteSwapped)
        append(littleEndian: id.low.byteSwapped)
    }

    /// Appends the decimal digits of `value`, with a minus sign when negative.
    public mutating func appendDecimal(_ value: Int64) {
        if value < 0 { append(0x2d) }
        appendDecimal(value.magnitude)
    }

    /// Appends the decimal digits of `value`.
    public mutating func appendDecimal(_ value: UInt64) {
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var first = 20
        var rest = value
        repeat {
            first -= 1
            digits[first] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        append(digits.span.extracting(first..<20))
    }

    /// Makes room for `width` zero bytes at `index` by moving what follows to the right.
    public mutating func insertGap(at index: Int, count width: Int) {
        precondition(index >= 0 && index <= count && width >= 0)
        guard width <= capacity - count else { return hasOverflowed = true }
        let start = unsafe storage.advanced(by: index)
        // SAFETY: index + (count - index) + width <= capacity; update(from:) is memmove.
        unsafe start.advanced(by: width).update(from: start, count: count - index)
        unsafe start.update(repeating: 0, count: width)
        written += width
    }

    /// Forgets what was written at and after `length`.
    public mutating func truncate(to length: Int) {
        precondition(length >= 0 && length <= count)
        written = length
    }

    /// Empties the buffer and clears `overflowed`.
    public mutating func removeAll() {
        written = 0
        hasOverflowed = false
    }

    /// Lends what was written to `body`.
    @inlinable @inline(__always)
    public borrowing func withBytes<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // SAFETY: the first `count` bytes are initialised and can't change while self is borrowed.
        try body(unsafe Span(_unsafeStart: UnsafePointer(storage), count: count))
    }
}
