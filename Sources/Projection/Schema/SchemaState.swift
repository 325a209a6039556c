// SPDX-License-Identifier: Apache-2.0

public import PostgresClient

/// How a database's tables relate to what this binary needs.
public enum SchemaState: Sendable, Equatable {
    /// There are none.
    case missing
    /// There is a schema `stockade`, and no migration made it.
    case foreign
    /// All migrations up to this one, and there are more.
    case behind(version: Int)
    /// As needed.
    case current
    /// Made by a later binary.
    case newer(version: Int)
    /// A migration was run from other text than this binary has, or isn't known, or left out.
    case altered(version: Int)

    /// Whether this binary must leave the tables alone.
    public var isForbidden: Bool {
        switch self {
        case .missing, .behind, .current: false
        case .foreign, .newer, .altered: true
        }
    }

    /// In words, and what to do.
    public var explanation: String {
        let needed = SchemaMigration.all.count
        return switch self {
        case .missing: "there are no tables yet: stockade migrate up makes them"
        case .foreign:
            "there is a schema stockade that stockade migrate didn't make; it is left alone. Take "
                + "another database, or rename that schema"
        case .behind(let version):
            "the schema is version \(version), and this stockade needs \(needed): run stockade "
                + "migrate up"
        case .current: "the schema is version \(needed), as this stockade needs it"
        case .newer(let version):
            "the schema is version \(version), and this stockade knows only \(needed): it was made "
                + "by a later stockade. Use that one; this one leaves the tables alone"
        case .altered(let version):
            "migration \(version) was run here from another text than this stockade has, so the "
                + "tables may be otherwise; they are left alone. Find the stockade that made them"
        }
    }
}

/// Why the tables weren't changed, or can't be used.
public enum SchemaError: Error, Equatable, Sendable {
    /// Postgres failed.
    case postgres(PostgresError)
    /// Another migration ran all the time.
    case busy
    /// The tables forbid it.
    case forbidden(SchemaState)
    /// There is nothing to take back.
    case nothingToUndo

    /// In words.
    public var explanation: String {
        switch self {
        case .postgres(let error): error.explanation
        case .busy: "another stockade migrate is running there; nothing was changed"
        case .forbidden(let state): state.explanation
        case .nothingToUndo: "there are no tables to take away"
        }
    }
}
