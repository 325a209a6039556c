// SPDX-License-Identifier: Apache-2.0

internal import PostgresClient
internal import Primitives

/// The partitions of `movements`, one for each UTC day: made ahead, so that a row always has one.
struct MovementDays: ~Copyable {
    private static let dayMilliseconds: Int64 = 86_400_000
    /// Days since 1970 that have one.
    private(set) var known: Set<Int64> = []

    /// What the tables have.
    init(_ connection: inout PostgresConnection) throws(PostgresError) {
        let rows = try connection.query(
            """
            SELECT c.relname::text FROM pg_catalog.pg_inherits i
            JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'stockade.movements'::regclass
                -- A day that is being taken away takes no rows; the column is there from 14 on.
                AND NOT coalesce((to_jsonb(i) ->> 'inhdetachpending')::boolean, false)
            """)
        for row in 0..<rows.count {
            let name = try rows.text(row, 0) ?? ""
            guard name.hasPrefix("movements_"), let day = MovementDays.day(name.dropFirst(10))
            else { continue }
            known.insert(day)
        }
    }

    /// Makes the days of a batch's movements, and the one that follows its last.
    ///
    /// A table of its own and then attached: that waits for no reader, and none waits for it.
    mutating func prepare(
        _ batch: borrowing ProjectionBatch, _ connection: inout PostgresConnection
    ) throws(ProjectionFault) {
        var last: Int64 = -1
        for row in batch.movements {
            let day = row.wall.milliseconds / MovementDays.dayMilliseconds
            guard day != last else { continue }
            last = day
            try make(day, &connection)
        }
        if last >= 0 { try make(last + 1, &connection) }
    }

    private mutating func make(
        _ day: Int64, _ connection: inout PostgresConnection
    ) throws(ProjectionFault) {
        guard !known.contains(day) else { return }
        guard known.count < ProjectionLimits.daysMax else {
            throw .off(
                "movements has \(known.count) days already: detach those that nobody reads "
                    + "any more (ALTER TABLE stockade.movements DETACH PARTITION …)")
        }
        let name = "stockade.movements_\(MovementDays.text(day, separator: ""))"
        let from = "\(MovementDays.text(day, separator: "-")) 00:00:00+00"
        let to = "\(MovementDays.text(day + 1, separator: "-")) 00:00:00+00"
        do {
            try connection.execute(
                """
                BEGIN;
                CREATE TABLE \(name) (LIKE stockade.movements INCLUDING ALL);
                ALTER TABLE stockade.movements ATTACH PARTITION \(name)
                    FOR VALUES FROM ('\(from)') TO ('\(to)');
                COMMIT
                """, timeout: ProjectionLimits.askTimeout)
        } catch {
            if error.leavesConnection { try? connection.rollback() }
            throw .later(error)
        }
        known.insert(day)
    }

    // MARK: - Dates

    /// `2026-11-27` of a day since 1970. After Howard Hinnant, "chrono-Compatible Low-Level Date
    /// Algorithms", civil_from_days.
    static func text(_ day: Int64, separator: String) -> String {
        let shifted = day + 719_468
        let era = shifted / 146_097
        let ofEra = shifted % 146_097
        let yearOfEra = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * ofYear + 2) / 153
        let dayOfMonth = ofYear - (153 * month + 2) / 5 + 1
        let isNextYear = month >= 10
        let year = yearOfEra + era * 400 + (isNextYear ? 1 : 0)
        return [
            padded(year, 4), padded(isNextYear ? month - 9 : month + 3, 2), padded(dayOfMonth, 2),
        ].joined(separator: separator)
    }

    /// The day of `20261127`; nil: it is no such name. The same, days_from_civil.
    static func day(_ text: some StringProtocol) -> Int64? {
        guard text.count >= 8, let number = Int64(text), number > 0 else { return nil }
        let dayOfMonth = number % 100
        let month = number / 100 % 100
        guard (1...12).contains(month), (1...31).contains(dayOfMonth) else { return nil }
        let year = number / 10_000 - (month <= 2 ? 1 : 0)
        let era = year / 400
        let yearOfEra = year % 400
        let ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + dayOfMonth - 1
        let ofEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + ofYear
        return era * 146_097 + ofEra - 719_468
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(width - digits.count, 0)) + digits
    }
}
