// SPDX-License-Identifier: Apache-2.0

internal import PostgresClient
internal import Primitives

/// Where the tables say they stand, and what they say they lack.
struct TableMark {
    /// The journal that they are the image of.
    var journal: ClientID
    /// The record up to which they are.
    var sequence: Int64
    var tick: Int64
    /// As Postgres counts, see `TableValue`.
    var at: TableValue
    /// Rows of other writers: there is only one.
    var strangers: Int64
    /// Records that Postgres refused, the first ones in order.
    var deadLetters: Set<Int64>
    /// The first of them for people.
    var deadLetterTexts: [(sequence: Int64, text: String)]
    /// All of them.
    var deadLetterCount: Int64

    /// Begins the transaction that all is read in, and reads what is said in it; nil: no writer was
    /// there yet.
    static func read(
        _ connection: inout PostgresConnection
    ) throws(PostgresError) -> TableMark? {
        // Between two fetches the journal's reading may wait for a disk; and a cursor is read to
        // its end, so what gives the first rows soonest isn't best.
        try connection.execute(
            """
            SET idle_in_transaction_session_timeout = '10min'; SET cursor_tuple_fraction = 1;
            SET work_mem = '32MB'; SET jit = off
            """)
        try connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        // Before the snapshot: whoever empties a table takes its rows out of older snapshots too.
        try connection.execute(
            """
            LOCK TABLE stockade.state, stockade.dead_letters, stockade.codes, stockade.stock,
                stockade.movements, stockade.outcomes, stockade.reservations,
                stockade.reservation_lines, stockade.orders, stockade.order_lines,
                stockade.order_events
            IN ACCESS SHARE MODE
            """)
        let rows = try connection.query(
            """
            SELECT journal, applied_seq, applied_tick, applied_at,
                (SELECT count(*) FROM stockade.state WHERE grp <> 0)
            FROM stockade.state WHERE grp = 0
            """)
        guard rows.count > 0, let journal = try rows.uuid(0, 0) else { return nil }
        var mark = TableMark(
            journal: journal, sequence: try rows.integer(0, 1) ?? -1,
            tick: try rows.integer(0, 2) ?? -1,
            at: try rows.microseconds(0, 3).map(TableValue.time) ?? .null,
            strangers: try rows.integer(0, 4) ?? 0, deadLetters: [], deadLetterTexts: [],
            deadLetterCount: 0)
        try mark.readDeadLetters(&connection)
        return mark
    }

    private mutating func readDeadLetters(
        _ connection: inout PostgresConnection
    ) throws(PostgresError) {
        let count = try connection.query("SELECT count(*) FROM stockade.dead_letters")
        deadLetterCount = try count.integer(0, 0) ?? 0
        let texts = try connection.query(
            """
            SELECT seq, left(sqlstate, 5), left(message, 200) FROM stockade.dead_letters
            ORDER BY seq LIMIT \(AuditLimits.differencesKeptMax)
            """)
        for row in 0..<texts.count {
            let state = TableValue.text(try texts.text(row, 1) ?? "").description
            let message = TableValue.text(try texts.text(row, 2) ?? "").description
            deadLetterTexts.append(
                (try texts.integer(row, 0) ?? -1, "SQLSTATE \(state), \(message)"))
        }
        let all = try connection.query(
            """
            SELECT seq FROM stockade.dead_letters ORDER BY seq
            LIMIT \(AuditLimits.deadLettersMax)
            """)
        for row in 0..<all.count { deadLetters.insert(try all.integer(row, 0) ?? -1) }
    }
}
