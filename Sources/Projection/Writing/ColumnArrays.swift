// SPDX-License-Identifier: Apache-2.0

internal import PostgresClient

/// Rows as an array for each column, for `unnest`. One thread; keeps its room when it is emptied.
struct ColumnArrays: ~Copyable, RowSink {
    private final class Column {
        var writer: ArrayWriter

        init(_ type: PostgresType) { writer = ArrayWriter(of: type) }
    }

    private let columns: [Column]
    private var next = 0
    private var current: Column

    /// Makes them empty.
    init(_ types: [PostgresType]) {
        precondition(!types.isEmpty)
        columns = types.map { Column($0) }
        current = columns[0]
    }

    mutating func beginRow(fields: Int) {
        precondition(fields == columns.count && (next == 0 || next == columns.count))
        next = 0
    }

    mutating func beginField(_ byteCount: Int32) {
        current = columns[next]
        next += 1
        current.writer.beginField(byteCount)
    }

    mutating func continueField<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) {
        current.writer.continueField(value)
    }

    mutating func continueField(_ bytes: Span<UInt8>) {
        current.writer.continueField(bytes)
    }

    /// The arrays as a statement's values, and empties them.
    mutating func take() -> [PostgresValue] {
        next = 0
        return columns.map { column in
            defer { column.writer.removeAll() }
            return .array(column.writer)
        }
    }
}
