// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// What the check command said of the server's journal after its end.
struct JournalReading: Sendable {
    /// 0 all right, 1 violations, 3 damaged; nil: it wasn't asked.
    var exitCode: Int32?
    /// What it printed.
    var text = ""
    /// Where the dump lies; nil: there is none.
    var dumpPath: String?
    /// Why there is none although one was wanted.
    var fault: String?
    /// What it said of Postgres; nil: nothing.
    var postgres: PostgresReading?
    /// Why Postgres wasn't held against the journal; nil: it was.
    var postgresGap: String? = PostgresReading.unnamed

    /// What `stockade check` exits with where no journal is.
    private static let nothingToRead: Int32 = 78

    /// Runs the check command of the options on the journal of the server that they started; where Postgres
    /// keeps it from coming to an end, once more without Postgres.
    static func run(_ options: RunOptions, folder: String) -> JournalReading {
        guard options.postgres != nil else { return ask(options, folder: folder) }
        var reading = ask(options, folder: folder)
        if reading.exitCode != nil {
            reading.readPostgres()
            return reading
        }
        // Out of reach, without tables, or there is no journal: the second answer tells them apart.
        let why = reading.text.split(separator: "\n").first ?? "it couldn't be asked"
        var alone = options
        alone.postgres = nil
        reading = ask(alone, folder: folder)
        reading.postgresGap = "Postgres can't be held against the journal: \(why)"
        if reading.exitCode != nil { reading.fault = reading.fault ?? reading.postgresGap }
        return reading
    }

    /// Takes what the check says of Postgres out of its output.
    private mutating func readPostgres() {
        postgres = PostgresReading(text)
        guard postgres == nil else {
            postgresGap = nil
            return
        }
        let line = text.split(separator: "\n").first { $0.hasPrefix("postgres: ") }
        postgresGap = line.map(String.init) ?? "the check command said nothing of Postgres"
        // Otherwise it has found something that explains it.
        if exitCode == 0 { fault = postgresGap }
    }

    private static func ask(_ options: RunOptions, folder: String) -> JournalReading {
        var reading = JournalReading()
        let dump = folder + "/dump.jsonl"
        guard let words = words(options, dump: dump) else {
            reading.text =
                "the server command has no `serve` with --data, and there is no --check-command"
            return reading
        }
        // SAFETY: a C string during the call.
        _ = unsafe unlink(dump)
        let textPath = folder + "/check.txt"
        // SAFETY: a C string during the call.
        let output = unsafe open(textPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard output >= 0 else {
            reading.fault = "can't write \(textPath): \(systemText(errno))"
            return reading
        }
        var pid: pid_t = 0
        let code = spawn(words, output, output, &pid)
        close(output)
        guard code == 0 else {
            reading.fault = "can't start \(words[0]): \(systemText(code))"
            return reading
        }
        let exitCode = stockade_reap(pid, 1)
        reading.exitCode = exitCode
        reading.text = TextFile.read(textPath) ?? ""
        // SAFETY: a C string during the call.
        if unsafe access(dump, R_OK) == 0 { reading.dumpPath = dump }
        // 78: there is no journal to read, as of a server in memory mode.
        if exitCode == JournalReading.nothingToRead {
            reading.exitCode = nil
            return reading
        }
        // A checker that found violations has written a dump; one that never ran has not.
        if ![0, 1, 3].contains(exitCode) || exitCode != 3 && reading.dumpPath == nil {
            reading.exitCode = nil
            reading.fault = "the check command ended with \(exitCode):\n\(reading.text)"
        }
        return reading
    }

    private static func words(_ options: RunOptions, dump: String) -> [String]? {
        if let command = options.checkCommand {
            let postgres = options.postgres ?? ""
            return command.words.map {
                $0.replacing("{dump}", with: dump).replacing("{postgres}", with: postgres)
            }
        }
        // Whatever stands before `serve` stays: `taskset -c 0 stockade serve …`.
        guard let server = options.serverCommand, let data = server.value(of: "--data"),
            let verb = server.words.firstIndex(of: "serve"), verb > 0
        else { return nil }
        var words = Array(server.words[..<verb])
        words += ["check", "--data", data, "--dump", dump, "--all"]
        if let postgres = options.postgres { words += ["--postgres", postgres] }
        if let retention = server.value(of: "--retention") { words += ["--retention", retention] }
        return words
    }
}
