// SPDX-License-Identifier: Apache-2.0

/// A warning that came with an answer.
public struct PostgresWarning: Equatable, Sendable {
    /// The server's code, five characters.
    public var sqlState: String
    /// The server's words.
    public var message: String

    /// Names both.
    public init(sqlState: String, message: String) {
        self.sqlState = sqlState
        self.message = message
    }

    /// Whether it may say that a commit is on the primary only: 01000 is what "canceling wait for
    /// synchronous replication" carries, in whatever language.
    public var isAboutReplication: Bool { sqlState == "01000" }
}

/// Where a connection's warnings gather. Touched on the connection's thread only.
final class WarningLog {
    private(set) var warnings: [PostgresWarning] = []
    /// All of them, those that weren't kept included.
    private(set) var count = 0

    func add(_ warning: PostgresWarning) {
        count += 1
        if warnings.count < PostgresLimits.warningsMax { warnings.append(warning) }
    }

    func take() -> [PostgresWarning] {
        let taken = warnings
        warnings.removeAll()
        return taken
    }
}
