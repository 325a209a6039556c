// SPDX-License-Identifier: Apache-2.0

/// A table as it is read here: which columns, and in which order of rows. Stated once more and not
/// shared with the writer, like the values in them.
struct TableForm: Sendable {
    struct Column: Sendable {
        var name: String
        var form: TableValue.Form

        init(_ name: String, _ form: TableValue.Form) {
            self.name = name
            self.form = form
        }
    }

    var name: String
    /// The first ones name the row's place in the order, all of them whole numbers.
    var columns: [Column]
    /// How many of them do, at most three.
    var keyCount: Int
    /// Whether the column behind them, a text, does too.
    var hasTextKey = false
    /// How many name the row for people.
    var nameCount: Int
    /// Selects the columns in their order; rows in the order of the key, nulls last.
    var query: String

    /// Names a row by its first columns.
    func name(_ values: [TableValue]) -> String {
        zip(columns, values).prefix(nameCount).map { "\($0.name) \($1.description)" }
            .joined(separator: ", ")
    }
}

/// The tables that are compared.
enum ComparedTable: Int, CaseIterable {
    case codes, stock, movements, outcomes, reservations, reservationLines, orders, orderLines
    case orderEvents

    var form: TableForm {
        switch self {
        case .codes: .codes
        case .stock: .stock
        case .movements: .movements
        case .outcomes: .outcomes
        case .reservations: .reservations
        case .reservationLines: .reservationLines
        case .orders: .orders
        case .orderLines: .orderLines
        case .orderEvents: .orderEvents
        }
    }
}
