// SPDX-License-Identifier: Apache-2.0

internal import PostgresClient

/// A statement that changes rows which may be there already, and the arrays that it takes.
struct RowChange: Sendable {
    /// The name that it is prepared under.
    let preparedName: String
    /// Its text.
    let statement: String
    /// Of its arrays, in order.
    let types: [PostgresType]

    /// Figures of stock accounts: a row goes forward only, whatever is written twice.
    static let stock = RowChange(
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

    /// Every one.
    static let all = [stock, ends]
}
