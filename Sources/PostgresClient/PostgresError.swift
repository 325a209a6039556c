// SPDX-License-Identifier: Apache-2.0

/// Why Postgres didn't do what it was asked. Never contains the password.
public struct PostgresError: Error, Equatable, Sendable {
    /// Whose fault it is, and so what is left of the connection.
    public enum Kind: Sendable {
        /// The connection string is wrong; there was no connection.
        case connectionString
        /// There was no connection, or it wasn't let in.
        case unreachable
        /// The connection is gone. What was under way may have been committed or not.
        case lost
        /// The deadline passed; the connection is of no use any more, and what was under way may
        /// have been committed or not.
        case timedOut
        /// Another thread asked to end it; as with `timedOut`.
        case interrupted
        /// The server said no, and the connection goes on. An open transaction needs a rollback.
        case refused
        /// The answer isn't what the statement should give: our mistake, or another schema.
        case unexpected
    }

    /// Whose fault it is.
    public var kind: Kind
    /// The server's code, five characters; empty when it said none.
    public var sqlState: String
    /// The server's words, or ours.
    public var message: String

    /// Names each part; the message is cut to what is worth keeping.
    public init(_ kind: Kind, sqlState: String = "", _ message: String) {
        self.kind = kind
        self.sqlState = sqlState
        self.message = String(message.prefix(PostgresLimits.messageLengthMax))
    }

    /// Whether the same may work a little later, on a new connection if need be: the connection, the
    /// server's resources, or another transaction were in the way.
    public var isTransient: Bool {
        switch kind {
        case .unreachable, .lost, .timedOut: true
        case .connectionString, .interrupted, .unexpected: false
        case .refused:
            sqlState.hasPrefix("08") || sqlState.hasPrefix("53") || sqlState.hasPrefix("57P0")
                || ["40001", "40P01", "25006"].contains(sqlState)
        }
    }

    /// Whether it is about the rows themselves: their values, or a rule that they break. The same again
    /// gives the same. Class 42, which is a missing table or a missing right, is about all rows that
    /// there may be: a person must see to it.
    public var isAboutRows: Bool {
        kind == .refused && ["22", "23"].contains(String(sqlState.prefix(2)))
    }

    /// Whether the writer's mark isn't where it was thought to be: another writer took over, or a
    /// commit whose answer was lost had worked.
    public var isFenced: Bool { kind == .refused && sqlState == "WB001" }

    /// Whether the connection can be used further.
    public var leavesConnection: Bool { kind == .refused || kind == .unexpected }

    /// In words.
    public var explanation: String {
        let code = sqlState.isEmpty ? "" : " (SQLSTATE \(sqlState))"
        return switch kind {
        case .connectionString: "the connection string is wrong: \(message)"
        case .unreachable: "couldn't connect to Postgres: \(message)"
        case .lost: "the connection to Postgres is gone: \(message)\(code)"
        case .timedOut: "Postgres took too long: \(message)"
        case .interrupted: "interrupted: \(message)"
        case .refused: "Postgres refused: \(message)\(code)"
        case .unexpected: "Postgres's answer isn't what was expected: \(message)"
        }
    }
}
