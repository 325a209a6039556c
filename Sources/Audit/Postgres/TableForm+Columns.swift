// SPDX-License-Identifier: Apache-2.0

/// The columns of each table, and in which order its rows are read.
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
            Column("backorder_limit", .integer), Column("low_water", .integer),
            Column("high_water", .integer), Column("hold_ttl_ms", .integer),
        ],
        keyCount: 1, nameCount: 4,
        query: """
            SELECT account, brand, sku, warehouse, on_hand, held, allocated, safety, version,
                nullif(source_version, 0)::text, seq, changed_at, backorder_limit, low_water,
                high_water, hold_ttl_ms
            FROM stockade.stock ORDER BY account
            """)

    static let movements = TableForm(
        name: "movements",
        columns: [
            Column("seq", .integer), Column("line", .integer), Column("at", .time),
            Column("kind", .text), Column("brand", .text), Column("sku", .text),
            Column("warehouse", .text), Column("on_hand_change", .integer),
            Column("held_change", .integer), Column("allocated_change", .integer),
            Column("reference", .id), Column("account", .integer),
            Column("safety_change", .integer),
        ],
        keyCount: 2, nameCount: 2,
        query: """
            SELECT seq, line, at, kind, brand, sku, warehouse, on_hand_change, held_change,
                allocated_change, reference, account, safety_change
            FROM stockade.movements ORDER BY seq, line, at
            """)

    static let outcomes = TableForm(
        name: "outcomes",
        columns: [
            Column("seq", .integer), Column("brand", .text), Column("request_id", .id),
            Column("call", .text), Column("sku", .text), Column("warehouse", .text),
            Column("at", .time), Column("to_warehouse", .text), Column("reference", .id),
        ],
        keyCount: 1, nameCount: 3,
        query: """
            SELECT seq, brand, request_id, call, sku, warehouse, at, to_warehouse, reference
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
            Column("line_number", .integer), Column("warehouse", .text), Column("brand", .text),
            Column("reservation_id", .id), Column("sku", .text), Column("granted", .integer),
            Column("is_short", .bool),
        ],
        keyCount: 3, hasTextKey: true, nameCount: 6,
        query: """
            SELECT r.ended_seq, l.granted_seq, l.line_number, l.warehouse, l.brand,
                l.reservation_id, l.sku, l.granted, l.is_short
            FROM stockade.reservation_lines l LEFT JOIN stockade.reservations r
                USING (brand, reservation_id, granted_seq)
            ORDER BY r.ended_seq, l.granted_seq, l.line_number, l.warehouse COLLATE "C"
            """)

    /// In the order of their last change, which is the making of most: those that something is
    /// cancelled of are remembered until then.
    static let orders = TableForm(
        name: "orders",
        columns: [
            Column("last_seq", .integer), Column("seq", .integer), Column("brand", .text),
            Column("order_id", .id), Column("dealer", .text), Column("reservation_id", .id),
            Column("review_state", .text), Column("fulfilment_state", .text),
            Column("payment_state", .text), Column("created_at", .time),
            Column("updated_at", .time),
        ],
        keyCount: 2, nameCount: 4,
        query: """
            SELECT last_seq, seq, brand, order_id, dealer, reservation_id, review_state,
                fulfilment_state, payment_state, created_at, updated_at
            FROM stockade.orders ORDER BY last_seq, seq
            """)

    static let orderLines = TableForm(
        name: "order_lines",
        columns: [
            Column("last_seq of its order", .integer), Column("seq", .integer),
            Column("line_number", .integer), Column("warehouse", .text), Column("brand", .text),
            Column("order_id", .id), Column("sku", .text), Column("quantity", .integer),
            Column("cancelled", .integer),
        ],
        keyCount: 3, hasTextKey: true, nameCount: 6,
        query: """
            SELECT o.last_seq, l.seq, l.line_number, l.warehouse, l.brand, l.order_id, l.sku,
                l.quantity, l.cancelled
            FROM stockade.order_lines l LEFT JOIN stockade.orders o USING (brand, order_id, seq)
            ORDER BY o.last_seq, l.seq, l.line_number, l.warehouse COLLATE "C"
            """)

    static let orderEvents = TableForm(
        name: "order_events",
        columns: [
            Column("seq", .integer), Column("made_seq", .integer), Column("brand", .text),
            Column("order_id", .id), Column("at", .time), Column("kind", .text),
            Column("from_state", .text), Column("to_state", .text), Column("cause", .text),
            Column("units", .integer), Column("request_id", .id),
        ],
        keyCount: 2, nameCount: 4,
        query: """
            SELECT seq, made_seq, brand, order_id, at, kind, from_state, to_state, cause, units,
                request_id
            FROM stockade.order_events ORDER BY seq, made_seq
            """)
}
