// SPDX-License-Identifier: Apache-2.0

/// Rows in the form that `COPY … FROM STDIN (FORMAT binary)` reads.
///
/// `beginRow`, then the row's fields in the order of the columns; when all rows are in, `finish`.
/// Beyond its bound nothing is written and `overflowed` is set: look once, at the end. One thread;
/// keeps its room when it is emptied.
public struct CopyWriter: ~Copyable, PostgresFields {
    private var buffer: PostgresBuffer
    private var fieldsLeft = 0
    private var isFinished = false
    /// Rows begun.
    public private(set) var rowCount = 0

    /// Makes it without rows.
    public init(byteCountMax: Int = PostgresLimits.writerByteCountMax) {
        buffer = PostgresBuffer(capacityMax: max(byteCountMax, 1 << 12))
        begin()
    }

    /// Every stream begins with `PGCOPY\n\xff\r\n\0`, no flags and an extension of 0 bytes.
    private mutating func begin() {
        buffer.append(bigEndian: 0x5047_434f_5059_0aff as UInt64)
        buffer.append(bigEndian: 0x0d0a as UInt16)
        buffer.append(bigEndian: 0 as UInt8)
        buffer.append(bigEndian: 0 as UInt64)
    }

    /// True once something didn't fit; the bytes are of no use then.
    public var overflowed: Bool { buffer.overflowed }
    /// Bytes so far, with those that every stream begins with.
    public var byteCount: Int { buffer.count }

    /// Begins a row of that many fields. The row before must have got all of its.
    public mutating func beginRow(fields: Int) {
        precondition(fieldsLeft == 0)
        precondition(!isFinished)
        buffer.append(bigEndian: Int16(fields))
        fieldsLeft = fields
        rowCount += 1
    }

    /// Begins a field; see `PostgresFields`.
    public mutating func beginField(_ byteCount: Int32) {
        precondition(fieldsLeft > 0)
        fieldsLeft -= 1
        buffer.append(bigEndian: byteCount)
    }

    /// Continues a field; see `PostgresFields`.
    public mutating func continueField<Value: FixedWidthInteger & BitwiseCopyable>(
        _ value: Value
    ) {
        buffer.append(bigEndian: value)
    }

    /// Continues a field; see `PostgresFields`.
    public mutating func continueField(_ bytes: Span<UInt8>) {
        buffer.append(bytes)
    }

    /// Says that there are no more rows. Once, before the bytes are lent.
    public mutating func finish() {
        precondition(fieldsLeft == 0)
        precondition(!isFinished)
        buffer.append(bigEndian: -1 as Int16)
        isFinished = true
    }

    /// Forgets all rows and begins anew.
    public mutating func removeAll() {
        buffer.removeAll()
        fieldsLeft = 0
        rowCount = 0
        isFinished = false
        begin()
    }

    /// Lends the stream, which must be finished.
    public borrowing func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(isFinished)
        return try buffer.withBytes(body)
    }
}
