// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import StockadeAPI
internal import Synchronization
internal import Transport

/// A closed-loop run: sets the stock up, drives the server from one or more threads, and reads the
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
    public func run() throws(Failure) -> BenchResult {
        if options.checksAnswers { try setUpStock() }
        let results = Results()
        try drive(thread: 0, into: results)
        var tally = BenchTally(skus: options.skus)
        var seconds = 0.0
        for part in results.parts.withLock({ $0 }) {
            if let failure = part.failure { throw Failure(explanation: failure) }
            tally.add(part.tally)
            seconds = max(seconds, part.seconds)
        }
        var finding: StockFinding?
        if options.checksAnswers, options.method == .reserve { finding = try checkStock(tally) }
        return BenchResult(options: options, tally: tally, seconds: seconds, finding: finding)
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

    /// Starts the threads from `thread` on and waits for them; the last runs here.
    private func drive(thread: Int, into results: Results) throws(Failure) {
        guard thread < options.threads - 1 else { return runThread(thread, into: results) }
        let worker: WorkerThread
        do {
            worker = try WorkerThread(name: "load-\(thread)") {
                self.runThread(thread, into: results)
            }
        } catch { throw Failure(explanation: error.explanation) }
        try drive(thread: thread + 1, into: results)
        worker.join()
    }

    private func runThread(_ thread: Int, into results: Results) {
        let part: Part
        do {
            let control = try LoopControl()
            var requests: Int?
            if case .requests(let total) = options.extent { requests = share(total, thread) }
            let service = ClosedLoop(
                options, thread: thread, connections: share(options.connections, thread),
                requests: requests, control: control)
            var loop = try Loop(
                configuration: Bench.loopConfiguration, service: service, control: control)
            loop.run()
            part = Part(
                tally: loop.service.tally, seconds: loop.service.measuredSeconds,
                failure: loop.service.failure)
        } catch {
            part = Part(tally: BenchTally(skus: 0), seconds: 0, failure: error.explanation)
        }
        results.parts.withLock { $0.append(part) }
    }

    /// The part of `total` that falls to a thread.
    private func share(_ total: Int, _ thread: Int) -> Int {
        total / options.threads + (thread < total % options.threads ? 1 : 0)
    }

    private func setUpStock() throws(Failure) {
        var now = timespec()
        // SAFETY: the kernel fills the struct that it is given.
        _ = unsafe clock_gettime(CLOCK_REALTIME, &now)
        let setup = StockSetup(
            identity: options.identity, skus: options.skus, units: options.stock,
            sourceVersion: UInt64(now.tv_sec) * 1_000 + UInt64(now.tv_nsec) / 1_000_000)
        _ = try run(setup, "setting up the stock")
    }

    private func checkStock(_ tally: BenchTally) throws(Failure) -> StockFinding {
        let check = StockCheck(
            brand: options.identity.brand, units: options.stock, granted: tally.grantedBySKU,
            wasRefused: tally.refusedSKU)
        return try run(check, "reading the stock").finding
    }

    /// Makes a sequence's calls on the calling thread; the sequence with what it took from them.
    private func run<Sequence: CallSequence>(
        _ sequence: Sequence, _ action: String
    ) throws(Failure) -> Sequence {
        let control: LoopControl
        var loop: Loop<SequenceService<Sequence>>
        do {
            control = try LoopControl()
            loop = try Loop(
                configuration: Bench.loopConfiguration,
                service: SequenceService(sequence, target: options.target, control: control),
                control: control)
        } catch { throw Failure(explanation: "\(action): \(error.explanation)") }
        loop.run()
        if let failure = loop.service.failure {
            throw Failure(explanation: "\(action): \(failure)")
        }
        return loop.service.sequence
    }

    private static var loopConfiguration: LoopConfiguration {
        LoopConfiguration(methods: Method.paths, watchedHeaders: ["idempotent-replay"])
    }
}
