// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc
internal import Histogram
internal import StockadeAPI
internal import Synchronization
internal import Transport

/// A scenario's run from the stock to the verdict. One at a time; `run` blocks, `interrupt` comes from any
/// thread.
public final class ScenarioRun: Sendable {
    let options: RunOptions
    private let control = RunControl()
    private let signal = Atomic<Int32>(0)
    private let server = Mutex<ServerProcess?>(nil)
    private let postgres = Mutex<PostgresProcess?>(nil)

    /// Without any answer for so long the stock can't be set up.
    private static let setupGiveUpNanoseconds: UInt64 = 6_000_000_000

    /// Makes a run of a checked scenario, with options after `settlePostgres`.
    public init(_ options: RunOptions) { self.options = options }

    /// Whether a signal has come.
    var isInterrupted: Bool { signal.load(ordering: .relaxed) != 0 }

    /// Stops the run: the first time no further call begins, what is in flight is waited for, and a report is
    /// written; the second time the process ends at once.
    public func interrupt(_ number: Int32) {
        if signal.exchange(number, ordering: .sequentiallyConsistent) == 0 { return control.stop() }
        server.withLock { $0?.dismiss() }
        postgres.withLock { $0?.dismiss() }
        _exit(128 + number)
    }

    /// Runs it.
    ///
    /// - Returns: the record, and the folder with the results.
    /// - Throws: `RunFailure` when it couldn't begin. What ends it later is in the record.
    public func run() throws(RunFailure) -> (record: RunRecord, folder: String) {
        try refuseWhatIsUnsafe()
        let scenario = options.scenario
        let identity =
            options.runID.map { RunIdentity(runID: $0, seed: scenario.seed) }
            ?? .random(seed: scenario.seed)
        let plan = RunPlan(scenario, identity: identity)
        let wall = TurnTime.fromSystem().wallMilliseconds
        let folder = try RunFolder(
            in: options.outFolder, name: scenario.name, identity: identity,
            unixSeconds: Int(wall / 1_000))
        try TextFile.write(
            ScenarioFile.write(scenario), to: folder.partial + "/scenario.lock.yaml")
        let postgres = options.postgresProcess(folder: folder.partial)
        self.postgres.withLock { $0 = postgres }
        defer { postgres?.terminate() }
        let server = options.serverCommand.map { ServerProcess($0, folder: folder.partial) }
        self.server.withLock { $0 = server }
        defer { _ = server?.terminate() }
        let target: SocketAddress
        do {
            try postgres?.start()
            target = try startServer(server)
            if !options.skipsSetup { try setUpStock(plan, target) }
        } catch {
            _ = server?.terminate()
            postgres?.terminate()
            folder.discard()
            throw error
        }

        var session = RunSession(plan: plan, target: target, folder: folder.partial)
        session.record = head(plan, target, wall)
        session.display = RunDisplay(options.display)
        session.record.faultsLeftOut = options.leftOutTexts
        try drive(&session, server, postgres)
        close(&session)
        finishLedger(&session)
        verify(&session, server)
        let number = signal.load(ordering: .relaxed)
        session.course.signal = number == 0 ? nil : number

        session.record.validity =
            ValidityJudge(
                record: session.record, tally: session.tally, scenario: scenario,
                serverCPU: session.serverCPU, serverCores: session.serverCores,
                retransmissions: session.retransmissions, stolenSeconds: session.stolenSeconds,
                wasCutShort: session.course.isCutShort
            ).judge()
        session.record.validity.findings += postgresFindings(session.record)
        session.record.objectives = ObjectiveJudge.judge(scenario.objectives, session.record)
        session.record.ending = EndingJudge.judge(session.record, session.course)
        try RunResults.write(session.record, to: folder.partial)
        try folder.finish()
        return (session.record, folder.path)
    }

    // MARK: - Before

