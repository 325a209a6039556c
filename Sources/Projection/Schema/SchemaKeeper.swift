// SPDX-License-Identifier: Apache-2.0

public import PostgresClient

/// Looks at a database's tables, makes them and takes them away.
///
/// Changes are made under a lock that all of them take, so that of two at once the second finds the
/// first one's work. One thread.
public struct SchemaKeeper: ~Copyable {
    /// A migration that was run.
    public struct Applied: Sendable, Equatable {
        /// Its number.
        public var version: Int
        /// Its name.
        public var name: String
        /// Of the text that was run.
        public var checksum: String
        /// When, as `2026-11-27T04:00:00Z`.
        public var at: String
    }

    /// Any number that nobody else takes: "stockade" in ASCII.
    private static let lockNumber: Int64 = 0x7374_6f63_6b61_6465
    /// How long to wait for another migration.
    private static let lockTimeout = Duration.seconds(60)
    /// How long a migration may take; later ones may rewrite tables.
    private static let migrationTimeout = Duration.seconds(3_600)

    private var connection: PostgresConnection

    /// Takes over a connection that nothing else goes on in.
    public init(_ connection: consuming PostgresConnection) {
        self.connection = connection
    }

    /// How the tables relate to this binary: what a writer asks before it begins.
    public static func state(
        _ connection: inout PostgresConnection
    ) throws(PostgresError) -> SchemaState {
        guard try SchemaKeeper.hasSchema(&connection) else { return .missing }
        guard let applied = try SchemaKeeper.applied(&connection) else { return .foreign }
        return judge(applied)
    }

    /// The same of what was run.
    static func judge(
        _ applied: [Applied], by known: [SchemaMigration] = SchemaMigration.all
    ) -> SchemaState {
        for (index, found) in applied.enumerated() {
            guard found.version == index + 1 else {
                // A number that isn't known here is a later binary's, whatever is missing before it.
                return found.version > known.count
                    ? .newer(version: found.version) : .altered(version: index + 1)
            }
            guard index < known.count else { break }
            guard found.checksum == known[index].checksum else {
                return .altered(version: found.version)
            }
        }
        if applied.count > known.count { return .newer(version: applied.count) }
        return applied.count == known.count ? .current : .behind(version: applied.count)
    }

    /// What was run, in order; nothing when there are no tables.
    public mutating func applied() throws(SchemaError) -> [Applied] {
        do { return try SchemaKeeper.applied(&connection) ?? [] } catch { throw .postgres(error) }
    }

    /// How the tables relate to this binary.
    public mutating func state() throws(SchemaError) -> SchemaState {
        do { return try SchemaKeeper.state(&connection) } catch { throw .postgres(error) }
    }

    /// Runs what is missing, each migration in a transaction of its own.
    ///
    /// - Returns: what was run; nothing when all was there.
    public mutating func up() throws(SchemaError) -> [SchemaMigration] {
        try locked { (keeper) throws(SchemaError) in
            let state = try keeper.state()
            guard !state.isForbidden else { throw .forbidden(state) }
            let missing = SchemaMigration.all.dropFirst(try keeper.applied().count)
            for migration in missing {
                try keeper.transaction(migration.up) { (connection) throws(PostgresError) in
                    _ = try connection.query(
                        """
                        INSERT INTO stockade.schema_version (version, name, checksum, applied_at)
                        VALUES ($1, $2, $3, clock_timestamp())
                        """,
                        [
                            .int4(Int32(migration.version)), .text(migration.name),
                            .text(migration.checksum),
                        ])
                }
            }
            return Array(missing)
        }
    }

    /// Takes the newest migration back, with its rows.
    ///
    /// - Returns: the one that was taken back.
    public mutating func down() throws(SchemaError) -> SchemaMigration {
        try locked { (keeper) throws(SchemaError) in
            let state = try keeper.state()
            guard !state.isForbidden else { throw .forbidden(state) }
            let count = try keeper.applied().count
            guard count > 0 else { throw .nothingToUndo }
            let migration = SchemaMigration.all[count - 1]
            try keeper.transaction(migration.down) { (connection) throws(PostgresError) in
                // The first one took the table itself away.
                guard count > 1 else { return }
                _ = try connection.query(
                    "DELETE FROM stockade.schema_version WHERE version = $1",
                    [.int4(Int32(migration.version))])
            }
            return migration
        }
    }

