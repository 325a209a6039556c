// SPDX-License-Identifier: Apache-2.0

/// One statement of a pipeline.
public struct PostgresStep: Sendable {
    /// What is run.
    enum Statement: Sendable {
        case text(String)
        case prepared(String)
    }

    let statement: Statement
    let values: [PostgresValue]

    /// A statement's text: one statement, with `$1` for the first value.
    public static func run(_ sql: String, _ values: [PostgresValue] = []) -> PostgresStep {
        PostgresStep(statement: .text(sql), values: values)
    }

    /// A statement that was prepared under a name. The values must be of the types that it was
    /// prepared with.
    public static func prepared(_ name: String, _ values: [PostgresValue] = []) -> PostgresStep {
        PostgresStep(statement: .prepared(name), values: values)
    }

    /// Begins a transaction.
    public static var begin: PostgresStep { .run("BEGIN") }
    /// Commits it.
    public static var commit: PostgresStep { .run("COMMIT") }
}
