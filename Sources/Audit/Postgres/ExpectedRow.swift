// SPDX-License-Identifier: Apache-2.0

/// A row that a table must have next.
struct ExpectedRow {
    var table: ComparedTable
    /// One for each column that is read (`TableForm`), those of the key included.
    var values: [TableValue]
    /// Its place in the table's order.
    var key: TableKey

    init(_ table: ComparedTable, _ key: TableKey, _ values: [TableValue]) {
        self.table = table
        self.key = key
        self.values = values
    }
}
