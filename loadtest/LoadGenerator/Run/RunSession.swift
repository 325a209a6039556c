// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Histogram
internal import StockadeAPI
internal import Transport
internal import Wire

/// What a run knows by now: grows from its start to its verdict. One thread.
struct RunSession: ~Copyable {
    let plan: RunPlan
    let target: SocketAddress
    /// Where the files go.
    let folder: String
    var record = RunRecord()
    var tally = RunTally(stages: 0)
    var course = EndingJudge.Course()
    var startAt: UInt64 = 0
    var serverCPUAtStart = 0.0
    /// CPU seconds of the server under the load, and its cores; nil: it isn't ours.
    var serverCPU: Double?
    var serverCores: String?
    var retransmissions = 0
    /// Seconds that a hypervisor took from the machine's cores under the load.
    var stolenSeconds = 0.0
    var closing: ClosingDesk?
    var closingWrongAnswers = 0
    var isInterrupted = false
    /// Shows it while it grows.
    var display = RunDisplay(.quiet)
    private(set) var ledger: CallLedger?
    private var ledgerThread: ThreadList
    private var threads = ThreadList()

    init(plan: RunPlan, target: SocketAddress, folder: String) {
        self.plan = plan
        self.target = target
        self.folder = folder
        ledgerThread = ThreadList()
    }

    /// Where the ledger lies.
    var ledgerPath: String { folder + "/ledger.bin" }

    /// Starts a thread that `joinAll` waits for; false, and the run has failed, when there is none.
    @discardableResult
    mutating func start(_ name: String, _ body: sending @escaping () -> Void) -> Bool {
        guard let fault = threads.start(name, body) else { return true }
        course.failure = course.failure ?? fault
        return false
    }

    /// Waits for every thread of `start`.
    mutating func joinAll() { threads.joinAll() }

    /// Takes note of something that happened now.
    mutating func note(_ kind: String, _ text: String) {
        let now = stockade_monotonic_nanoseconds()
        note([
            RunEvent(
                seconds: Double(now - min(now, startAt)) / 1_000_000_000, kind: kind, text: text)
        ])
    }

    /// Takes note of what happened, and tells it.
    mutating func note(_ events: [RunEvent]) {
        record.events += events
        display.tell(record.events)
    }

    /// Makes the ledger and starts the thread that writes it.
    mutating func openLedger() throws(RunFailure) {
        let head = CallLedgerHead(
            identity: plan.identity,
            startedUnixMicroseconds: TurnTime.fromSystem().wallMilliseconds * 1_000,
            brand: plan.brand)
        let made: CallLedger
        do {
            made = try CallLedger(ledgerPath, head, threads: plan.scenario.target.threads + 1)
        } catch { throw RunFailure(.couldNotRun, error.explanation) }
        ledger = made
        if let fault = ledgerThread.start("ledger", { made.run() }) {
            throw RunFailure(.couldNotRun, fault)
        }
    }

    /// Ends the ledger; why it isn't whole, if it isn't.
    mutating func closeLedger() -> String? {
        guard let ledger else { return nil }
        ledger.finish()
        ledgerThread.joinAll()
        return ledger.end(isComplete: course.failure == nil)
    }

    /// Puts what the threads saw into the record.
    mutating func take(_ tally: RunTally) {
        self.tally = tally
        for kind in CallKind.allCases {
            let seen = tally.kinds[Int(kind.rawValue)]
            guard seen.ok + seen.refused + seen.failed > 0 else { continue }
            var call = CallRecord(kind)
            call.ok = seen.ok
            call.refused = seen.refused
            call.failed = seen.failed
            call.retried = seen.retried
            call.replays = seen.replays
            call.response = seen.response
            call.service = seen.service
            for (number, count) in seen.reasons.enumerated() where count > 0 {
                let reason = Reason(rawValue: UInt8(number)) ?? .unspecified
                call.reasons.append(("\(reason.name)", count))
                call.otherAnswers.append((StatusText.of(reason.status, reason), count))
            }
            for (number, count) in seen.unexplained.enumerated() where count > 0 {
                let status = StatusCode(rawValue: UInt8(number))
                call.otherAnswers.append(
                    (status.map { StatusText.of($0, nil) } ?? "no final answer", count))
            }
            call.reasons.sort { ($0.count, $1.name) > ($1.count, $0.name) }
            call.otherAnswers.sort { ($0.count, $1.name) > ($1.count, $0.name) }
            record.calls.append(call)
        }
        for index in record.stages.indices {
            record.stages[index].begun = tally.begun[index]
            record.stages[index].offered = tally.offered[index]
            record.stages[index].response = tally.stageResponse[index]
        }
        record.lag = tally.lag
        record.wait = tally.wait
        record.journeys = tally.journeys
        record.journeys.offered = tally.offered.reduce(0, +)
        record.measuredCalls = tally.measuredEnded
        record.measuredFailures = tally.measuredFailed
        // While it ran a second showed what was taken up in it; now it is known what was due.
        for index in record.slices.indices {
            let second = record.slices[index].second
            record.slices[index].due =
                second < tally.dueBySecond.count ? tally.dueBySecond[second] : 0
        }
        record.seconds = Double(tally.lastAnswer) / 1_000_000_000
        record.environment.append(
            .init("generator's memory at most", "\(SystemFacts.peakMemory >> 20) MiB"))
        record.environment.append(
            .init(
                "generator's CPU",
                "\(tally.cpuNanoseconds / 1_000_000) ms, of them spinning "
                    + "\(tally.spunNanoseconds / 1_000_000) ms"))
        if let failure = tally.firstFailure {
            record.environment.append(.init("first failure", failure))
        }
    }