    private func refuseWhatIsUnsafe() throws(RunFailure) {
        let scenario = options.scenario
        if options.target == nil, options.serverCommand == nil {
            throw RunFailure(
                .badUsage,
                "no server: give --target HOST:PORT or --server-command '…', or "
                    + "target.address in the scenario")
        }
        if options.serverCommand == nil, scenario.faults.contains(where: { $0.kind.needsOwnServer })
        {
            throw RunFailure(
                .unsafe,
                "the scenario kills or stops the server: that is done only to one that stampede itself "
                    + "started; give --server-command, or take the faults out")
        }
        let needed = scenario.target.connections + 64
        if SystemFacts.descriptorsMax < needed {
            throw RunFailure(
                .couldNotRun,
                "\(scenario.target.connections) connections need \(needed) descriptors, allowed are "
                    + "\(SystemFacts.descriptorsMax): raise it with ulimit -n \(needed)")
        }
    }

    private func startServer(_ server: ServerProcess?) throws(RunFailure) -> SocketAddress {
        guard let server else {
            guard let target = options.target else { throw RunFailure(.badUsage, "no target") }
            return target
        }
        try server.start()
        do {
            return try SocketAddress(server.address ?? "")
        } catch {
            throw RunFailure(
                .couldNotRun,
                "the server said `ready \(server.address ?? "")`: \(error.explanation)")
        }
    }

    private func setUpStock(_ plan: RunPlan, _ target: SocketAddress) throws(RunFailure) {
        let goods = plan.scenario.goods
        let setup = StockSetup(
            identity: plan.identity, brand: plan.brand, skus: goods.skus,
            units: { goods.units(of: $0) },
            sourceVersion: UInt64(TurnTime.fromSystem().wallMilliseconds))
        do {
            _ = try SequenceService.run(
                setup, target: target,
                retry: RetryPolicy(
                    attemptNanoseconds: 5_000_000_000,
                    giveUpNanoseconds: ScenarioRun.setupGiveUpNanoseconds),
                seed: plan.identity.runID)
        } catch {
            throw RunFailure(
                .couldNotRun,
                "setting up the stock of \(goods.skus) SKUs at \(target): \(error.explanation)"
                    + (options.runID.map {
                        " (run id \(String($0, radix: 16)) may have been used on this server before: "
                            + "leave --run-id out, and one is drawn)"
                    } ?? ""))
        }
    }

    private func head(_ plan: RunPlan, _ target: SocketAddress, _ wall: Int64) -> RunRecord {
        var record = RunRecord()
        record.name = plan.scenario.name
        record.runID = String(plan.identity.runID, radix: 16)
        record.seed = plan.scenario.seed
        record.brand = plan.brand
        record.target = "\(target)"
        record.startUnixMilliseconds = wall
        record.version = LoadGeneratorVersion.text
        record.commandLine = options.commandLine
        record.environment = SystemFacts.machine()
        let goods = plan.scenario.goods
        record.flashUnits = (0..<goods.flash).reduce(0) { $0 + goods.units(of: $1) }
        var begin = 0.0
        for stage in plan.scenario.load.stages {
            var entry = StageRecord()
            entry.name = stage.name
            entry.begin = begin
            entry.seconds = Double(stage.duration) / 1_000_000_000
            entry.isMeasured = stage.isMeasured
            entry.offered = Int(StageCurve(stage).total.rounded())
            begin += entry.seconds
            record.journeys.offered += entry.offered
            record.stages.append(entry)
        }
        return record
    }

    // MARK: - The rush

