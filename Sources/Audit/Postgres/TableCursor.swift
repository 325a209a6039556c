// SPDX-License-Identifier: Apache-2.0

internal import PostgresClient

/// A table's rows one after the other, fetched some thousand at a time.
final class TableCursor {
    let form: TableForm
    private var rows: PostgresRows
    private var row = 0
    /// Of the present row; nil at the end.
    private(set) var key: TableKey?
    /// Rows that were passed.
    private(set) var rowCount: UInt64 = 0

    /// Opens it, within a transaction.
    init(_ form: TableForm, _ connection: inout PostgresConnection) throws(PostgresError) {
        self.form = form
        let query = "DECLARE \(form.name) NO SCROLL CURSOR FOR \(form.query)"
        try connection.execute(query, timeout: AuditLimits.fetchTimeout)
        rows = try TableCursor.fetch(form, &connection)
        try readKey()
    }

    private static func fetch(
        _ form: TableForm, _ connection: inout PostgresConnection
    ) throws(PostgresError) -> PostgresRows {
        // The first one waits until the server has sorted the table.
        try connection.query(
            "FETCH FORWARD \(AuditLimits.rowsFetched) FROM \(form.name)",
            timeout: AuditLimits.fetchTimeout)
    }

    /// Goes to the next row.
    func advance(_ connection: inout PostgresConnection) throws(PostgresError) {
        guard key != nil else { return }
        row += 1
        rowCount += 1
        if row == rows.count {
            rows = try TableCursor.fetch(form, &connection)
            row = 0
        }
        try readKey()
    }

    private func readKey() throws(PostgresError) {
        guard row < rows.count else {
            key = nil
            return
        }
        key = TableKey(
            try rows.integer(row, 0), form.keyCount > 1 ? try rows.integer(row, 1) : 0,
            form.keyCount > 2 ? try rows.integer(row, 2) : 0,
            text: form.hasTextKey ? try rows.text(row, form.keyCount) ?? "" : "")
    }

    /// A field of the present row.
    func value(_ column: Int) throws(PostgresError) -> TableValue {
        switch form.columns[column].form {
        case .integer: try rows.integer(row, column).map(TableValue.integer) ?? .null
        case .bool: try rows.bool(row, column).map(TableValue.bool) ?? .null
        case .text: try rows.text(row, column).map(TableValue.text) ?? .null
        case .id: try rows.uuid(row, column).map(TableValue.id) ?? .null
        case .time: try rows.microseconds(row, column).map(TableValue.time) ?? .null
        }
    }
}
