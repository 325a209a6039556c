// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Glibc
internal import Logging
internal import Primitives
internal import Projection
internal import ReservationCore
internal import StockadeAPI
internal import Synchronization
internal import Transport

/// The loops of a server over one core, from the first connection to the drain.
final class LoopGroup<Sink: EffectSink>: Sendable {
    private let configuration: ServerConfiguration
    private let log: Logger
    private let core: ReservationCore<Sink>
    private let hashKey: (UInt64, UInt64)
    private let controls: [LoopControl]
    private let clock: TickClock
    private let durable: DurableSequence
    private let life: ServerLife
    private let meters: [LoopMeter]
    private let services: [ServiceMeter]
    /// Reads movements; nil: there is no Postgres.
    private let movements: MovementReader?
    /// Loops beside loop 0 that have what they need of the system, or can't have it.
    private let settled = Atomic<Int>(0)
    private let doze = Doze()
    /// Why it ended by itself, the first time.
    private let failure = Mutex<ServerFailure?>(nil)

    /// How long callers have to read that their outcome is unknown, once the disk failed.
    private static var farewellMicroseconds: UInt32 { 500_000 }

    /// How long loop 0 sleeps at most before it looks again whether the others have settled.
    private static var settleNanoseconds: UInt64 { 100_000_000 }

    init(
        _ configuration: ServerConfiguration, core: ReservationCore<Sink>,
        hashKey: (UInt64, UInt64), clock: TickClock, durable: DurableSequence,
        life: ServerLife, movements: MovementReader? = nil, log: Logger
    ) throws(ServerFailure) {
        self.configuration = configuration
        self.core = core
        self.hashKey = hashKey
        self.clock = clock
        self.durable = durable
        self.life = life
        self.movements = movements
        self.log = log
        meters = (0..<configuration.loops).map { _ in LoopMeter(methods: Method.allCases.count) }
        services = (0..<configuration.loops).map { _ in ServiceMeter() }
        var controls: [LoopControl] = []
        do {
            for _ in 0..<configuration.loops { controls.append(try LoopControl()) }
        } catch { throw ServerFailure(.failed, error.explanation) }
        self.controls = controls
        life.attach(
            ServerParts.Loops(
                controls: controls, meters: meters, services: services, core: core, clock: clock,
                drain: { [controls] in
                    life.enter(.draining)
                    for control in controls { control.beginDrain() }
                }))
    }

    /// Serves until SIGTERM or SIGINT, then finishes what was begun. Blocks until then: the calling
    /// thread runs loop 0.
    func run() throws(ServerFailure) {
        do {
            try serve()
        } catch { throw ServerFailure(.forbidden, "\(configuration.listen): \(error.explanation)") }
        if let failure = failure.withLock({ $0 }) { throw failure }
        log.info("drained")
    }

    /// Nothing more becomes durable: tells everybody who waits, then ends. Any thread.
    func lose(_ explanation: String) {
        life.fail(explanation)
        fail(ServerFailure(.failed, explanation))
        log.critical("\(explanation); no answer leaves any more, the process ends")
        durable.fail()
        for control in controls { control.wake() }
        usleep(LoopGroup.farewellMicroseconds)
        for control in controls { control.stop() }
    }

    private func serve() throws(TransportError) {
        let listener = try ListeningSocket(configuration.listen)
        let address = listener.address
        // Never joined: it waits for a signal, and the process ends without one just as well.
        _ = try WorkerThread(name: "signals") { self.drainAtSignal() }
        if !configuration.listen.isLoopback { warnOfInsecureListen(address) }
        log.info(
            "serving \(address), mode \(configuration.mode.rawValue), loops \(configuration.loops)")
        try runLoops(from: 1, listener: listener, address: address)
    }

    /// Starts the loops from `index` on, runs loop 0 here, and waits for all of them.
    private func runLoops(
        from index: Int, listener: consuming ListeningSocket, address: SocketAddress
    ) throws(TransportError) {
        guard index < controls.count else {
            return runLoop(0, listener: listener) { self.announce(address) }
        }
        let thread: WorkerThread
        do {
            thread = try WorkerThread(name: "loop-\(index)") {
                self.runLoop(index, listener: nil) { self.settle() }
            }
        } catch {
            for control in controls { control.stop() }
            throw error
        }
        try runLoops(from: index + 1, listener: listener, address: address)
        thread.join()
    }

    /// A loop beside loop 0 is as ready as it gets.
    private func settle() {
        settled.add(1, ordering: .sequentiallyConsistent)
        doze.rouse()
    }

    /// Says that the server serves, once all loops can: the descriptors that they need are theirs
    /// before a crowd of clients takes the rest.
    private func announce(_ address: SocketAddress) {
        while settled.load(ordering: .sequentiallyConsistent) < controls.count - 1 {
            doze.sleep(atMostNanoseconds: LoopGroup.settleNanoseconds) {
                settled.load(ordering: .sequentiallyConsistent) == controls.count - 1
            }
        }
        guard failure.withLock({ $0 == nil }) else { return }
        life.enter(.serving)
        print("ready \(address)")
        fflush(nil)
    }

    /// Runs one loop on the calling thread until it was drained or stopped. `whenMade` is called
    /// once, when it can begin or never will.
    private func runLoop(
        _ index: Int, listener: consuming ListeningSocket?, whenMade: () -> Void
    ) {
        let control = controls[index]
        let service = StockadeService(
            core: core, clock: clock, hash: KeyedHash(key: hashKey), loop: index,
            of: controls.count,
            movements: movements.map { MovementsDesk($0, wake: { control.wake() }) },
            meter: services[index])
        do {
            var loop = try Loop(
                configuration: loopConfiguration(index), service: service, control: controls[index],
                durable: durable, listener: listener,
                peers: index == 0 ? Array(controls.dropFirst()) : [])
            whenMade()
            loop.run()
        } catch {
            fail(ServerFailure(.failed, error.explanation))
            for control in controls { control.stop() }
            whenMade()
        }
    }

    private func fail(_ cause: ServerFailure) {
        failure.withLock { first in if first == nil { first = cause } }
    }

    private func loopConfiguration(_ index: Int) -> LoopConfiguration {
        var loop = LoopConfiguration(methods: Method.paths, watchedHeaders: StressTag.headers)
        loop.meter = meters[index]
        loop.expired = DeadlineTexts.notApplied
        loop.expiredWhileHeld = DeadlineTexts.unknown
        loop.lostWhileHeld = DeadlineTexts.diskFailed
        return loop
    }

    /// The first signal drains, the second stops at once.
    private func drainAtSignal() {
        let first = TerminationSignals.wait()
        log.info("signal \(first): draining; once more to stop at once")
        life.enter(.draining)
        for control in controls { control.beginDrain() }
        let second = TerminationSignals.wait()
        log.warning("signal \(second): stopping at once")
        for control in controls { control.stop() }
    }

    /// Warns now and each minute: whoever reads the log at any time must see it.
    private func warnOfInsecureListen(_ address: SocketAddress) {
        let log = log
        _ = try? WorkerThread(name: "warnings") {
            while true {
                log.warning(
                    "serving \(address) without credentials: whoever reaches it can order")
                sleep(60)
            }
        }
    }
}
