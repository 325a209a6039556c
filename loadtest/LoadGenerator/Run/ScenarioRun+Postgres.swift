// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// Postgres's side of a run's end.
extension ScenarioRun {
    /// After the server's end the tables may be behind. For so long it is started again to let them catch
    /// up, as long as they come nearer.
    static let catchUpNanoseconds: UInt64 = 60_000_000_000
    /// Each time for so long; at its end the server itself spends a few seconds on it.
    private static let catchUpTurnMicroseconds: UInt32 = 1_000_000

    /// What there is to say of Postgres beside the check.
    func postgresFindings(_ record: RunRecord) -> [Validity.Finding] {
        var findings = record.postgres.map { [$0.finding] } ?? []
        if !record.faultsLeftOut.isEmpty {
            findings.append(
                Validity.Finding(
                    name: "faults", verdict: .valid,
                    text: record.faultsLeftOut.joined(separator: "; ")))
        }
        return findings
    }

    /// Lets the tables catch up with the journal, and says how that went. `journal` is what was read after
    /// the server's end, and is read anew.
    func catchUp(
        _ session: inout RunSession, _ server: ServerProcess, _ journal: inout JournalReading
    ) {
        guard let first = journal.postgres else { return }
        let begin = stockade_monotonic_nanoseconds()
        var last = first
        while last.behind > 0, last.violations.isEmpty, !isInterrupted,
            stockade_monotonic_nanoseconds() - begin < ScenarioRun.catchUpNanoseconds
        {
            do {
                try server.start()
            } catch {
                session.course.failure =
                    session.course.failure ?? "while Postgres caught up: \(error.explanation)"
                break
            }
            usleep(ScenarioRun.catchUpTurnMicroseconds)
            _ = server.terminate()
            journal = JournalReading.run(options, folder: session.folder)
            guard let now = journal.postgres, now.mark > last.mark else { break }
            last = now
        }
        let took = Double(stockade_monotonic_nanoseconds() - begin) / 1_000_000_000
        session.record.postgres = PostgresRecord(
            journal.postgres ?? last, behindAtServerEnd: first.behind,
            catchUpSeconds: first.behind == 0 ? 0 : took, isOwn: options.postgresCommand != nil)
    }
}
