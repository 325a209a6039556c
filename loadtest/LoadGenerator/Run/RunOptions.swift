// SPDX-License-Identifier: Apache-2.0

public import Transport

/// How a scenario is run.
public struct RunOptions: Sendable {
    /// What is run.
    public var scenario: Scenario
    /// The server; nil: it is started by `serverCommand`.
    public var target: SocketAddress?
    /// Starts the server; `{listen}` in it is filled in.
    public var serverCommand: CommandWords?
    /// Reads the server's journal after its end, `{dump}` in it is filled in; nil: the server command
    /// with `check` in the place of `serve`, and its `--data`.
    public var checkCommand: CommandWords?
    /// How Postgres is reached, in libpq's words: what is in it is held against the journal afterwards. Nil
    /// after `settlePostgres`: there is none.
    public var postgres: String?
    /// Starts a Postgres that stays in the foreground; nil: it runs already, and nothing may kill it.
    public var postgresCommand: CommandWords?
    /// Optional faults of Postgres that `settlePostgres` has taken out of the scenario.
    public internal(set) var faultsLeftOut: [Fault] = []
    /// Nil: drawn by the system.
    public var runID: UInt64?
    /// Where the run's folder is made.
    public var outFolder = "runs"
    /// Words of the command line, for the report.
    public var commandLine: [String] = []
    /// No stock is set up, no ledger is kept and no journal is read: answers are judged one by one. For
    /// reading from a server as it is, or from a peer with a constant reply.
    public var skipsSetup = false
    /// The live picture.
    public var display = Display.lines

    /// What is shown while it runs, on standard error.
    public enum Display: Equatable, Sendable {
        /// Nothing.
        case quiet
        /// One line a second.
        case lines
        /// A picture that is drawn in place.
        case picture(columns: Int, rows: Int, colour: Bool)
    }

    /// Runs a scenario with the defaults.
    public init(_ scenario: Scenario) {
        self.scenario = scenario
    }
}
