// SPDX-License-Identifier: Apache-2.0

private import CPostgres
public import Primitives

/// The rows that a query gave, in binary form; freed with the value.
///
/// A row or column that isn't there, or isn't of a type that fits, throws `unexpected`.
@safe public struct PostgresRows: ~Copyable {
    private let raw: OpaquePointer
    /// How many.
    public let count: Int
    /// Columns of each.
    public let columnCount: Int

    init(owning raw: OpaquePointer) {
        unsafe self.raw = raw
        // SAFETY: a result that was handed over; it lives until deinit.
        count = Int(unsafe PQntuples(raw))
        columnCount = Int(unsafe PQnfields(raw))
    }

    deinit {
        // SAFETY: ours, and not used after this.
        unsafe PQclear(raw)
    }

    /// Whether there is no value, or no such row or column.
    public func isNull(_ row: Int, _ column: Int) -> Bool {
        guard isThere(row, column) else { return true }
        // SAFETY: within the result.
        return unsafe PQgetisnull(raw, Int32(row), Int32(column)) != 0
    }

    /// A whole number of 16, 32 or 64 bits; nil: null.
    public func integer(_ row: Int, _ column: Int) throws(PostgresError) -> Int64? {
        let type = type(column)
        return try field(row, column, type == .int2 || type == .int4 || type == .int8) { bytes in
            switch bytes.count {
            case 2: Int64(Int16(truncatingIfNeeded: PostgresRows.word(bytes, 0, 2)))
            case 4: Int64(Int32(truncatingIfNeeded: PostgresRows.word(bytes, 0, 4)))
            case 8: Int64(bitPattern: PostgresRows.word(bytes, 0, 8))
            default: nil
            }
        }
    }

    /// True or false; nil: null.
    public func bool(_ row: Int, _ column: Int) throws(PostgresError) -> Bool? {
        try field(row, column, type(column) == .bool) { bytes in
            bytes.count == 1 ? bytes[0] != 0 : nil
        }
    }

    /// Text; nil: null.
    public func text(_ row: Int, _ column: Int) throws(PostgresError) -> String? {
        // 19 and 705: names of Postgres's own tables, and texts without a type.
        let fits = type(column) == .text || [19, 705].contains(typeNumber(column))
        return try field(row, column, fits) { bytes in
            unsafe bytes.withUnsafeBufferPointer { buffer in
                // SAFETY: copied during the call.
                unsafe String(decoding: buffer, as: UTF8.self)
            }
        }
    }

    /// Bytes; nil: null.
    public func bytea(_ row: Int, _ column: Int) throws(PostgresError) -> [UInt8]? {
        try field(row, column, type(column) == .bytea) { bytes in
            // SAFETY: copied during the call.
            unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
        }
    }

    /// 16 bytes; nil: null.
    public func uuid(_ row: Int, _ column: Int) throws(PostgresError) -> ClientID? {
        try field(row, column, type(column) == .uuid) { bytes in
            guard bytes.count == ClientID.byteCount else { return nil }
            return ClientID(
                high: PostgresRows.word(bytes, 0, 8), low: PostgresRows.word(bytes, 8, 8))
        }
    }

    /// A moment; nil: null.
    public func timestamptz(_ row: Int, _ column: Int) throws(PostgresError) -> WallTime? {
        try field(row, column, type(column) == .timestamptz) { bytes in
            guard bytes.count == 8 else { return nil }
            return PostgresTime.wallTime(
                microseconds: Int64(bitPattern: PostgresRows.word(bytes, 0, 8)))
        }
    }

    /// A moment exactly as it is stored, in microseconds since 2000-01-01T00:00:00Z; nil: null.
    public func microseconds(_ row: Int, _ column: Int) throws(PostgresError) -> Int64? {
        try field(row, column, type(column) == .timestamptz) { bytes in
            bytes.count == 8 ? Int64(bitPattern: PostgresRows.word(bytes, 0, 8)) : nil
        }
    }

    /// A number without a fraction or a sign, as `append(numeric:)` writes them; nil: null.
    public func numeric(_ row: Int, _ column: Int) throws(PostgresError) -> UInt64? {
        guard
            let bytes = try field(
                row, column, type(column) == .numeric,
                { bytes in
                    (0..<bytes.count / 2).map { PostgresRows.word(bytes, 2 * $0, 2) }
                })
        else { return nil }
        // Digits, the highest one's power of 10,000, a sign, digits behind the point.
        guard bytes.count >= 4, bytes[0] == UInt64(bytes.count - 4), bytes[2] == 0 else {
            throw PostgresError(.unexpected, "column \(column + 1) isn't a number of that form")
        }
        var value: UInt64 = 0
        for place in 0..<max(Int(bytes[0]), Int(bytes[1]) + 1) where bytes[0] > 0 {
            let digit = place < Int(bytes[0]) ? bytes[4 + place] : 0
            let (product, tooLarge) = value.multipliedReportingOverflow(by: 10_000)
            let (sum, tooLargeStill) = product.addingReportingOverflow(digit)
            guard !tooLarge, !tooLargeStill, place <= Int(bytes[1]) else {
                throw PostgresError(.unexpected, "column \(column + 1) is no 64-bit number")
            }
            value = sum
        }
        return value
    }

    private func isThere(_ row: Int, _ column: Int) -> Bool {
        row >= 0 && row < count && column >= 0 && column < columnCount
    }

    /// 0: no such column.
    private func typeNumber(_ column: Int) -> UInt32 {
        guard column >= 0, column < columnCount else { return 0 }
        // SAFETY: within the result.
        return unsafe PQftype(raw, Int32(column))
    }

    private func type(_ column: Int) -> PostgresType? {
        PostgresType(rawValue: typeNumber(column))
    }

    /// The bytes of a field to `read`, which answers nil when they aren't of its type's form; nil:
    /// null.
    private func field<Value>(
        _ row: Int, _ column: Int, _ fits: Bool, _ read: (Span<UInt8>) -> Value?
    ) throws(PostgresError) -> Value? {
        guard row >= 0, row < count else {
            throw PostgresError(.unexpected, "\(count) rows, and row \(row + 1) was expected")
        }
        guard fits else {
            throw PostgresError(
                .unexpected, "column \(column + 1) has type \(typeNumber(column))")
        }
        if isNull(row, column) { return nil }
        // SAFETY: within the result; libpq's bytes live as long as it does.
        let length = Int(unsafe PQgetlength(raw, Int32(row), Int32(column)))
        guard let start = unsafe PQgetvalue(raw, Int32(row), Int32(column)) else { return nil }
        let bytes = unsafe UnsafeRawPointer(start).assumingMemoryBound(to: UInt8.self)
        guard let value = read(unsafe Span(_unsafeStart: bytes, count: length)) else {
            throw PostgresError(.unexpected, "column \(column + 1) has \(length) bytes")
        }
        return value
    }

    private static func word(_ bytes: Span<UInt8>, _ start: Int, _ count: Int) -> UInt64 {
        var word: UInt64 = 0
        for index in start..<start + count { word = word << 8 | UInt64(bytes[index]) }
        return word
    }
}