    /// Asks the oracle, and adds what only the threads saw.
    mutating func oracle(_ journal: JournalReading) throws(RunFailure) -> [CheckResult] {
        let goods = plan.scenario.goods
        var input = OracleInput(
            ledgerPath: ledgerPath, dumpPath: journal.dumpPath, workFolder: folder,
            identity: plan.identity, brand: plan.brand, skus: goods.skus,
            units: { goods.units(of: $0) })
        input.flash = goods.flash
        input.restarts = record.events.filter { $0.kind == "kill" }
            .map { UInt64(max(0, $0.seconds) * 1_000_000_000) }
        input.levels = plan.scenario.checks
        input.journalCheckExit = journal.exitCode
        input.journalCheckText = journal.text
        input.postgres = journal.postgres
        input.postgresGap = journal.postgresGap.map { gap in
            ([gap] + record.faultsLeftOut).joined(separator: "; ")
        }
        if let closing {
            input.closing = ClosingResult(
                refusedSKUs: closing.buyers.map(\.wasRefused),
                note: closing.buyers.compactMap(\.note).first)
        }
        var checks: [CheckResult]
        do {
            let findings = try Oracle.verify(input)
            checks = findings.checks
            record.flashUnitsSold = findings.flashUnitsSold
        } catch { throw RunFailure(.couldNotRun, "the oracle: \(error.explanation)") }
        judgeContents(&checks)
        return checks
    }

    /// What can be said of a run without a ledger: whether each answer could be right.
    func contentChecks(_ reason: String, isPostgresNamed: Bool) -> [CheckResult] {
        var checks = CheckName.allCases.map {
            CheckResult(
                $0, level: plan.scenario.checks[$0] ?? .fail,
                outcome: .notChecked(
                    $0 == .postgres && !isPostgresNamed ? PostgresReading.unnamed : reason))
        }
        if let index = checks.firstIndex(where: { $0.name == .conservation }) {
            checks[index].outcome = .passed
            checks[index].extent = "the contents of every answer, one by one"
        }
        judgeContents(&checks)
        return checks
    }

    private func judgeContents(_ checks: inout [CheckResult]) {
        let wrong = tally.wrongAnswers + closingWrongAnswers
        guard wrong > 0, let index = checks.firstIndex(where: { $0.name == .conservation }),
            checks[index].level != .off
        else { return }
        checks[index].outcome = .failed
        checks[index].count += Int64(wrong)
        checks[index].counterexamples.insert(
            "\(wrong) answers OK can't be right; the first: "
                + (tally.firstWrongAnswer ?? "in the closing phase"), at: 0)
    }
}

/// Threads that are waited for.
struct ThreadList: ~Copyable {
    private var threads: [WorkerBox] = []

    /// Starts one; why it couldn't be started, if it couldn't.
    mutating func start(_ name: String, _ body: sending @escaping () -> Void) -> String? {
        do {
            threads.append(WorkerBox(try WorkerThread(name: name, body)))
            return nil
        } catch { return "can't start a thread: \(error.explanation)" }
    }

    /// Waits for all of them.
    mutating func joinAll() {
        for box in threads { box.join() }
        threads = []
    }

    private final class WorkerBox {
        private var thread: WorkerThread?
        init(_ thread: consuming WorkerThread) { self.thread = consume thread }
        func join() { thread.take()?.join() }
    }
}
