// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Journal
import Projection

/// `stockade resync`
struct Resync: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes the tables in Postgres anew, from a journal that no server uses.",
        discussion: """
            For tables that aren't this journal's image any more: another journal's, a backup's, \
            changed by hand, or with dead letters. Empties all tables of the schema stockade, then \
            writes them from the journal's begin. The journal is only read. Who reads the tables \
            meanwhile sees them grow; stockade.state says how far they are. Interrupted, it can be \
            run again, or the server be started, which goes on from there.

            Exit codes: 0 fine, 1 Postgres wasn't reached or failed, 2 bad usage, 3 the journal is \
            damaged, 69 the directory is in use, 78 there is no journal, or the schema forbids it.

            EXAMPLES:
              stockade resync --data /var/lib/stockade --yes \\
                --postgres 'host=db.example dbname=sales user=stockade'
            """)

    @Option(help: "The directory that the server was given with --data.")
    var data: String

    @Option(help: "libpq's connection string: 'host=… port=… dbname=… user=…'.")
    var postgres: String

    @Flag(help: "Yes, what the tables hold now is to go.")
    var yes = false

    /// Somebody who waits hears something this often.
    private static let progressInterval = Swift.Duration.seconds(5)

    func validate() throws {
        if data.isEmpty { throw ValidationError("--data: which directory?") }
        if let problem = Projector.problem(of: postgres) {
            throw ValidationError("--postgres: \(problem)")
        }
        if !yes {
            throw ValidationError(
                "this empties all tables of the schema stockade in that database and writes them "
                    + "from this journal: say --yes if that is meant")
        }
    }

    func run() throws {
        let directory: DataDirectory
        do { directory = try DataDirectory(data, lock: .shared) } catch {
            StandardError.print("stockade resync: \(error.explanation)")
            if case .inUse = error { throw ExitCode(69) }
            throw ExitCode(78)
        }
        let (identity, end) = try read(directory.journalPath)
        let rebuild = TableRebuild(
            ProjectionConfiguration(
                conninfo: postgres, journalPath: directory.journalPath, identity: identity,
                journalEpoch: end.epoch, journalByteCountMax: .max),
            lastSequence: end.lastSequence)
        do throws(TableRebuild.Failure) {
            try write(rebuild, end.lastSequence)
        } catch {
            StandardError.print("stockade resync: \(error.explanation)")
            if case .forbidden = error { throw ExitCode(78) }
            throw ExitCode(1)
        }
        // The lock was held until here.
        _ = consume directory
    }

    private func write(
        _ rebuild: borrowing TableRebuild, _ last: UInt64
    ) throws(TableRebuild.Failure) {
        if let former = try rebuild.former() {
            StandardError.print(
                "stockade resync: the tables were \(former.isSame ? "this" : "another") journal's "
                    + "(\(former.journal)) up to record \(former.sequence); they are emptied")
        }
        let clock = ContinuousClock()
        let began = clock.now
        var told = began
        var rows: UInt64 = 0
        try rebuild.run(
            note: { StandardError.print("stockade resync: \($0.text)") },
            progress: { sequence, rowsSoFar in
                rows = rowsSoFar
                guard clock.now - told >= Resync.progressInterval else { return }
                told = clock.now
                StandardError.print("stockade resync: record \(sequence) of \(last)")
            })
        let seconds = (clock.now - began) / .seconds(1)
        let rate = seconds > 0 ? Int(Double(rows) / seconds) : 0
        print("the tables are this journal's up to record \(last): \(rows) rows (\(rate) rows/s)")
    }

    /// Finds where the journal ends.
    private func read(_ path: String) throws -> (JournalIdentity, JournalEnd) {
        do {
            var scan = try JournalScan(try FileStore(directory: path, access: .readOnly))
            while try scan.next() != nil {}
            guard let identity = scan.identity, let end = scan.end else {
                StandardError.print(
                    "stockade resync: \(DataDirectory.Failure.missing(data).explanation)")
                throw ExitCode(78)
            }
            return (identity, end)
        } catch let fault as JournalFault {
            StandardError.print("stockade resync: \(fault.explanation)")
            throw ExitCode(fault.isCorruption ? 3 : 78)
        } catch let error as StoreError {
            StandardError.print("stockade resync: \(error.explanation)")
            throw ExitCode(78)
        }
    }
}
