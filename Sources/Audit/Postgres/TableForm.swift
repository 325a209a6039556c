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
        }
    }
}

extension TableForm {
    static let codes = TableForm(
        name: "codes",
        columns: [
            Column("seq", .integer), Column("number", .integer), Column("kind", .integer),
            Column("brand_number", .integer), Column("text", .text),
        ],
        keyCount: 2, nameCount: 2,
        query: """
            SELECT seq, number, kind, nullif(brand_number, 0), text
            FROM stockade.codes ORDER BY seq, number
            """)

    static let stock = TableForm(
        name: "stock",
        columns: [
            Column("account", .integer), Column("brand", .text), Column("sku", .text),
            Column("warehouse", .text), Column("on_hand", .integer), Column("held", .integer),
            Column("allocated", .integer), Column("safety", .integer),
            Column("version", .integer), Column("source_version", .text),
            Column("seq", .integer), Column("changed_at", .time),
        ],
        keyCount: 1, nameCount: 4,
        query: """
            SELECT account, brand, sku, warehouse, on_hand, held, allocated, safety, version,
                nullif(source_version, 0)::text, seq, changed_at
            FROM stockade.stock ORDER BY account
            """)

    static let movements = TableForm(
        name: "movements",
        columns: [
            Column("seq", .integer), Column("line", .integer), Column("at", .time),
            Column("kind", .text), Column("brand", .text), Column("sku", .text),
            Column("warehouse", .text), Column("on_hand_change", .integer),
            Column("held_change", .integer), Column("allocated_change", .integer),
            Column("reference", .id),
        ],
        keyCount: 2, nameCount: 2,
        query: """
            SELECT seq, line, at, kind, brand, sku, warehouse, on_hand_change, held_change,
                allocated_change, reference
            FROM stockade.movements ORDER BY seq, line, at
            """)

    static let outcomes = TableForm(
        name: "outcomes",
        columns: [
            Column("seq", .integer), Column("brand", .text), Column("request_id", .id),
            Column("call", .text), Column("sku", .text), Column("warehouse", .text),
            Column("at", .time),
        ],
        keyCount: 1, nameCount: 3,
        query: """
            SELECT seq, brand, request_id, call, sku, warehouse, at
            FROM stockade.outcomes ORDER BY seq
            """)

    /// In the order of their ends: the journal tells at the end what became of one, so only those
    /// that are held have to be remembered. They come last.
    static let reservations = TableForm(
        name: "reservations",
        columns: [
            Column("ended_seq", .integer), Column("granted_seq", .integer),
            Column("brand", .text), Column("reservation_id", .id), Column("dealer", .text),
            Column("fill_mode", .text), Column("state", .text), Column("created_at", .time),
            Column("ttl_ms", .integer), Column("deadline_tick", .integer),
            Column("ended_at", .time), Column("ended_tick", .integer), Column("order_id", .id),
        ],
        keyCount: 2, nameCount: 4,
        query: """
            SELECT ended_seq, granted_seq, brand, reservation_id, dealer, fill_mode, state,
                created_at, ttl_ms, deadline_tick, ended_at, ended_tick, order_id
            FROM stockade.reservations ORDER BY ended_seq, granted_seq
            """)

    static let reservationLines = TableForm(
        name: "reservation_lines",
        columns: [
            Column("ended_seq of its reservation", .integer), Column("granted_seq", .integer),
            Column("line_number", .integer), Column("brand", .text),
            Column("reservation_id", .id), Column("sku", .text), Column("warehouse", .text),
            Column("granted", .integer), Column("is_short", .bool),
        ],
        keyCount: 3, nameCount: 5,
        query: """
            SELECT r.ended_seq, l.granted_seq, l.line_number, l.brand, l.reservation_id, l.sku,
                l.warehouse, l.granted, l.is_short
            FROM stockade.reservation_lines l LEFT JOIN stockade.reservations r
                USING (brand, reservation_id, granted_seq)
            ORDER BY r.ended_seq, l.granted_seq, l.line_number
            """)

    static let orders = TableForm(
        name: "orders",
        columns: [
            Column("seq", .integer), Column("brand", .text), Column("order_id", .id),
            Column("dealer", .text), Column("reservation_id", .id),
            Column("review_state", .text), Column("fulfilment_state", .text),
            Column("payment_state", .text), Column("created_at", .time),
        ],
        keyCount: 1, nameCount: 3,
        query: """
            SELECT seq, brand, order_id, dealer, reservation_id, review_state, fulfilment_state,
                payment_state, created_at
            FROM stockade.orders ORDER BY seq
            """)

    static let orderLines = TableForm(
        name: "order_lines",
        columns: [
            Column("seq of its order", .integer), Column("line_number", .integer),
            Column("brand", .text), Column("order_id", .id), Column("sku", .text),
            Column("warehouse", .text), Column("quantity", .integer),
        ],
        keyCount: 2, nameCount: 4,
        query: """
            SELECT o.seq, l.line_number, l.brand, l.order_id, l.sku, l.warehouse, l.quantity
            FROM stockade.order_lines l LEFT JOIN stockade.orders o USING (brand, order_id)
            ORDER BY o.seq, l.line_number
            """)
}
