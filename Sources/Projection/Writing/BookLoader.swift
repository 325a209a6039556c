// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Journal
internal import PostgresClient
internal import Primitives

/// Reads from the tables what must be known to go on (`ProjectionBooks`).
struct BookLoader {
    let identity: JournalIdentity

    /// As the tables stand, which nobody else writes: the caller has claimed them.
    ///
    /// - Parameters:
    ///   - sequence: their mark.
    ///   - connection: the one that claimed them.
    /// - Returns: the books after that record.
    /// - Throws: `.off` when they hold what the writer wouldn't write.
    func load(
        at sequence: UInt64, _ connection: inout PostgresConnection
    ) throws(ProjectionFault) -> ProjectionBooks {
        var books = ProjectionBooks(
            after: sequence,
            codes: CodeBook(capacity: ProjectionLimits.bookMax, hashKey: identity.hashKey),
            accounts: AccountBook(capacity: ProjectionLimits.bookMax),
            holds: LiveHolds(capacity: ProjectionLimits.bookMax))
        do {
            try loadCodes(&books, &connection)
            try loadAccounts(&books, &connection)
            try loadHolds(&books, &connection)
        } catch let fault as RowFault {
            throw .off(
                "the tables hold what the server didn't write: \(fault.explanation). "
                    + "`stockade resync` writes them anew")
        } catch let error as PostgresError {
            guard error.kind == .unexpected else { throw .later(error) }
            throw .off(
                "the tables hold what the server didn't write: \(error.explanation). "
                    + "`stockade resync` writes them anew")
        } catch {
            throw .off("\(error)")
        }
        return books
    }

    private func loadCodes(
        _ books: inout ProjectionBooks, _ connection: inout PostgresConnection
    ) throws {
        try fetch(
            "SELECT number, kind, coalesce(brand_number, 0), text FROM stockade.codes ORDER BY number",
            &connection
        ) { rows, row in
            let text = try rows.text(row, 3) ?? ""
            try books.codes.load(
                number: try number(rows, row, 0), kind: UInt8(clamping: try number(rows, row, 1)),
                brand: try number(rows, row, 2), text: Array(text.utf8).span)
        }
    }

    private func loadAccounts(
        _ books: inout ProjectionBooks, _ connection: inout PostgresConnection
    ) throws {
        try fetch(
            """
            SELECT account, brand, sku, warehouse, on_hand, held, allocated, safety, version,
                coalesce(source_version, 0)
            FROM stockade.stock
            """, &connection
        ) { rows, row in
            let brand = try code(.brand, of: 0, rows, row, 1, books)
            let figures = StockFigures(
                onHand: try rows.integer(row, 4) ?? 0, held: try rows.integer(row, 5) ?? 0,
                allocated: try rows.integer(row, 6) ?? 0, safety: try rows.integer(row, 7) ?? 0,
                version: UInt64(clamping: try rows.integer(row, 8) ?? 0))
            try books.accounts.load(
                try number(rows, row, 0), brand: brand,
                sku: try code(.sku, of: brand, rows, row, 2, books),
                warehouse: try code(.warehouse, of: brand, rows, row, 3, books), figures: figures,
                sourceVersion: try rows.numeric(row, 9) ?? 0, codes: books.codes)
        }
    }

    private func loadHolds(
        _ books: inout ProjectionBooks, _ connection: inout PostgresConnection
    ) throws {
        try fetch(
            """
            SELECT brand, reservation_id, granted_seq, dealer, created_at
            FROM stockade.reservations WHERE state = 'HELD'
            """, &connection
        ) { rows, row in
            let brand = try code(.brand, of: 0, rows, row, 0, books)
            try books.holds.load(
                try rows.uuid(row, 1) ?? ClientID(high: 0, low: 0), brand: brand,
                grantedSequence: UInt64(clamping: try rows.integer(row, 2) ?? 0),
                dealer: try code(.dealer, of: brand, rows, row, 3, books),
                created: try rows.timestamptz(row, 4) ?? WallTime(milliseconds: 0),
                codes: books.codes)
        }
    }

    /// Reads a query's rows, so many at a time.
    private func fetch(
        _ query: String, _ connection: inout PostgresConnection,
        _ body: (borrowing PostgresRows, Int) throws -> Void
    ) throws {
        let timeout = ProjectionLimits.loadTimeout
        try connection.execute(
            "BEGIN READ ONLY; DECLARE books NO SCROLL CURSOR FOR \(query)", timeout: timeout)
        do {
            while true {
                let rows = try connection.query(
                    "FETCH FORWARD \(ProjectionLimits.rowsPerFetch) FROM books", timeout: timeout)
                for row in 0..<rows.count { try body(rows, row) }
                if rows.count < ProjectionLimits.rowsPerFetch { break }
            }
            try connection.execute("COMMIT")
        } catch {
            if connection.isUsable { try? connection.rollback() }
            throw error
        }
    }

    private func number(
        _ rows: borrowing PostgresRows, _ row: Int, _ column: Int
    ) throws -> UInt32 {
        guard let number = UInt32(exactly: try rows.integer(row, column) ?? -1) else {
            throw PostgresError(.unexpected, "a number of a code or an account is out of range")
        }
        return number
    }

    /// The number of a code that stands there as text.
    private func code(
        _ kind: CodeKind, of brand: UInt32, _ rows: borrowing PostgresRows, _ row: Int,
        _ column: Int, _ books: borrowing ProjectionBooks
    ) throws -> UInt32 {
        let text = try rows.text(row, column) ?? ""
        // An unknown one gets a number that no code has, and the book refuses it.
        return books.codes.number(kind, of: brand, Array(text.utf8).span) ?? .max
    }
}
