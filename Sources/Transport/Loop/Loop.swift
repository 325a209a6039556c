// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// One thread's worth of network: waits, reads, calls the service, lets replies through the gate,
/// writes. Made on the thread that runs it, and never leaves it.
///
/// A turn is bounded: see `Limits` for how much of each it does at most.
public struct Loop<S: Service & ~Copyable>: ~Copyable {
    /// What answers, or asks.
    public var service: S
    /// The way to the network; for a client to connect before `run`.
    public var port: LoopPort
    private var serviceWake: UInt64 = 0

    /// Makes a loop.
    ///
    /// - Parameters:
    ///   - configuration: methods, watched headers, sizes.
    ///   - service: what answers, or asks.
    ///   - control: how other threads reach this loop.
    ///   - durable: what held replies wait for; nil: nothing waits.
    ///   - listener: where to accept, for the one loop that does.
    ///   - peers: the controls of the other loops that get their share of the connections.
    ///   - now: the time at which connections made before `run` begin.
    /// - Throws: `TransportError` when the system has no descriptors or memory.
    public init(
        configuration: LoopConfiguration, service: consuming S, control: LoopControl,
        durable: DurableSequence? = nil, listener: consuming ListeningSocket? = nil,
        peers: [LoopControl] = [], now: TurnTime = .fromSystem()
    ) throws(TransportError) {
        port = try LoopPort(
            configuration, control: control, durable: durable, listener: listener, peers: peers,
            now: now)
        self.service = service
    }

    /// Takes turns until the loop's control was told to drain and everything has ended, or to stop.
    public mutating func run() {
        turn(TurnTime.fromSystem(), events: 0)
        while !port.isDone {
            var events = port.pollForEvents()
            if events == 0, !port.hasWork {
                service.idle(port.now)
                events = port.waitForEvents(serviceWake: serviceWake)
            }
            turn(TurnTime.fromSystem(), events: events)
        }
        port.closeAll()
        deliver()
    }

    /// One turn over the events of the latest wait.
    mutating func turn(_ now: TurnTime, events: Int) {
        port.beginTurn(now)
        for index in 0..<events {
            port.handle(port.poller.event(at: index))
            deliver()
            if port.hasNewsOfDisk {
                port.releaseHeld()
                port.flush()
            }
        }
        port.adoptHandedOver()
        serviceWake = service.turn(now, on: &port)
        port.releaseHeld()
        port.expire()
        deliver()
        port.flush()
        port.closeUnwanted()
        deliver()
        port.timeAnswers()
    }

    /// Hands the service what happened, until nothing more does.
    private mutating func deliver() {
        while port.hasDeliveries {
            var index = 0
            while index < port.shared.value.ready.count {
                receive(port.shared.value.ready[index])
                index += 1
            }
            // Through a local: under Thread Sanitizer the 6.3.1 compiler crashes on the long path.
            let shared = port.shared
            shared.value.ready.removeAll()
            index = 0
            while index < port.shared.value.ended.count {
                service.closed(port.shared.value.ended[index], port.now, on: &port)
                index += 1
            }
            shared.value.ended.removeAll()
            index = 0
            while index < port.news.count {
                let news = port.news[index]
                switch news.kind {
                case .connected: service.connected(news.id, port.now, on: &port)
                case .disconnected: service.disconnected(news.id, port.now, on: &port)
                }
                index += 1
            }
            port.news.removeAll()
        }
    }

    @inline(__always)
    private mutating func receive(_ id: CallID) {
        guard let call = port.beginReceive(id) else { return }
        // SAFETY: the call's slot isn't freed while its message is lent: a server's call is freed by
        // its session only, which isn't called here, a client's by `endReceive`.
        let message = unsafe Span(
            _unsafeStart: UnsafePointer(call.value.buffer.start), count: call.value.buffer.count)
        service.receive(call.value.head, message, port.now, on: &port)
        port.endReceive(id)
    }
}
