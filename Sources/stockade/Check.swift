// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Audit
import Glibc
import Journal

/// `stockade check`
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Verifies a journal offline: every record, every figure, every equation.",
        discussion: """
            Applies the amounts of each record to a ledger of its own and compares with the figures \
            that the record carries. Prints each violation and a summary on standard output. Never \
            writes to the directory; a server must not be using it.

            With --postgres, compares the tables there row by row with the journal too, up to the \
            record that they stand at, and says how far behind they are: that is no violation. A \
            row that differs, one too many or too few, and a record that Postgres refused are.

            Exit codes: 0 fine (a torn tail is fine: nothing in it was acknowledged), 1 violations, \
            2 bad usage, 3 the journal is damaged, 69 the directory is in use or Postgres out of \
            reach, 78 there is no journal, it or the dump's file is out of reach, or there are no \
            tables to compare.

            EXAMPLES:
              stockade check --data /var/lib/stockade
              stockade check --data /var/lib/stockade --dump state.jsonl
              stockade check --data /var/lib/stockade --postgres 'host=db.example dbname=sales'
            """)

    @Option(help: "The directory that the server was given with --data.")
    var data: String

    @Option(
        help: """
            Writes the state at the end as lines of JSON to a file, which appears when it is whole; \
            - is standard output, and the summary goes to standard error then.
            """)
    var dump: String?

    @Flag(
        help: "In the dump, also what the retention made forgotten.")
    var all = false

    @Option(help: "What the server's --retention was, 1s to 7d: a number with ms, s, m, h, d.")
    var retention = Duration(milliseconds: 24 * 3_600_000)

    @Option(
        help: """
            Compares the tables of this database too: libpq's connection string. The password is \
            better left to PGPASSWORD or a password file: others see a command line.
            """)
    var postgres: String?

    /// Somebody who waits hears something this often.
    private static let progressInterval = Swift.Duration.seconds(5)

    func validate() throws {
        if data.isEmpty { throw ValidationError("--data: which directory?") }
        guard
            AuditLimits.retentionMilliseconds.contains(
                UInt64(clamping: retention.milliseconds))
        else { throw ValidationError("--retention must be 1s to 7d") }
        if all, dump == nil { throw ValidationError("--all says what goes into --dump") }
    }

    func run() throws {
        let directory: DataDirectory
        do {
            directory = try DataDirectory(data, lock: .shared)
        } catch {
            StandardError.print("stockade check: \(error.explanation)")
            if case .inUse = error { throw ExitCode(69) }
            throw ExitCode(78)
        }
        var audit = JournalAudit(
            retentionMilliseconds: UInt64(retention.milliseconds), keepsForgotten: all,
            tables: try connect())
        do {
            // Opened first: nobody wants to hear of a wrong path after a long reading.
            if let dump {
                var file = try DumpFile(dump)
                try read(directory.journalPath, &audit)
                try audit.dump { (bytes) throws(DumpFile.Failure) in try file.write(bytes) }
                try file.finish()
            } else {
                try read(directory.journalPath, &audit)
            }
        } catch let failure as DumpFile.Failure {
            StandardError.print("stockade check: \(failure.explanation)")
            throw ExitCode(78)
        }
        // The lock was held until here.
        _ = consume directory
        let summary = audit.summary()
        for violation in audit.violations {
            tell("violation \(violation.rule.rawValue): \(violation.explanation)")
        }
        if summary.violations > audit.violations.count {
            tell("and \(summary.violations - audit.violations.count) violations more")
        }
        for line in summary.lines { tell(line) }
        if summary.violations > 0 { throw ExitCode(1) }
    }

    /// The tables, reached before the journal is read: nobody waits in vain.
    private func connect() throws -> TableComparison? {
        guard let postgres else { return nil }
        do {
            return try TableComparison(postgres)
        } catch {
            throw refusal(error)
        }
    }

    /// Says why there is no comparison.
    private func refusal(_ fault: TableFault) -> ExitCode {
        StandardError.print("stockade check: \(fault.explanation)")
        switch fault {
        case .connection: return ExitCode(2)
        case .postgres: return ExitCode(69)
        case .tables: return ExitCode(78)
        }
    }

    private func read(_ path: String, _ audit: inout JournalAudit) throws {
        do {
            var scan: JournalScan<FileStore>
            do {
                scan = try JournalScan(try FileStore(directory: path, access: .readOnly))
            } catch let fault as JournalFault {
                throw AuditFault.journal(fault)
            }
            guard !scan.isEmpty else {
                let missing = DataDirectory.Failure.missing(data)
                StandardError.print("stockade check: \(missing.explanation)")
                throw ExitCode(78)
            }
            let clock = ContinuousClock()
            var told = clock.now
            try audit.read(&scan) { read, of, sequence in
                guard clock.now - told >= Check.progressInterval else { return }
                told = clock.now
                StandardError.print(
                    "stockade check: \(read * 100 / max(of, 1)) % read, record \(sequence)")
            }
        } catch AuditFault.tables(let fault) {
            throw refusal(fault)
        } catch let fault as AuditFault {
            StandardError.print("stockade check: \(fault.explanation)")
            throw ExitCode(fault.isCorruption ? 3 : 78)
        } catch let error as StoreError {
            StandardError.print("stockade check: \(error.explanation)")
            throw ExitCode(78)
        }
    }

    /// The result; on standard error when standard output is the dump's.
    private func tell(_ line: String) {
        if dump == "-" { StandardError.print(line) } else { print(line) }
    }
}
