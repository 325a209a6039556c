// SPDX-License-Identifier: Apache-2.0

internal import PostgresClient

/// Why tables couldn't be compared at all.
public enum TableFault: Error, Sendable {
    /// The connection string is wrong.
    case connection(String)
    /// Postgres wasn't reached, or failed.
    case postgres(String)
    /// There is nothing to compare with, or not as this version knows it.
    case tables(String)

    /// Sorts a failure: a table or column that is missing won't come by trying again.
    init(_ error: PostgresError) {
        if ["42P01", "3F000"].contains(error.sqlState) {
            self = .tables(
                "there are no tables of Stockade's in that database: `stockade migrate up` makes "
                    + "them, and a server with --postgres fills them")
        } else if error.kind == .unexpected || error.sqlState.hasPrefix("42") {
            self = .tables(
                "the tables can't be read (`stockade migrate verify` says what is wrong with them): "
                    + error.message)
        } else {
            self =
                error.kind == .connectionString
                ? .connection(error.explanation) : .postgres(error.explanation)
        }
    }

    /// What is wrong, and what to do.
    public var explanation: String {
        switch self {
        case .connection(let text), .postgres(let text), .tables(let text): text
        }
    }
}
