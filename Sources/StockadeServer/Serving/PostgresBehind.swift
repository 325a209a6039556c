// SPDX-License-Identifier: Apache-2.0

internal import Journal
internal import Logging
internal import Primitives
internal import Projection
internal import Synchronization
internal import Transport

#if PlantedFaults
    internal import ReservationCore
#endif

/// Postgres, written behind a server's journal; what becomes of it goes to the log.
struct PostgresBehind: Sendable {
    /// How long a drained server lets Postgres catch up.
    private static let lastWriting = Duration.seconds(3)

    private let projector: Projector
    /// Answers what is asked about movements.
    let movements: MovementReader
    private let log: Logger

    /// Prepares; the journal isn't written to yet.
    init(
        _ conninfo: String, _ configuration: ServerConfiguration, _ recovery: borrowing Recovery,
        _ durable: DurableSequence, log: Logger
    ) {
        let queue = recovery.journal.queue
        var projection = ProjectionConfiguration(
            conninfo: conninfo, journalPath: recovery.directory.journalPath,
            identity: recovery.identity, journalEpoch: recovery.journal.epoch,
            journalByteCountMax: configuration.journalByteCountMax)
        projection.seed = Entropy.hashKey().0
        #if PlantedFaults
            switch configuration.core.plantedFault {
            case .applyBatchTwice: projection.plant = .applyBatchTwice
            case .forgetFence: projection.plant = .forgetFence
            default: break
            }
        #endif
        let source = ProjectionSource(
            durableSequence: { durable.current }, usedByteCount: { queue.usedByteCount },
            wall: { WallTime(milliseconds: TurnTime.fromSystem().wallMilliseconds) })
        self.log = log
        movements = MovementReader(conninfo: conninfo, journal: recovery.identity.uuid)
        projector = Projector(projection, source: source) { PostgresBehind.tell($0, log) }
    }

    /// Asks, before anything is written to a journal, whether Postgres knows more of it than it does
    /// itself: serving would give sequences away a second time.
    ///
    /// Doesn't wait longer than a start should: the look-up of a host's name can't be interrupted. What is
    /// heard too late the writer finds out by itself.
    static func refuse(
        _ conninfo: String, _ identity: JournalIdentity, lastSequence: UInt64, log: Logger
    ) throws(ServerFailure) {
        let answer = StartAnswer()
        do throws(TransportError) {
            try WorkerThread(name: "postgres-start") {
                answer.give(
                    Projector.obstacle(conninfo, identity, lastSequence: lastSequence) {
                        tell($0, log)
                    })
            }.detach()
        } catch { throw ServerFailure(.failed, error.explanation) }
        if let obstacle = answer.wait(atMost: ProjectionLimits.probeTimeout) {
            throw ServerFailure(.corruptJournal, "postgres: \(obstacle)")
        }
    }

    /// Where it is; any thread.
    var status: ProjectionStatus { projector.status }

    /// Writes until `finish`; a thread of its own.
    func run() { projector.run() }

    /// Answers questions until `finish`; a thread of its own.
    func answer() { movements.run() }

    /// Lets Postgres catch up for a moment, and says where it is.
    func finish() {
        movements.stop()
        projector.finish(within: PostgresBehind.lastWriting)
        let status = projector.status
        let applied = status.appliedSequence.load(ordering: .relaxed)
        let batches = status.batches.load(ordering: .relaxed)
        let rows = status.rows.load(ordering: .relaxed)
        log.info("postgres: up to record \(applied), \(rows) rows in \(batches) transactions")
    }

    private static func tell(_ note: ProjectionNote, _ log: Logger) {
        switch note.level {
        case .information: log.info("postgres: \(note.text)")
        case .warning: log.warning("postgres: \(note.text)")
        case .alarm: log.critical("postgres: \(note.text); the sale goes on")
        }
    }
}
