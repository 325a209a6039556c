// SPDX-License-Identifier: Apache-2.0

import Glibc
import Journal
import Primitives
import Transport

/// A new journal with its threads, as a server has them.
struct WritingJournal {
    /// No run comes near it.
    static let byteCountMax = 64 << 30

    let clock: RunClock
    let log: DurableLog
    let facts: JournalFacts
    let journal: Journal<FileStore>

    var queue: CommitQueue { journal.queue }

    /// Begins a new journal and runs `body` beside its threads; what that appended is durable
    /// afterwards.
    static func run(
        at path: String, clock: RunClock, log: DurableLog,
        _ body: (WritingJournal) throws -> Void
    ) throws {
        let directory = try DataDirectory(path, lock: .exclusive)
        let writing = try begin(directory.journalPath, clock, log)
        let journal = writing.journal
        let commits = try WorkerThread(name: "journal") {
            do throws(StoreError) {
                try journal.runCommits(
                    clock: clock.journalClock, hasLiveHolds: { true }, onDurable: { log.add($0) })
            } catch { fail(error.explanation) }
        }
        let preparation = try WorkerThread(name: "segments") {
            do throws(StoreError) { try journal.runPreparation() } catch {
                fail(error.explanation)
            }
        }
        let outcome = Result { try body(writing) }
        journal.stop()
        commits.join()
        preparation.join()
        try outcome.get()
        _ = consume directory
    }

    private static func begin(
        _ path: String, _ clock: RunClock, _ log: DurableLog
    ) throws -> WritingJournal {
        let store = try FileStore(directory: path, access: .readWrite)
        var scan = try JournalScan(store)
        while try scan.next() != nil {}
        guard let end = scan.end, end.segments.isEmpty else {
            throw BenchFault(description: "\(path) has a journal already")
        }
        var chance = SystemRandomNumberGenerator()
        let identity = JournalIdentity(
            uuid: ClientID(high: chance.next(), low: chance.next()), hashKeyLow: 1, hashKeyHigh: 2)
        let now = clock.now
        let journal = try Journal.begin(
            store, queue: CommitQueue(journalByteCountMax: byteCountMax), identity: identity,
            end: end, configuration: JournalConfiguration(journalByteCountMax: byteCountMax),
            tick: now.tick, wall: now.wall)
        return WritingJournal(
            clock: clock, log: log,
            facts: JournalFacts(path: path, identity: identity, epoch: journal.epoch),
            journal: journal)
    }

    private static func fail(_ why: String) {
        print("the journal failed: \(why)")
        exit(1)
    }
}
