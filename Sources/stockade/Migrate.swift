// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import PostgresClient
import Projection

/// `stockade migrate`
struct Migrate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes the tables in Postgres that the sale is read from, and looks after them.",
        discussion: """
            The migrations are in the binary. Each runs in one transaction; of two at once the \
            second waits for the first. The user must own the database, or the schema stockade.

            Exit codes: 0 fine, 1 Postgres wasn't reached or failed, 2 bad usage, 78 the schema \
            forbids it: it is newer than this binary, was made from another text, or isn't as \
            needed.

            EXAMPLES:
              stockade migrate plan --postgres 'host=db.example dbname=sales user=stockade'
              stockade migrate up --postgres 'host=db.example dbname=sales user=stockade'
            """,
        subcommands: [Status.self, Up.self, Plan.self, Verify.self, Down.self])

    /// Where Postgres is.
    struct Place: ParsableArguments {
        @Option(
            help: """
                libpq's connection string: 'host=… port=… dbname=… user=…'. The password is better \
                left to PGPASSWORD or a password file: others see a command line.
                """)
        var postgres: String

        /// Connects and does `body`; what went wrong is said, and becomes the exit code.
        func run<Result>(
            _ body: (inout SchemaKeeper) throws(SchemaError) -> Result
        ) throws -> Result {
            do {
                var keeper: SchemaKeeper
                do { keeper = SchemaKeeper(try PostgresConnection(postgres)) } catch {
                    throw SchemaError.postgres(error)
                }
                return try body(&keeper)
            } catch let error as SchemaError {
                StandardError.print("stockade migrate: \(error.explanation)")
                if case .postgres(let failure) = error, failure.kind == .connectionString {
                    throw ExitCode(2)
                }
                if case .forbidden = error { throw ExitCode(78) }
                throw ExitCode(1)
            }
        }
    }

    /// `stockade migrate status`
    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Says which migrations were run, and which weren't.")

        @OptionGroup var place: Place

        func run() throws {
            let (state, applied) = try place.run { (keeper) throws(SchemaError) in
                (try keeper.state(), try keeper.applied())
            }
            for each in applied { print("\(each.version) \(each.name)  applied \(each.at)") }
            for each in SchemaMigration.all.dropFirst(applied.count) {
                print("\(each.version) \(each.name)  to be run")
            }
            print(state.explanation)
            if state.isForbidden { throw ExitCode(78) }
        }
    }

    /// `stockade migrate up`
    struct Up: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Runs the migrations that are missing.")

        @OptionGroup var place: Place

        func run() throws {
            let done = try place.run { (keeper) throws(SchemaError) in try keeper.up() }
            for each in done { print("\(each.version) \(each.name)  applied now") }
            if done.isEmpty { print("nothing to do: \(SchemaState.current.explanation)") }
        }
    }

    /// `stockade migrate plan`
    struct Plan: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints the SQL that up would run, and changes nothing.")

        @OptionGroup var place: Place

        func run() throws {
            let (state, applied) = try place.run { (keeper) throws(SchemaError) in
                (try keeper.state(), try keeper.applied())
            }
            if state.isForbidden {
                StandardError.print("stockade migrate: \(state.explanation)")
                throw ExitCode(78)
            }
            let missing = SchemaMigration.all.dropFirst(applied.count)
            for each in missing { print("BEGIN;\n\(each.up)COMMIT;") }
            if missing.isEmpty { StandardError.print("nothing to do: \(state.explanation)") }
        }
    }

    /// `stockade migrate verify`
    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compares the tables with what this binary needs; exit 78 if they differ.")

        @OptionGroup var place: Place

        func run() throws {
            let differences = try place.run { (keeper) throws(SchemaError) in
                try keeper.differences()
            }
            for each in differences { StandardError.print("stockade migrate: \(each)") }
            if !differences.isEmpty { throw ExitCode(78) }
            print(SchemaState.current.explanation)
        }
    }

    /// `stockade migrate down`
    struct Down: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Takes the newest migration back, with all rows that it made room for.")

        @OptionGroup var place: Place

        @Flag(help: "Yes, the rows are to go.")
        var yes = false

        func validate() throws {
            if !yes { throw ValidationError("this deletes rows: say --yes if that is meant") }
        }

        func run() throws {
            let done = try place.run { (keeper) throws(SchemaError) in try keeper.down() }
            print("\(done.version) \(done.name)  taken back")
        }
    }
}
