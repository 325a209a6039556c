// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import PostgresClient
internal import Primitives

/// Compares the tables in Postgres with a journal, row by row, while the journal is read: each
/// record's rows are expected next in the tables' own order. One snapshot, nothing is written.
///
/// The tables stand at a record, and the journal may go on behind it: what is compared is the state
/// after that record. Memory grows with the accounts, with the reservations that are held and with
/// the orders that something was cancelled of.
public final class TableComparison {
    private var connection: PostgresConnection
    private let mark: TableMark
    private var image = JournalImage()
    /// By `ComparedTable`; empty before and after the comparison.
    private var cursors: [TableCursor] = []
    private(set) var differences = TableDifferences()
    private var journal: ClientID?
    private var highestTick: UInt64 = 0
    private var rowCount: UInt64 = 0

    /// Connects and takes the snapshot.
    ///
    /// - Parameter conninfo: libpq's connection string.
    /// - Throws: `TableFault` when Postgres is out of reach, or has no tables of a server in it.
    public init(_ conninfo: String) throws(TableFault) {
        let mark: TableMark?
        do {
            connection = try PostgresConnection(conninfo)
            mark = try TableMark.read(&connection)
        } catch {
            throw TableFault(error)
        }
        guard let mark else {
            throw TableFault.tables(
                "the tables are empty: no server has written there yet. Begin one with "
                    + "--postgres, or write them with `stockade resync`")
        }
        self.mark = mark
    }

    /// Whether they are an image of the journal that is read.
    private var isOurs: Bool { journal == mark.journal }

    /// Names the journal, before its first record.
    func begin(_ journal: ClientID) throws(TableFault) {
        self.journal = journal
        tellMark()
        guard isOurs else {
            differences.add(
                "state",
                "the tables are the image of journal \(mark.journal.uuid), and this one is "
                    + "\(journal.uuid). Name the other database, or make them this journal's "
                    + "with `stockade resync`")
            return
        }
        do throws(PostgresError) {
            for table in ComparedTable.allCases {
                cursors.append(try TableCursor(table.form, &connection))
            }
            image = JournalImage(changedOrders: try changedOrders())
            if mark.sequence <= 0 { try finish() }
        } catch {
            throw TableFault(error)
        }
    }

    private func changedOrders() throws(PostgresError) -> [UInt64: UInt64] {
        let rows = try connection.query(
            "SELECT seq, last_seq FROM stockade.orders WHERE last_seq <> seq",
            timeout: AuditLimits.fetchTimeout)
        var changed: [UInt64: UInt64] = [:]
        for row in 0..<rows.count {
            changed[UInt64(clamping: try rows.integer(row, 0) ?? 0)] =
                UInt64(clamping: try rows.integer(row, 1) ?? 0)
        }
        return changed
    }

    private func tellMark() {
        for letter in mark.deadLetterTexts {
            differences.add(
                "dead_letters", at: UInt64(clamping: letter.sequence),
                "record \(letter.sequence) was refused: \(letter.text)")
        }
        differences.count("dead_letters", Int(mark.deadLetterCount) - mark.deadLetterTexts.count)
        if mark.strangers > 0 {
            differences.add("state", "\(mark.strangers) rows are of other writers than group 0")
        }
        if mark.sequence < 0 { differences.add("state", "applied_seq is \(mark.sequence)") }
    }

    /// Compares what one more record makes.
    func take(_ record: Record, at place: LedgerModel.Place) throws(TableFault) {
        guard !cursors.isEmpty, place.sequence <= UInt64(mark.sequence) else { return }
        highestTick = max(highestTick, place.tick)
        do throws(PostgresError) {
            // What Postgres refused has no rows, and what follows is the difference to before it.
            if !mark.deadLetters.contains(Int64(clamping: place.sequence)) {
                image.apply(record, at: place)
                for row in image.rows { try expect(row) }
            }
            guard place.sequence == UInt64(mark.sequence) else { return }
            compareMark(place)
            try finish()
        } catch {
            throw TableFault(error)
        }
    }

    /// Ends the comparison, after the journal's last record.
    func end(at lastSequence: UInt64) throws(TableFault) {
        guard !cursors.isEmpty else { return }
        differences.add(
            "state", at: lastSequence,
            "the tables know more than the journal: they are at record \(mark.sequence), and it "
                + "ends at \(lastSequence). Its disk was lost or set back: find the journal that "
                + "they are the image of, or make them this one's with `stockade resync`")
        do throws(PostgresError) { try finish() } catch { throw TableFault(error) }
    }

    /// The mark's times: of the record that it names, and at most the highest tick up to there.
    private func compareMark(_ place: LedgerModel.Place) {
        if !mark.at.isSame(as: .wall(place.wall)) {
            differences.add(
                "state", at: place.sequence,
                "applied_at is \(mark.at.description) and must be "
                    + "\(TableValue.wall(place.wall).description)")
        }
        if mark.tick < Int64(clamping: place.tick) || mark.tick > Int64(clamping: highestTick) {
            differences.add(
                "state", at: place.sequence,
                "applied_tick is \(mark.tick) and must be \(place.tick) to \(highestTick)")
        }
    }

    // MARK: - Rows

    /// What only shows at the mark: the figures of the accounts, what is held, and rows too many.
    private func finish() throws(PostgresError) {
        for row in image.stock() { try expect(row) }
        try image.forEachHeld { (rows) throws(PostgresError) in
            for row in rows { try expect(row) }
        }
        for row in image.unchangedOrders() { try expect(row) }
        for cursor in cursors {
            while cursor.key != nil { try surplus(cursor) }
            rowCount += cursor.rowCount
        }
        cursors = []
        image = JournalImage()
        try connection.rollback()
    }

    private func expect(_ row: ExpectedRow) throws(PostgresError) {
        let cursor = cursors[row.table.rawValue]
        while let key = cursor.key, key < row.key { try surplus(cursor) }
        guard cursor.key == row.key else {
            let name = differences.isKeeping(cursor.form.name) ? cursor.form.name(row.values) : ""
            differences.add(cursor.form.name, "no row with \(name)")
            return
        }
        for column in row.values.indices {
            let told = try cursor.value(column)
            guard !told.isSame(as: row.values[column]) else { continue }
            guard differences.isKeeping(cursor.form.name) else {
                differences.count(cursor.form.name, 1)
                continue
            }
            differences.add(
                cursor.form.name,
                "\(cursor.form.columns[column].name) is \(told.description) and must be "
                    + "\(row.values[column].description), in the row with "
                    + cursor.form.name(row.values))
        }
        try cursor.advance(&connection)
    }

    private func surplus(_ cursor: TableCursor) throws(PostgresError) {
        var name = ""
        if differences.isKeeping(cursor.form.name) {
            var values: [TableValue] = []
            for column in 0..<cursor.form.nameCount { values.append(try cursor.value(column)) }
            name = cursor.form.name(values)
        }
        differences.add(cursor.form.name, "a row too many, with \(name)")
        try cursor.advance(&connection)
    }

    /// How far the tables are behind a journal that ends at `lastSequence`.
    func summary(_ lastSequence: UInt64) -> TableSummary {
        TableSummary(
            appliedSequence: UInt64(clamping: mark.sequence), lastSequence: lastSequence,
            rowCount: rowCount, isOurs: isOurs, differences: differences.count)
    }
}
