// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Journal
public import Logging
internal import Primitives
internal import ReservationCore
internal import Transport

#if PlantedFaults
    internal import Glibc
#endif

/// A server from its start to its end: recovery, loops, the line that says it is ready, the drain.
public struct Server: Sendable {
    private let configuration: ServerConfiguration
    private let log: Logger
    private let logs: LogDesk
    private let life = ServerLife()

    /// Prepares to run a configuration that has no `problem`.
    ///
    /// - Parameters:
    ///   - configuration: everything that it is started with.
    ///   - log: what happens.
    ///   - logs: where that goes: its level can be changed through the administration side.
    public init(_ configuration: ServerConfiguration, log: Logger, logs: LogDesk) {
        precondition(configuration.problem == nil)
        self.configuration = configuration
        self.log = log
        self.logs = logs
    }

    /// Makes the tables, reads the journal, serves until SIGTERM or SIGINT, then finishes what was
    /// begun. Blocks until then: the calling thread runs loop 0.
    ///
    /// - Throws: `ServerFailure`, whose kind is the exit code.
    public func run() throws(ServerFailure) {
        TerminationSignals.block()
        if let address = configuration.admin {
            try AdminServer.start(
                AdminDesk(life, logs, configuration), at: address, log: log)
        }
        switch configuration.mode {
        case .memory: try runInMemory()
        case .journal: try runWithJournal(at: configuration.dataDirectory ?? ".")
        }
    }

    private func runInMemory() throws(ServerFailure) {
        let core = ReservationCore(configuration.core, sink: MemorySink())
        // Everything is as durable as it will ever be.
        let group = try LoopGroup(
            configuration, core: core, hashKey: configuration.core.hashKey,
            clock: TickClock(start: .fromSystem(), firstTick: 0), durable: DurableSequence(.max),
            life: life, log: log)
        try group.run()
    }

    private func runWithJournal(at data: String) throws(ServerFailure) {
        life.enter(.replaying)
        let recovery = try Recovery.run(configuration, data: data, life: life, log: log)
        let core = recovery.core
        let journal = recovery.journal
        let clock = TickClock(start: .fromSystem(), firstTick: recovery.tick.milliseconds)
        #if PlantedFaults
            // The gate finds every record durable before it is written.
            let isGateOpen = configuration.core.plantedFault == .ackBeforeFlush
            let durable = DurableSequence(isGateOpen ? .max : recovery.durableSequence)
        #else
            let durable = DurableSequence(recovery.durableSequence)
        #endif
        let postgres = configuration.postgres.map {
            PostgresBehind($0, configuration, recovery, durable, log: log)
        }
        let group = try LoopGroup(
            configuration, core: core, hashKey: recovery.identity.hashKey, clock: clock,
            durable: durable, life: life, movements: postgres?.movements, log: log)
        life.attach(
            ServerParts.Journal(
                queue: journal.queue, tally: journal.tally, durable: durable,
                epoch: journal.epoch))
        if let postgres { life.attach(postgres.status) }
        try run(group, journal, clock, core, durable, postgres)
        let tally = journal.tally
        log.info(
            "journal: \(tally.records) records of \(tally.recordBytes) bytes in \(tally.blocks) blocks, \(tally.seals) seals"
        )
        _ = consume recovery
    }

    /// Runs the loops, with the journal's two threads beside them.
    private func run(
        _ group: LoopGroup<JournalSink>, _ journal: Journal<FileStore>, _ clock: TickClock,
        _ core: ReservationCore<JournalSink>, _ durable: DurableSequence,
        _ postgres: PostgresBehind?
    ) throws(ServerFailure) {
        #if PlantedFaults
            let flushPause: UInt32 =
                configuration.core.plantedFault == .ackBeforeFlush ? 50_000 : 0
        #endif
        let commits = try start("journal") {
            do throws(StoreError) {
                try journal.runCommits(
                    clock: Server.journalClock(clock),
                    hasLiveHolds: { core.liveHoldCount > 0 },
                    onDurable: {
                        durable.advance(to: $0)
                        #if PlantedFaults
                            // What comes meanwhile waits in memory, acknowledged already.
                            if flushPause > 0 { usleep(flushPause) }
                        #endif
                    })
            } catch { group.lose(error.explanation) }
        }
        let preparation = try start("segments") {
            do throws(StoreError) {
                try journal.runPreparation()
            } catch { group.lose(error.explanation) }
        }
        let outcome: Result<Void, ServerFailure>
        var isWriting = false
        do {
            if let postgres {
                try start("postgres") { postgres.run() }.detach()
                try start("movements") { postgres.answer() }.detach()
                isWriting = true
            }
            try group.run()
            outcome = .success(())
        } catch { outcome = .failure(error) }
        journal.stop()
        commits.join()
        preparation.join()
        if let postgres, isWriting { postgres.finish() }
        try outcome.get()
    }

    private func start(
        _ name: String, _ body: sending @escaping () -> Void
    ) throws(ServerFailure) -> WorkerThread {
        do {
            return try WorkerThread(name: name, body)
        } catch { throw ServerFailure(.failed, error.explanation) }
    }

    private static func journalClock(_ clock: TickClock) -> JournalClock {
        JournalClock(
            monotonicNanoseconds: { TurnTime.fromSystem().monotonicNanoseconds },
            time: {
                let now = clock.time(of: .fromSystem())
                return (now.tick, now.wall)
            })
    }
}
