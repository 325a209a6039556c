// SPDX-License-Identifier: Apache-2.0

internal import PostgresClient

/// A statement that changes rows which may be there already, and the arrays that it takes.
struct RowChange: Sendable {
    /// Which of a batch's rows it takes.
    enum Rows: Sendable {
        case stock, policies, extensions, ends, orderLineCancels, orderCancels, orderEvents
    }

    /// Which of a batch's rows it takes.
    let rows: Rows
    /// The table that lacks a row when it doesn't find them all.
    let table: String
    /// The name that it is prepared under.
    let preparedName: String
    /// Its text.
    let statement: String
    /// Of its arrays, in order.
    let types: [PostgresType]

    /// Figures of stock accounts: a row goes forward only, whatever is written twice.
    static let stock = RowChange(
        rows: .stock, table: "stock",
        preparedName: "set_stock",
        statement: """
            INSERT INTO stockade.stock (brand, sku, warehouse, account, on_hand, held, allocated,
                safety, version, source_version, seq, changed_at)
            SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::int8[], $5::int8[],
                $6::int8[], $7::int8[], $8::int8[], $9::int8[], $10::numeric[], $11::int8[],
                $12::timestamptz[])
            ON CONFLICT (brand, sku, warehouse) DO UPDATE SET
                on_hand = EXCLUDED.on_hand, held = EXCLUDED.held,
                allocated = EXCLUDED.allocated, safety = EXCLUDED.safety,
                version = EXCLUDED.version, source_version = EXCLUDED.source_version,
                seq = EXCLUDED.seq, changed_at = EXCLUDED.changed_at
            WHERE stock.version < EXCLUDED.version AND stock.account = EXCLUDED.account
            """,
        types: [
            .text, .text, .text, .int8, .int8, .int8, .int8, .int8, .int8, .numeric, .int8,
            .timestamptz,
        ])

    /// Ends of reservations that were granted in an earlier batch.
    static let ends = RowChange(
        rows: .ends, table: "reservations",
        preparedName: "end_reservations",
        statement: """
            UPDATE stockade.reservations r SET state = e.state, ended_seq = e.ended_seq,
                ended_at = e.ended_at, ended_tick = e.ended_tick, order_id = e.order_id
            FROM unnest($1::text[], $2::uuid[], $3::int8[], $4::text[], $5::int8[],
                $6::timestamptz[], $7::int8[], $8::uuid[])
                e (brand, reservation_id, granted_seq, state, ended_seq, ended_at, ended_tick,
                order_id)
            WHERE r.brand = e.brand AND r.reservation_id = e.reservation_id
                AND r.granted_seq = e.granted_seq AND r.state = 'HELD'
            """,
        types: [.text, .uuid, .int8, .text, .int8, .timestamptz, .int8, .uuid])

    /// Policies of accounts, whose rows `stock` has written.
    static let policies = RowChange(
        rows: .policies, table: "stock", preparedName: "set_policies",
        statement: """
            UPDATE stockade.stock s SET backorder_limit = p.backorder_limit,
                low_water = p.low_water, high_water = p.high_water, hold_ttl_ms = p.hold_ttl_ms
            FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[])
                p (account, backorder_limit, low_water, high_water, hold_ttl_ms)
            WHERE s.account = p.account
            """,
        types: [.int8, .int8, .int8, .int8, .int8])

    // The next ones look each row up by itself and name it by its place: whatever the statistics
    // say of a table that was small when the plan was made, it is never read as a whole.

    /// Later deadlines of reservations that were granted in an earlier batch.
    static let extensions = RowChange(
        rows: .extensions, table: "reservations", preparedName: "extend_reservations",
        statement: """
            UPDATE stockade.reservations r SET deadline_tick = c.deadline_tick,
                ttl_ms = r.ttl_ms + (c.deadline_tick - r.deadline_tick)
            FROM (
                SELECT f.place, e.deadline_tick
                FROM unnest($1::text[], $2::uuid[], $3::int8[], $4::int8[])
                    e (brand, reservation_id, granted_seq, deadline_tick)
                CROSS JOIN LATERAL (
                    SELECT ctid AS place, deadline_tick FROM stockade.reservations
                    WHERE brand = e.brand AND reservation_id = e.reservation_id
                        AND granted_seq = e.granted_seq AND state = 'HELD' LIMIT 1) f
                WHERE f.deadline_tick <= e.deadline_tick) c
            WHERE r.ctid = c.place
            """,
        types: [.text, .uuid, .int8, .int8])

