// SPDX-License-Identifier: Apache-2.0

internal import Glibc
public import Logging
internal import Primitives
internal import ReservationCore
internal import StockadeAPI
internal import Synchronization
public import Transport

/// A server from its start to its end: tables, loops, the line that says it is ready, the drain.
public final class Server: Sendable {
    private let configuration: ServerConfiguration
    private let log: Logger
    private let core: ReservationCore<MemorySink>
    private let controls: [LoopControl]
    private let clock: TickClock
    /// In memory mode everything is as durable as it will ever be.
    private let durable = DurableSequence(.max)
    /// Why a loop couldn't be made, the first time.
    private let failure = Mutex<TransportError?>(nil)

    /// Makes the tables of a configuration that has no `problem`; takes about a second per gigabyte.
    ///
    /// - Throws: when the system refuses a descriptor.
    public init(_ configuration: ServerConfiguration, log: Logger) throws(TransportError) {
        precondition(configuration.problem == nil)
        self.configuration = configuration
        self.log = log
        var controls: [LoopControl] = []
        for _ in 0..<configuration.loops { controls.append(try LoopControl()) }
        self.controls = controls
        core = ReservationCore(configuration.core, sink: MemorySink())
        clock = TickClock(start: .fromSystem(), firstTick: 0)
    }

    /// Serves until SIGTERM or SIGINT, then finishes what was begun. Blocks until then: the calling
    /// thread runs loop 0.
    ///
    /// - Throws: when the port is busy or the system refuses a descriptor or a thread.
    public func run() throws(TransportError) {
        TerminationSignals.block()
        let listener = try ListeningSocket(configuration.listen)
        let address = listener.address
        // Never joined: it waits for a signal, and the process ends without one just as well.
        _ = try WorkerThread(name: "signals") { self.drainAtSignal() }
        if !configuration.listen.isLoopback { warnOfInsecureListen(address) }
        log.info("serving \(address), mode memory, loops \(configuration.loops)")
        try runLoops(from: 1, listener: listener, address: address)
        if let failure = failure.withLock({ $0 }) { throw failure }
        log.info("drained")
    }

    /// Starts the loops from `index` on, runs loop 0 here, and waits for all of them.
    private func runLoops(
        from index: Int, listener: consuming ListeningSocket, address: SocketAddress
    ) throws(TransportError) {
        guard index < controls.count else {
            // Connections that arrive before a loop runs wait in its control.
            print("ready \(address)")
            fflush(nil)
            return runLoop(0, listener: listener)
        }
        let thread: WorkerThread
        do {
            thread = try WorkerThread(name: "loop-\(index)") { self.runLoop(index, listener: nil) }
        } catch {
            for control in controls { control.stop() }
            throw error
        }
        try runLoops(from: index + 1, listener: listener, address: address)
        thread.join()
    }

    /// Runs one loop on the calling thread until it was drained or stopped.
    private func runLoop(_ index: Int, listener: consuming ListeningSocket?) {
        let service = StockadeService(
            core: core, clock: clock, hash: KeyedHash(key: configuration.core.hashKey),
            loop: index, of: controls.count)
        do {
            var loop = try Loop(
                configuration: loopConfiguration, service: service, control: controls[index],
                durable: durable, listener: listener,
                peers: index == 0 ? Array(controls.dropFirst()) : [])
            loop.run()
        } catch {
            failure.withLock { first in if first == nil { first = error } }
            for control in controls { control.stop() }
        }
    }

    private var loopConfiguration: LoopConfiguration {
        var loop = LoopConfiguration(methods: Method.paths, watchedHeaders: StressTag.headers)
        loop.expired = DeadlineTexts.notApplied
        loop.expiredWhileHeld = DeadlineTexts.unknown
        return loop
    }

    /// The first signal drains, the second stops at once.
    private func drainAtSignal() {
        let first = TerminationSignals.wait()
        log.info("signal \(first): draining; once more to stop at once")
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
