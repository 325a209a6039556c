// SPDX-License-Identifier: Apache-2.0

internal import Journal
internal import Projection
internal import Synchronization
internal import Transport

/// A server's life as its administration side sees it: filled in by the server as it comes up, read
/// from any thread.
final class ServerLife: Sendable {
    private let current = Atomic<UInt8>(ServerPhase.starting.rawValue)
    private let held = Mutex(ServerParts())
    private let lastWords = Mutex<String?>(nil)
    private let stall = JournalStall()

    /// Records that a start has read, and bytes, of so many at most.
    let replayedRecords = Atomic<Int>(0)
    let replayedBytes = Atomic<Int>(0)
    let replayByteCount = Atomic<Int>(0)

    /// The server may be asked for what it has.
    var parts: ServerParts { held.withLock { $0 } }

    /// Where it is. Goes on and never back.
    var phase: ServerPhase {
        ServerPhase(rawValue: current.load(ordering: .relaxed)) ?? .failed
    }

    func enter(_ phase: ServerPhase) { current.max(phase.rawValue, ordering: .relaxed) }

    /// Why it ends by itself.
    var failure: String? { lastWords.withLock { $0 } }

    func fail(_ explanation: String) {
        lastWords.withLock { if $0 == nil { $0 = explanation } }
        enter(.failed)
    }

    func attach(_ loops: ServerParts.Loops) { held.withLock { $0.loops = loops } }

    func attach(_ journal: ServerParts.Journal) { held.withLock { $0.journal = journal } }

    func attach(_ postgres: ProjectionStatus) { held.withLock { $0.postgres = postgres } }

    /// How the journal is; nil: there is none.
    var journalState: JournalState? {
        guard let journal = parts.journal else { return nil }
        if journal.queue.hasFailed || phase == .failed { return .failed }
        if stall.isStalled { return .stalled }
        return journal.queue.isShortOfSpace ? .full : .well
    }

    /// Looks whether the journal moves; several times a second, by one thread.
    func watchJournal(at now: UInt64) {
        guard let journal = parts.journal else { return }
        stall.look(
            waiting: journal.queue.waitingRecordCount > 0 || journal.tally.writeBegan != 0,
            durable: journal.durable.current, at: now)
    }
}

/// Notices that records wait and nothing becomes durable any more.
final class JournalStall: Sendable {
    /// So long and it counts: a thousand times what a flush takes.
    static let patience: UInt64 = 1_000_000_000

    private struct Look: Sendable {
        var durable: UInt64 = 0
        var since: UInt64 = 0
    }

    private let last = Mutex(Look())
    private let verdict = Atomic<Bool>(false)

    var isStalled: Bool { verdict.load(ordering: .relaxed) }

    func look(waiting: Bool, durable: UInt64, at now: UInt64) {
        last.withLock { last in
            if !waiting || durable != last.durable || last.since == 0 {
                last = Look(durable: durable, since: now)
            }
            verdict.store(now - last.since >= JournalStall.patience, ordering: .relaxed)
        }
    }
}

extension CommitQueue {
    /// What must be free for new reservations, or the server isn't ready for them: what waits in
    /// memory at most, or a sixteenth of a small journal.
    var spaceReserve: Int { min(JournalLimits.bufferByteCount, byteCountMax / 16) }

    var isShortOfSpace: Bool { !hasSpace(spaceReserve) }
}