    /// What is cancelled of lines that were written in an earlier batch. An id may name a later
    /// order too, once its first one was cancelled: that one was made after these records.
    static let orderLineCancels = RowChange(
        rows: .orderLineCancels, table: "order_lines", preparedName: "cancel_order_lines",
        statement: """
            UPDATE stockade.order_lines l SET cancelled = l.cancelled + c.units
            FROM (
                SELECT f.place, e.units
                FROM unnest($1::text[], $2::uuid[], $3::int8[], $4::text[], $5::int8[], $6::int8[])
                    e (brand, order_id, line_number, warehouse, units, last_seq)
                CROSS JOIN LATERAL (
                    SELECT seq FROM stockade.orders
                    WHERE brand = e.brand AND order_id = e.order_id AND seq < e.last_seq
                        AND review_state <> 'CANCELLED'
                    ORDER BY seq DESC LIMIT 1) o
                CROSS JOIN LATERAL (
                    SELECT ctid AS place, quantity - cancelled AS units_left
                    FROM stockade.order_lines
                    WHERE brand = e.brand AND order_id = e.order_id AND seq = o.seq
                        AND line_number = e.line_number AND warehouse = e.warehouse LIMIT 1) f
                WHERE e.units <= f.units_left) c
            WHERE l.ctid = c.place
            """,
        types: [.text, .uuid, .int8, .text, .int8, .int8])

    /// The orders of those lines: cancelled in whole when nothing is left.
    static let orderCancels = RowChange(
        rows: .orderCancels, table: "orders", preparedName: "cancel_orders",
        statement: """
            UPDATE stockade.orders o SET updated_at = c.at, last_seq = c.last_seq,
                review_state = CASE WHEN c.is_left THEN o.review_state ELSE 'CANCELLED' END,
                fulfilment_state =
                    CASE WHEN c.is_left THEN o.fulfilment_state ELSE 'CANCELLED' END
            FROM (
                SELECT f.place, e.at, e.last_seq, EXISTS (
                    SELECT FROM stockade.order_lines l
                    WHERE l.brand = e.brand AND l.order_id = e.order_id AND l.seq = f.seq
                        AND l.cancelled < l.quantity) AS is_left
                FROM unnest($1::text[], $2::uuid[], $3::timestamptz[], $4::int8[])
                    e (brand, order_id, at, last_seq)
                CROSS JOIN LATERAL (
                    SELECT ctid AS place, seq, last_seq FROM stockade.orders
                    WHERE brand = e.brand AND order_id = e.order_id AND seq < e.last_seq
                        AND review_state <> 'CANCELLED'
                    ORDER BY seq DESC LIMIT 1) f
                WHERE f.last_seq < e.last_seq
                OFFSET 0) c
            WHERE o.ctid = c.place
            """,
        types: [.text, .uuid, .timestamptz, .int8])

    /// What was cancelled, after the orders themselves: the last one of an order that is cancelled
    /// is the one that ended it.
    static let orderEvents = RowChange(
        rows: .orderEvents, table: "orders", preparedName: "add_order_events",
        statement: """
            INSERT INTO stockade.order_events (brand, order_id, made_seq, seq, at, kind,
                from_state, to_state, cause, units, request_id)
            SELECT e.brand, e.order_id, o.seq, e.seq, e.at,
                CASE WHEN o.is_end THEN 'CANCELLED' ELSE 'CANCELLED_IN_PART' END, 'ACCEPTED',
                CASE WHEN o.is_end THEN 'CANCELLED' ELSE 'ACCEPTED' END, e.cause, e.units,
                e.request_id
            FROM unnest($1::text[], $2::uuid[], $3::int8[], $4::timestamptz[], $5::text[],
                $6::int8[], $7::uuid[])
                e (brand, order_id, seq, at, cause, units, request_id)
            CROSS JOIN LATERAL (
                SELECT seq, review_state = 'CANCELLED' AND last_seq = e.seq AS is_end
                FROM stockade.orders
                WHERE brand = e.brand AND order_id = e.order_id AND seq < e.seq
                ORDER BY seq DESC LIMIT 1) o
            """,
        types: [.text, .uuid, .int8, .timestamptz, .text, .int8, .uuid])

    /// Every one, in the order in which they are run: each sees what those before it wrote.
    static let all = [
        stock, policies, extensions, ends, orderLineCancels, orderCancels, orderEvents,
    ]
}
