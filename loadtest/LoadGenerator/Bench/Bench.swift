// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import StockadeAPI
internal import Synchronization
internal import Transport

/// A run: sets the stock up, drives the server from one or more threads, and reads the
/// stock afterwards.
public struct Bench: Sendable {
    private let options: BenchOptions

    /// Why a run couldn't be made or finished, in words.
    public struct Failure: Error, Sendable {
        /// What happened.
        public var explanation: String
    }

    /// Makes a run of checked options.
    public init(_ options: BenchOptions) {
        self.options = options
    }

    /// Runs it; blocks until the end.
    ///
    /// - Throws: `Failure` when it couldn't begin. What ends it later is in the result.
    public func run() throws(Failure) -> BenchResult {
        if options.checksAnswers { try setUpStock() }
        let ledger = try makeLedger()
        let results = Results()
        try writing(ledger) { () throws(Failure) in try drive(thread: 0, into: results, ledger) }
        var tally = BenchTally(skus: options.skus)
        var seconds = 0.0
        var failure: String?
        for part in results.parts.withLock({ $0 }) {
            failure = failure ?? part.failure
            tally.add(part.tally)
            seconds = max(seconds, part.seconds)
        }
        let fault = ledger?.end(isComplete: failure == nil)
        failure = failure ?? fault
        var finding: StockFinding?
        if failure == nil, options.checksAnswers, options.call != .getStock {
            finding = try checkStock(tally)
        }
        return BenchResult(
            options: options, tally: tally, seconds: seconds, finding: finding, failure: failure)
    }

    private func makeLedger() throws(Failure) -> LedgerWriter<LedgerFormat>? {
        guard let path = options.ledgerPath else { return nil }
        do {
            return try LedgerWriter(
                path, LedgerFormat(LedgerHead(options)), threads: options.threads)
        } catch { throw Failure(explanation: error.explanation) }
    }

    /// What one thread brings back.
    private struct Part: Sendable {
        var tally: BenchTally
        var seconds: Double
        var failure: String?
    }

    private final class Results: Sendable {
        let parts = Mutex<[Part]>([])
    }

    /// Runs `body` beside the ledger's thread, if there is one.
    private func writing(
        _ ledger: LedgerWriter<LedgerFormat>?, _ body: () throws(Failure) -> Void
    ) throws(Failure) {
        guard let ledger else { return try body() }
        let worker: WorkerThread
        do {
            worker = try WorkerThread(name: "ledger") { ledger.run() }
        } catch { throw Failure(explanation: error.explanation) }
        var fault: Failure?
        do {
            try body()
        } catch { fault = error }
        ledger.finish()
        worker.join()
        if let fault { throw fault }
    }

    /// Starts the threads from `thread` on and waits for them; the last runs here.
    private func drive(
        thread: Int, into results: Results, _ ledger: LedgerWriter<LedgerFormat>?
    ) throws(Failure) {
        guard thread < options.threads - 1 else {
            return runThread(thread, into: results, ledger)
        }
        let worker: WorkerThread
        do {
            worker = try WorkerThread(name: "load-\(thread)") {
                self.runThread(thread, into: results, ledger)
            }
        } catch { throw Failure(explanation: error.explanation) }
        try drive(thread: thread + 1, into: results, ledger)
        worker.join()
    }

    private func runThread(
        _ thread: Int, into results: Results, _ ledger: LedgerWriter<LedgerFormat>?
    ) {
        let part: Part
        do {
            let control = try LoopControl()
            var requests: Int?
            if case .requests(let total) = options.extent { requests = share(total, thread) }
            let count = share(options.connections, thread)
            let service = BenchLoop(
                options, thread: thread, connections: count, requests: requests,
                control: control, ledger: ledger)
            var configuration = LoopConfiguration.ofCalls
            // Calls that were given up linger until the session has said so.
            configuration.callsMax = max(configuration.callsMax, 2 * count * options.streams)
            var loop = try Loop(
                configuration: configuration, service: service, control: control)
            loop.run()
            loop.service.settle()
            part = Part(
                tally: loop.service.tally, seconds: loop.service.measuredSeconds,
                failure: loop.service.failure)
        } catch {
            part = Part(
                tally: BenchTally(skus: options.skus), seconds: 0, failure: error.explanation)
        }
        results.parts.withLock { $0.append(part) }
    }

    /// The part of `total` that falls to a thread.
    private func share(_ total: Int, _ thread: Int) -> Int {
        total / options.threads + (thread < total % options.threads ? 1 : 0)
    }

    private func setUpStock() throws(Failure) {
        let units = options.stock
        let setup = StockSetup(
            identity: options.identity, brand: options.identity.brand, skus: options.skus,
            units: { _ in units },
            sourceVersion: UInt64(TurnTime.fromSystem().wallMilliseconds))
        _ = try run(setup, "setting up the stock")
    }

    private func checkStock(_ tally: BenchTally) throws(Failure) -> StockFinding {
        let check = StockCheck(
            brand: options.identity.brand, units: options.stock, granted: tally.grantedBySKU,
            wasRefused: tally.refusedSKU)
        return try run(check, "reading the stock").finding
    }

    private func run<Sequence: CallSequence>(
        _ sequence: Sequence, _ action: String
    ) throws(Failure) -> Sequence {
        do {
            return try SequenceService.run(
                sequence, target: options.target, retry: options.retry,
                seed: options.identity.runID)
        } catch { throw Failure(explanation: "\(action): \(error.explanation)") }
    }
}
