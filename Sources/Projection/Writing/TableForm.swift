// SPDX-License-Identifier: Apache-2.0

internal import PostgresClient

/// A table that rows are added to, and the statements for that.
struct TableForm: Sendable {
    /// Which of a batch's rows go there.
    enum Rows: Sendable {
        case codes, reservations, reservationLines, orders, orderLines, movements, outcomes
        case deadLetters
    }

    /// Which of a batch's rows go there.
    let rows: Rows
    /// Without the schema.
    let name: String
    /// In the order in which rows are encoded.
    let columns: [(name: String, type: PostgresType)]

    init(_ rows: Rows, _ name: String, _ columns: KeyValuePairs<String, PostgresType>) {
        self.rows = rows
        self.name = name
        self.columns = columns.map { (name: $0.key, type: $0.value) }
    }

    private var columnList: String { columns.map(\.name).joined(separator: ", ") }

    /// `$1::text[], $2::int8[]…`: one array for each column.
    var arrayList: String {
        columns.enumerated().map { "$\($0.offset + 1)::\($0.element.type)[]" }
            .joined(separator: ", ")
    }

    /// For many rows.
    var copyStatement: String {
        "COPY stockade.\(name) (\(columnList)) FROM STDIN (FORMAT binary)"
    }

    /// For a few.
    var insertStatement: String {
        "INSERT INTO stockade.\(name) (\(columnList)) SELECT * FROM unnest(\(arrayList))"
    }

    /// The name that the statement is prepared under.
    var preparedName: String { "add_\(name)" }

    static let codes = TableForm(
        .codes, "codes",
        ["number": .int8, "kind": .int2, "brand_number": .int8, "text": .text, "seq": .int8])

    static let reservations = TableForm(
        .reservations, "reservations",
        [
            "brand": .text, "reservation_id": .uuid, "granted_seq": .int8, "dealer": .text,
            "fill_mode": .text, "state": .text, "created_at": .timestamptz, "ttl_ms": .int8,
            "deadline_tick": .int8, "ended_seq": .int8, "ended_at": .timestamptz,
            "ended_tick": .int8, "order_id": .uuid,
        ])

    static let reservationLines = TableForm(
        .reservationLines, "reservation_lines",
        [
            "brand": .text, "reservation_id": .uuid, "granted_seq": .int8, "line_number": .int8,
            "sku": .text, "warehouse": .text, "granted": .int8, "is_short": .bool,
        ])

    static let orders = TableForm(
        .orders, "orders",
        [
            "brand": .text, "order_id": .uuid, "dealer": .text, "reservation_id": .uuid,
            "review_state": .text, "fulfilment_state": .text, "payment_state": .text,
            "created_at": .timestamptz, "seq": .int8, "updated_at": .timestamptz,
            "last_seq": .int8,
        ])

    static let orderLines = TableForm(
        .orderLines, "order_lines",
        [
            "brand": .text, "order_id": .uuid, "line_number": .int8, "sku": .text,
            "warehouse": .text, "quantity": .int8, "seq": .int8, "cancelled": .int8,
        ])

    static let movements = TableForm(
        .movements, "movements",
        [
            "seq": .int8, "line": .int8, "at": .timestamptz, "kind": .text, "brand": .text,
            "sku": .text, "warehouse": .text, "on_hand_change": .int8, "held_change": .int8,
            "allocated_change": .int8, "reference": .uuid, "account": .int8,
            "safety_change": .int8,
        ])

    static let outcomes = TableForm(
        .outcomes, "outcomes",
        [
            "brand": .text, "request_id": .uuid, "call": .text, "sku": .text, "warehouse": .text,
            "seq": .int8, "at": .timestamptz, "to_warehouse": .text, "reference": .uuid,
        ])

    static let deadLetters = TableForm(
        .deadLetters, "dead_letters",
        [
            "seq": .int8, "epoch": .int8, "sqlstate": .text, "message": .text, "body": .bytea,
            "at": .timestamptz,
        ])

    /// Every one, in the order in which they are written.
    static let all = [
        codes, reservations, reservationLines, orders, orderLines, movements, outcomes, deadLetters,
    ]
}