    private func drive(
        _ session: inout RunSession, _ server: ServerProcess?, _ postgres: PostgresProcess?
    ) throws(RunFailure) {
        let plan = session.plan
        let threads = plan.scenario.target.threads
        if !options.skipsSetup { try session.openLedger() }
        let ledger = session.ledger
        let board = RunBoard(threads: threads)
        let tallies = RunTallies()
        let control = control
        let target = session.target
        session.serverCPUAtStart = server?.cpuSeconds ?? 0
        let retransmissions = SystemFacts.retransmissions
        let stolen = SystemFacts.stolenSeconds
        for thread in 0..<threads {
            let isStarted = session.start("rush-\(thread)") {
                ScenarioRun.rush(plan, thread, target, control, board, ledger, tallies)
            }
            if !isStarted {
                control.giveUp()
                tallies.add(nil, failure: session.course.failure)
            }
        }
        while control.readyThreads < threads, !control.givesUp, !control.stops { usleep(1_000) }
        let startAt = stockade_monotonic_nanoseconds() + 20_000_000
        session.startAt = startAt
        session.record.startUnixMilliseconds = TurnTime.fromSystem().wallMilliseconds + 20
        control.begin(at: startAt)
        let faults = FaultHands(
            control: control, server: server, postgres: postgres, startAt: startAt)
        let watch = StockWatch(plan.scenario.goods)
        let plans = plan.scenario.faults
        session.start("faults") { faults.server.run(plans) }
        session.start("postgres-faults") { faults.postgres.run(plans) }
        if !options.skipsSetup, watch.count > 0 {
            let (brand, seed) = (plan.brand, plan.identity.runID)
            session.start("stock-watch") {
                watch.run(target, brand: brand, startAt: startAt, seed: seed)
            }
        }
        monitor(&session, board, faults, watch, tallies, server, threads)
        faults.log.end()
        watch.end()
        session.joinAll()
        if let server {
            session.serverCPU = server.cpuSeconds - session.serverCPUAtStart
            session.serverCores = server.pid > 0 ? SystemFacts.coresAllowed(of: server.pid) : nil
        }
        session.record.slices += board.takeRest()
        session.note(faults.log.takeEvents())
        session.record.burnDown = watch.known
        session.retransmissions = SystemFacts.retransmissions - retransmissions
        session.stolenSeconds = SystemFacts.stolenSeconds - stolen
        if let failure = tallies.failure ?? faults.log.failure { session.course.failure = failure }
        let tally = tallies.sum(stages: plan.scenario.load.stages.count)
        if tally.endedCutOff, session.course.failure == nil {
            session.course.failure = "\(target) couldn't be reached any more when the run ended"
        }
        session.take(tally)
    }

    /// The body of a load thread.
    private static func rush(
        _ plan: RunPlan, _ thread: Int, _ target: SocketAddress, _ control: RunControl,
        _ board: RunBoard, _ ledger: CallLedger?, _ tallies: RunTallies
    ) {
        stockade_wake_on_time()
        let connections = plan.scenario.target.connections
        let threads = plan.scenario.target.threads
        let count = connections / threads + (thread < connections % threads ? 1 : 0)
        do {
            let loopControl = try LoopControl()
            control.register(loopControl)
            var configuration = LoopConfiguration.ofCalls
            configuration.callsMax = 2 * count * plan.scenario.target.maxStreams + 256
            let service = RushLoop(
                plan, thread: thread, target: target, connections: max(1, count), control: control,
                board: board, loop: loopControl, ledger: ledger.map { CallLedgerPage($0) })
            var loop = try Loop(
                configuration: configuration, service: service, control: loopControl)
            loop.run()
            tallies.add(loop.service.tally, failure: loop.service.failure)
        } catch {
            control.giveUp()
            tallies.add(nil, failure: error.explanation)
        }
    }

    /// Shows what happens, and stops what must be stopped, until the load threads have ended.
    private func monitor(
        _ session: inout RunSession, _ board: RunBoard, _ faults: FaultHands, _ watch: StockWatch,
        _ tallies: RunTallies, _ server: ServerProcess?, _ threads: Int
    ) {
        var aborts = AbortWatch(session.plan.scenario.aborts)
        let duration = Double(session.plan.scenario.duration) / 1_000_000_000
        while tallies.count < threads {
            usleep(20_000)
            faults.postgres.look()
            session.note(faults.log.takeEvents())
            if let server, !faults.server.isAway, let code = server.hasEnded() {
                session.course.failure =
                    "the server ended by itself, with \(code):\n\(server.lastLog)"
                control.giveUp()
            }
            for slice in board.takeFinished() {
                session.record.slices.append(slice)
                if session.course.abortRule == nil, let rule = aborts.judge(slice) {
                    session.course.abortRule = rule
                    session.note("abort", "\(rule.condition.text) for \(rule.seconds) s")
                    control.stop()
                }
                session.record.burnDown = watch.known
                session.display.show(session.record, duration: duration)
            }
            if signal.load(ordering: .relaxed) != 0, !session.isInterrupted {
                session.isInterrupted = true
                session.note("interrupt", "interrupted: waiting for what is in flight")
            }
        }
        session.display.end()
    }

