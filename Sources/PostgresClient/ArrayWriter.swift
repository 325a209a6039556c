// SPDX-License-Identifier: Apache-2.0

/// An array of one dimension in Postgres's binary form: a column of `unnest($1::int8[], …)`.
///
/// Append elements by the label of its type, or nulls. Beyond its bound nothing is written and
/// `overflowed` is set: look once, at the end. One thread; keeps its room when it is emptied.
public struct ArrayWriter: ~Copyable, PostgresFields {
    private var buffer: PostgresBuffer
    private var hasNull = false
    /// Of what it is an array.
    public let element: PostgresType
    /// Elements so far.
    public private(set) var count = 0

    /// Makes it empty.
    public init(of element: PostgresType, byteCountMax: Int = PostgresLimits.writerByteCountMax) {
        self.element = element
        buffer = PostgresBuffer(capacityMax: max(byteCountMax, 1 << 12))
        begin()
    }

    private mutating func begin() {
        // Dimensions, whether there are nulls, the elements' type, how many, from which number on.
        buffer.append(bigEndian: 0 as Int32)
        buffer.append(bigEndian: 0 as Int32)
        buffer.append(bigEndian: element.rawValue)
        buffer.append(bigEndian: 0 as Int32)
        buffer.append(bigEndian: 1 as Int32)
    }

    /// True once something didn't fit; the bytes are of no use then.
    public var overflowed: Bool { buffer.overflowed }
    /// Bytes so far.
    public var byteCount: Int { buffer.count }

    /// Begins an element; see `PostgresFields`.
    public mutating func beginField(_ byteCount: Int32) {
        if byteCount < 0, !hasNull {
            hasNull = true
            buffer.put(bigEndian: 1, at: 4)
        }
        buffer.append(bigEndian: byteCount)
        if count == 0 { buffer.put(bigEndian: 1, at: 0) }
        count += 1
        buffer.put(bigEndian: Int32(count), at: 12)
    }

    /// Continues an element; see `PostgresFields`.
    public mutating func continueField<Value: FixedWidthInteger & BitwiseCopyable>(
        _ value: Value
    ) {
        buffer.append(bigEndian: value)
    }

    /// Continues an element; see `PostgresFields`.
    public mutating func continueField(_ bytes: Span<UInt8>) {
        buffer.append(bytes)
    }

    /// Forgets all elements.
    public mutating func removeAll() {
        buffer.removeAll()
        hasNull = false
        count = 0
        begin()
    }

    /// Lends the array. An empty one has no dimension, and ends before their list.
    public borrowing func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let end = count == 0 ? 12 : buffer.count
        return try buffer.withBytes { (bytes) throws(Failure) in
            try body(bytes.extracting(0..<end))
        }
    }
}