    /// What differs from what this binary needs, in words; nothing is the right answer.
    public mutating func differences() throws(SchemaError) -> [String] {
        let state = try state()
        guard state == .current else { return [state.explanation] }
        do { return try catalogueDifferences() } catch { throw .postgres(error) }
    }

    private mutating func catalogueDifferences() throws(PostgresError) -> [String] {
        var found: Set<String> = []
        var differences: [String] = []
        let rows = try connection.query(
            """
            SELECT c.relname::text, a.attname::text,
                EXISTS (
                    SELECT FROM pg_catalog.pg_roles r WHERE r.rolname = 'stockade_reader'
                    AND pg_catalog.has_table_privilege(r.oid, c.oid, 'SELECT'))
            FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
            WHERE n.nspname = 'stockade' AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
                AND a.attnum > 0 AND NOT a.attisdropped
            ORDER BY c.relname, a.attnum
            """)
        for row in 0..<rows.count {
            let table = try rows.text(row, 0) ?? ""
            found.insert("\(table).\(try rows.text(row, 1) ?? "")")
            if found.insert(table).inserted, try rows.bool(row, 2) != true {
                differences.append("stockade_reader may not read stockade.\(table)")
            }
        }
        for name in SchemaMigration.all.flatMap(\.commented) where !found.contains(name) {
            differences.append("stockade.\(name) is missing")
        }
        let fence = try connection.query(
            """
            SELECT pg_catalog.to_regprocedure(
                'stockade.advance(smallint,bigint,bigint,bigint,bigint,timestamptz)') IS NOT NULL
            """)
        if try fence.bool(0, 0) != true {
            differences.append("the function stockade.advance is missing")
        }
        return differences
    }

    private mutating func transaction(
        _ sql: String, _ rest: (inout PostgresConnection) throws(PostgresError) -> Void
    ) throws(SchemaError) {
        do {
            try connection.execute("BEGIN")
            try connection.execute(sql, timeout: SchemaKeeper.migrationTimeout)
            try rest(&connection)
            try connection.execute("COMMIT")
        } catch {
            // The connection's end would do the same; a failure of this says nothing new.
            if error.leavesConnection { try? connection.rollback() }
            throw .postgres(error)
        }
    }

    private mutating func locked<Result>(
        _ body: (inout SchemaKeeper) throws(SchemaError) -> Result
    ) throws(SchemaError) -> Result {
        do {
            _ = try connection.query(
                "SELECT pg_catalog.pg_advisory_lock($1)", [.int8(SchemaKeeper.lockNumber)],
                timeout: SchemaKeeper.lockTimeout)
        } catch {
            throw error.kind == .timedOut ? .busy : .postgres(error)
        }
        let result = try body(&self)
        // After an error the connection's end lets go of it.
        do {
            _ = try connection.query(
                "SELECT pg_catalog.pg_advisory_unlock($1)", [.int8(SchemaKeeper.lockNumber)])
        } catch { throw .postgres(error) }
        return result
    }

    private static func hasSchema(
        _ connection: inout PostgresConnection
    ) throws(PostgresError) -> Bool {
        let rows = try connection.query(
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'stockade')")
        return try rows.bool(0, 0) == true
    }

    /// nil: there is no list of what was run.
    private static func applied(
        _ connection: inout PostgresConnection
    ) throws(PostgresError) -> [Applied]? {
        let table = try connection.query(
            "SELECT pg_catalog.to_regclass('stockade.schema_version') IS NOT NULL")
        guard try table.bool(0, 0) == true else { return nil }
        let rows = try connection.query(
            """
            SELECT version, name, checksum,
                to_char(applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
            FROM stockade.schema_version ORDER BY version
            """)
        var applied: [Applied] = []
        for row in 0..<rows.count {
            applied.append(
                Applied(
                    version: Int(try rows.integer(row, 0) ?? 0),
                    name: try rows.text(row, 1) ?? "", checksum: try rows.text(row, 2) ?? "",
                    at: try rows.text(row, 3) ?? ""))
        }
        return applied
    }
}