    // MARK: - Afterwards

    /// The closing phase, unless the run was cut short.
    private func close(_ session: inout RunSession) {
        let plan = session.plan
        let goods = plan.scenario.goods
        guard let phase = plan.scenario.closing, goods.flash > 0, !options.skipsSetup,
            session.course.failure == nil, session.course.abortRule == nil, !control.stops
        else { return }
        // Everything that was held has run out by then, a second of a crash's grace included.
        let pause = plan.longestTimeToLive + 1_000
        let lastDue = session.startAt + plan.scenario.duration
        session.note(
            "closing", "waiting \(pause) ms for holds to run out, then selling what is left")
        while stockade_monotonic_nanoseconds()
            < max(lastDue, session.startAt + session.tally.lastAnswer) + pause * 1_000_000
        {
            usleep(10_000)
            if control.stops { return }
        }
        let closingPlan = RunPlan(
            RushLoop.closingScenario(plan.scenario), identity: plan.identity,
            brand: plan.brand)
        let desk = ClosingDesk(skus: goods.flash, unitsMax: phase.unitsMax)
        do {
            let loopControl = try LoopControl()
            control.register(loopControl)
            control.begin(at: session.startAt)
            let service = RushLoop(
                closingPlan, thread: 0, target: session.target, connections: 1, control: control,
                board: RunBoard(threads: 1), loop: loopControl, closing: desk,
                ledger: session.ledger.map { CallLedgerPage($0) })
            var loop = try Loop(
                configuration: .ofCalls, service: service, control: loopControl)
            loop.run()
            session.closing = loop.service.closing
            if let failure = loop.service.failure { session.course.failure = failure }
            session.closingWrongAnswers = loop.service.tally.wrongAnswers
        } catch {
            session.course.failure = "the closing phase: \(error.explanation)"
        }
        let bought = session.closing?.buyers.reduce(0) { $0 + $1.bought } ?? 0
        session.note("closing", "the closing phase bought \(bought) units")
    }

    private func finishLedger(_ session: inout RunSession) {
        guard let fault = session.closeLedger() else { return }
        session.course.failure = session.course.failure ?? fault
    }

    /// Ends the server, reads its journal and joins it with the ledger.
    private func verify(_ session: inout RunSession, _ server: ServerProcess?) {
        guard !options.skipsSetup else {
            session.record.checks = session.contentChecks(
                "nothing was set up (--no-setup)", isPostgresNamed: options.postgres != nil)
            return
        }
        var journal = JournalReading()
        if let server {
            let code = server.terminate()
            if let code, code != 0 {
                session.course.failure =
                    session.course.failure
                    ?? "the server ended with \(code) after SIGTERM:\n\(server.lastLog)"
            }
            journal = JournalReading.run(options, folder: session.folder)
            catchUp(&session, server, &journal)
            if let fault = journal.fault {
                session.course.failure = session.course.failure ?? fault
            }
        }
        session.record.journalChecked = journal.dumpPath != nil
        do {
            session.record.checks = try session.oracle(journal)
        } catch {
            // Without the oracle's word the run hasn't passed; what was measured is still reported.
            session.record.checks = session.contentChecks(
                error.explanation, isPostgresNamed: options.postgres != nil)
            session.course.failure = session.course.failure ?? error.explanation
        }
    }
}

/// What the load threads bring back.
private final class RunTallies: Sendable {
    private struct State {
        var tallies: [RunTally] = []
        var count = 0
        var failure: String?
    }

    private let state = Mutex(State())

    func add(_ tally: RunTally?, failure: String?) {
        state.withLock { state in
            if let tally { state.tallies.append(tally) }
            state.count += 1
            state.failure = state.failure ?? failure
        }
    }

    /// Threads that have ended.
    var count: Int { state.withLock { $0.count } }

    var failure: String? { state.withLock { $0.failure } }

    func sum(stages: Int) -> RunTally {
        state.withLock { state in
            var sum = RunTally(stages: stages)
            for tally in state.tallies { sum.add(tally) }
            return sum
        }
    }
}
