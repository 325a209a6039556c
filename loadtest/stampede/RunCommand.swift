// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import LoadGenerator
import Transport

/// `stampede run`
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Reproduces a promotion and proves that the sale was right.",
        discussion: """
            An open loop: when a dealer comes was fixed before the run, whatever the server does. \
            Latency counts from the time a call was due. Afterwards what every dealer was told is \
            joined with the server's journal.

            With --server-command stampede starts the server itself; only then may a scenario kill \
            or stop it, and the journal is checked at the end. {listen} in the command is where it is \
            to listen; it must print `ready HOST:PORT`.

            With --postgres the server writes to Postgres, and what is there is compared with the \
            journal; with --postgres-command stampede starts that Postgres, too, and the scenario may \
            kill or stop it. A wrapper such as runuser may stand before it.

            Exit codes: 0 passed, 1 could not run or finish, 2 bad usage or scenario, 3 an objective \
            was missed, 4 the sale was wrong, 5 the measurement can't be believed, 6 stopped by an \
            abort rule, 8 refused because it isn't safe, 130 and 143 interrupted.

            EXAMPLES:
              stampede run loadtest/scenarios/steady.yaml --target 127.0.0.1:50051
              stampede run loadtest/scenarios/flash-sale.yaml \\
                --server-command 'stockade serve --data data --listen {listen}'
              stampede run loadtest/scenarios/flash-sale.yaml \\
                --server-command 'stockade serve --data data --listen {listen} --postgres {postgres}' \\
                --postgres 'host=/tmp/pg dbname=postgres user=postgres' \\
                --postgres-command 'postgres -D /tmp/pg/data -k /tmp/pg'
            """)

    @OptionGroup var scenario: ScenarioArguments

    @Option(help: "The server, HOST:PORT.")
    var target: String?

    @Option(help: "Starts the server; {listen} stands for where to listen.")
    var serverCommand: String?

    @Option(
        help: """
            How Postgres is reached, in libpq's words; {postgres} in the other commands stands for it. \
            At the end it is held against the journal, row by row. (default: what the server command \
            says after --postgres)
            """)
    var postgres: String?

    @Option(
        help: """
            Starts that Postgres, in the foreground, with -D DIR; only then may a scenario kill or \
            stop it.
            """)
    var postgresCommand: String?

    @Option(
        help: """
            Reads the journal after the server's end; {dump} stands for the dump's path. (default: the \
            server command's program with check and its --data)
            """)
    var checkCommand: String?

    @Option(name: [.short, .long], help: "Where the run's folder is made.")
    var out = "runs"

    @Option(help: "The run's id in hexadecimal; another run on the same server needs another one.")
    var runID: String?

    @Flag(help: "Nothing is shown while it runs.")
    var quiet = false

    @Flag(help: "Plain lines instead of a picture, even at a terminal.")
    var plain = false

    @Flag(help: "No colours. NO_COLOR does the same.")
    var noColor = false

    @Flag(
        help: """
            No stock is set up, no ledger kept, no journal read; answers are judged one by one. For \
            reading from a server as it is, or from a peer with a constant reply.
            """)
    var noSetup = false

    func run() throws {
        TerminationSignals.block(.askedOrHungUp)
        // Whoever reads what we print may go; the server that we started must still be ended.
        signal(SIGPIPE, SIG_IGN)
        let parsed = try scenario.read()
        var options = RunOptions(parsed)
        guard target == nil || serverCommand == nil else {
            throw ValidationError("--target and --server-command exclude each other")
        }
        if let address = serverCommand == nil ? target ?? parsed.target.address : nil {
            do {
                options.target = try SocketAddress(address)
            } catch { throw ValidationError("the target \(address): \(error.explanation)") }
        }
        options.serverCommand = try words(serverCommand, "--server-command")
        options.checkCommand = try words(checkCommand, "--check-command")
        options.postgresCommand = try words(postgresCommand, "--postgres-command")
        options.postgres = postgres
        if let command = serverCommand, !command.contains("{listen}") {
            throw ValidationError(
                "--server-command needs {listen} where the address goes: --listen {listen}")
        }
        if let runID {
            guard let number = UInt64(runID, radix: 16), number > 0 else {
                throw ValidationError("--run-id must be 1 to 16 hexadecimal digits, and not 0")
            }
            options.runID = number
        }
        options.outFolder = out
        options.commandLine = CommandLine.arguments
        options.skipsSetup = noSetup
        options.display = display
        do {
            try options.settlePostgres()
        } catch {
            StandardError.print("stampede: \(error.explanation)")
            throw ExitCode(error.kind.rawValue)
        }
        for text in options.leftOutTexts where !quiet { StandardError.print("stampede: \(text)") }
        let run = ScenarioRun(options)
        do {
            // It waits for signals as long as the process lives.
            let waiter = try WorkerThread(name: "signals") {
                while true {
                    let number = TerminationSignals.wait(.askedOrHungUp)
                    run.interrupt(number == SIGHUP ? SIGTERM : number)
                }
            }
            waiter.detach()
        } catch {
            StandardError.print("stampede: \(error.explanation)")
            throw ExitCode(1)
        }
        do {
            let (record, folder) = try run.run()
            print(record.verdictText(colour: isatty(STDOUT_FILENO) == 1 && !isColourless))
            print("report: \(folder)/report.html")
            if record.ending.exitCode != 0 { throw ExitCode(record.ending.exitCode) }
        } catch let failure as RunFailure {
            StandardError.print("stampede: \(failure.explanation)")
            throw ExitCode(failure.kind.rawValue)
        }
    }

    private var isColourless: Bool { noColor || !Environment.allowsColour }

    private var display: RunOptions.Display {
        if quiet { return .quiet }
        guard !plain, let size = Environment.terminalSize else { return .lines }
        return .picture(columns: size.columns, rows: size.rows, colour: !isColourless)
    }

    private func words(_ text: String?, _ flag: String) throws -> CommandWords? {
        guard let text else { return nil }
        guard let words = CommandWords(text) else {
            throw ValidationError("\(flag): a quote isn't closed, or there is no word")
        }
        return words
    }
}
