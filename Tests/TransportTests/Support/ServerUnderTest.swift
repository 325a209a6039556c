// SPDX-License-Identifier: Apache-2.0

import CLinux
import Testing

@testable import Transport

/// A server's loop that takes a turn when it is told to, at the time it is told: no thread, no sleep.
final class ServerUnderTest {
    var loop: Loop<ScriptService>
    let control: LoopControl
    let durable: DurableSequence
    let address: SocketAddress
    private(set) var now: UInt64 = 1_000_000_000_000

    init(_ configure: (inout LoopConfiguration) -> Void = { _ in }) throws {
        var configuration = ScriptService.configuration
        configuration.connectionsMax = 64
        configuration.callsMax = 1_024
        configure(&configuration)
        control = try LoopControl()
        durable = DurableSequence()
        let listener = try ListeningSocket(SocketAddress("127.0.0.1:0"))
        address = listener.address
        loop = try Loop(
            configuration: configuration, service: ScriptService(), control: control,
            durable: durable, listener: listener)
    }

    /// A client that has connected and said its preface and SETTINGS.
    func client(settings: [(UInt16, UInt32)] = []) throws -> FrameScript {
        let client = try FrameScript(self)
        client.sends(bytes: RawFrame.preface)
        client.sends(.settings(settings)).sends(.settingsAcknowledgement)
        return client
    }

    /// One turn over whatever has happened.
    @discardableResult
    func turn(waitMilliseconds: Int32 = 0) -> Int {
        let events = loop.port.poller.wait(nanoseconds: Int64(waitMilliseconds) * 1_000_000)
        loop.turn(
            TurnTime(monotonicNanoseconds: now, wallMilliseconds: Int64(now / 1_000_000)),
            events: events)
        return events
    }

    /// Turns until nothing happens any more.
    func settle() {
        var quietTurns = 0
        while quietTurns < 1 {
            let events = turn(waitMilliseconds: 1)
            quietTurns = events == 0 && !loop.port.hasWork ? quietTurns + 1 : 0
        }
    }

    /// Lets time pass, and what it brings happen.
    func passes(seconds: Double) {
        settle()
        now += UInt64(seconds * 1e9)
        // The first turn lets timers fire, the second sees what they changed.
        settle()
        settle()
    }

    // MARK: Looking inside

    var received: [CallHead] { loop.service.received }
    var messages: [[UInt8]] { loop.service.messages }
    var ended: [CallHead] { loop.service.ended }
    var callCount: Int { loop.port.callCount }
    var heldCount: Int { loop.port.gate.count }
    var hasWork: Bool { loop.port.hasWork }
    var isDraining: Bool { loop.port.isDraining }
    var isDone: Bool { loop.port.isDone }
    var nextTimer: UInt64 { loop.port.nextTimer }
    /// The connection that was made first, if it is still there.
    var firstConnection: Handle<Connection>? { loop.port.connections.find(slot: 0) }
}
