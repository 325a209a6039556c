// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Transport

/// Taking connections, and sharing them between loops.
@Suite struct AcceptTests {
    @Test func connectionsPastTheBoundAreClosedAtOnce() throws {
        let server = try ServerUnderTest { $0.connectionsMax = 2 }
        let first = try server.client()
        let second = try server.client()
        let third = try FrameScript(server)
        third.expectsClose()
        first.sends([.headers(1), .message(1)]).expectsReply(1)
        second.disconnects()
        server.settle()
        let fourth = try server.client()
        fourth.sends([.headers(1), .message(1)]).expectsReply(1)
    }

    @Test func acceptingPausesAndGoesOn() throws {
        let server = try ServerUnderTest()
        server.settle()
        server.loop.port.pauseAccepting()
        let client = try FrameScript(server)
        #expect(server.control.connectionCount == 0)
        #expect(server.nextTimer <= server.now + Limits.acceptPauseNanoseconds)
        server.passes(seconds: 0.11)
        #expect(server.control.connectionCount == 1)
        client.expectsNothing()
    }

    @Test func theLeastLoadedLoopGetsTheNext() throws {
        let listener = try ListeningSocket(SocketAddress("127.0.0.1:0"))
        let address = listener.address
        let controls = try (0..<3).map { _ in try LoopControl() }
        var loop = try Loop(
            configuration: ScriptService.configuration, service: ScriptService(),
            control: controls[0], listener: listener, peers: Array(controls.dropFirst()))
        var clients: [TestSocket] = []
        for _ in 0..<7 {
            clients.append(try TestSocket(connectedTo: address))
            let events = loop.port.poller.wait(nanoseconds: 10_000_000)
            loop.turn(.fromSystem(), events: events)
        }
        #expect(controls.map(\.connectionCount) == [3, 2, 2])
        #expect(controls.map { $0.takeHandedOver().count } == [0, 2, 2])
    }

    @Test func aHandedOverSocketIsServed() throws {
        let server = try ServerUnderTest()
        let listener = try ListeningSocket(SocketAddress("127.0.0.1:0"))
        let address = listener.address
        let control = try LoopControl()
        // Three connections that this loop counts already: the next goes to the server under test.
        control.countConnections(3)
        var acceptor = try Loop(
            configuration: ScriptService.configuration, service: ScriptService(),
            control: control, listener: listener, peers: [server.control])
        let client = try TestSocket(connectedTo: address)
        let events = acceptor.port.poller.wait(nanoseconds: 10_000_000)
        acceptor.turn(.fromSystem(), events: events)
        server.settle()
        let count = acceptor.port.connectionCount
        #expect(count == 0)
        #expect(server.loop.port.connectionCount == 1)
        withExtendedLifetime(client) {}
    }

    @Test func aBusyPortSaysSo() throws {
        let taken = try ListeningSocket(SocketAddress("127.0.0.1:0"))
        let address = taken.address
        let fault = #expect(throws: TransportError.self) { _ = try ListeningSocket(address) }
        #expect(fault?.operation == .bind)
        #expect(fault?.explanation == "can't take the address: Address already in use")
    }
}
