// SPDX-License-Identifier: Apache-2.0

import PostgresClient
import Projection

/// What a server needs of Postgres.
enum PostgresCheck {
    /// The oldest version that is worth a try; the tests run with 15.
    private static let versionMin = 140_000

    static func findings(_ conninfo: String) -> [Finding] {
        do throws(PostgresError) {
            var connection = try PostgresConnection(conninfo, timeout: .seconds(5))
            return [
                version(connection.serverVersion), try role(&connection),
                schema(try SchemaKeeper.state(&connection)), try durability(&connection),
            ]
        } catch {
            return [
                .fail(
                    "postgres", error.explanation,
                    "start it, or correct --postgres; a server would serve without it, and its "
                        + "tables would be late")
            ]
        }
    }

    private static func version(_ version: Int) -> Finding {
        let text = "version \(version / 10_000).\(version % 10_000)"
        guard version >= versionMin else {
            return .warn("postgres", text, "14 or later; the tests run with 15")
        }
        return .pass("postgres", text)
    }

    private static func role(
        _ connection: inout PostgresConnection
    ) throws(PostgresError) -> Finding {
        let rows = try connection.query(
            """
            SELECT pg_is_in_recovery(),
                   CASE WHEN to_regnamespace('stockade') IS NULL
                        THEN has_database_privilege(current_database(), 'CREATE')
                        ELSE has_schema_privilege('stockade', 'CREATE') END
            """)
        if try rows.bool(0, 0) == true {
            return .fail(
                "postgres role", "a standby, which can't be written to",
                "name the primary, or add target_session_attrs=read-write")
        }
        guard try rows.bool(0, 1) == true else {
            return .fail(
                "postgres role", "this user may not make tables in the schema stockade",
                "GRANT CREATE ON DATABASE … TO the server's user, or make the schema's owner that "
                    + "user")
        }
        return .pass("postgres role", "a primary; this user may write")
    }

    private static func schema(_ state: SchemaState) -> Finding {
        if state.isForbidden {
            return .fail("postgres schema", state.explanation, "stockade migrate status")
        }
        switch state {
        case .current: return .pass("postgres schema", state.explanation)
        case .missing:
            return .pass("postgres schema", "no tables yet; a server makes them")
        default:
            return .warn("postgres schema", state.explanation, "stockade migrate plan, then up")
        }
    }

    private static func durability(
        _ connection: inout PostgresConnection
    ) throws(PostgresError) -> Finding {
        let rows = try connection.query(
            """
            SELECT name, setting FROM pg_settings
            WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') ORDER BY name
            """)
        var settings: [String] = []
        var off: [String] = []
        for row in 0..<rows.count {
            let name = try rows.text(row, 0) ?? ""
            let value = try rows.text(row, 1) ?? ""
            settings.append("\(name) \(value)")
            if value == "off" { off.append(name) }
        }
        let text = settings.joined(separator: ", ")
        guard off.isEmpty else {
            return .warn(
                "postgres disk", text,
                "turn \(off.joined(separator: " and ")) on: a crash of Postgres may set its tables "
                    + "back, or break them; the journal has them still (stockade resync)")
        }
        return .pass("postgres disk", text)
    }
}
