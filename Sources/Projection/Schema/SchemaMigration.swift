// SPDX-License-Identifier: Apache-2.0

/// One step of the tables' form.
public struct SchemaMigration: Sendable, Equatable {
    /// From 1, without gaps.
    public var version: Int
    /// As in its file's name.
    public var name: String
    /// SHA-256 of the file with `up`, in hexadecimal.
    public var checksum: String
    /// What makes it, as SQL.
    public var up: String
    /// What takes it back, with the rows.
    public var down: String

    /// Those that this binary brings along, in order.
    public static var all: [SchemaMigration] { EmbeddedMigrations.all }

    /// The tables, views and columns that it makes, as `table` and `table.column`. Each has a comment, so
    /// the comments are the list.
    var commented: [String] {
        let beginnings = ["TABLE", "VIEW", "COLUMN"].map { "COMMENT ON \($0) stockade." }
        return beginnings.flatMap { beginning in
            up.split(separator: "\n").filter { $0.hasPrefix(beginning) }.map {
                String($0.dropFirst(beginning.count).prefix { $0 != " " })
            }
        }
    }
}
