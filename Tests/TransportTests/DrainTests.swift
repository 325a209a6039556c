// SPDX-License-Identifier: Apache-2.0

import Testing
import Wire

@testable import Transport

/// Ending without losing a call: rule G54 and the trap of wire 0.6.
@Suite struct DrainTests {
    @Test func aCallInFlightIsAnswered() throws {
        let server = try ServerUnderTest()
        let client = try server.client()
        client.sends([.headers(1, Request.to(.hold)), .message(1)])
        server.control.beginDrain()
        client.expects(.goAway(last: 0x7fff_ffff, .noError)).expects(.ping)
        #expect(server.isDraining)
        // Between the two GOAWAYs calls are still taken: the client may not have read the first.
        client.sends([.headers(3), .message(3)]).expectsReply(3)
        client.sends(.pingAcknowledgement).expects(.goAway(last: 3, .noError))
        #expect(!server.isDone)
        // What comes after the last GOAWAY is ignored, and the client knows that.
        client.sends([.headers(5), .message(5)]).expectsNothing()
        server.durable.advance(to: 10)
        client.expectsReply(1).expectsClose()
        #expect(server.received.count == 2)
        #expect(server.isDone)
    }

    @Test func aSilentPeerIsntWaitedForLong() throws {
        let server = try ServerUnderTest()
        let client = try server.client()
        server.control.beginDrain()
        client.expects(.goAway(last: 0x7fff_ffff, .noError)).expects(.ping)
        server.passes(seconds: 4.9)
        client.expectsNothing()
        server.passes(seconds: 0.2)
        client.expects(.goAway(last: 0, .noError)).expectsClose()
        #expect(server.isDone)
    }

    @Test func drainingEndsByForce() throws {
        let server = try ServerUnderTest { $0.drainNanoseconds = 20_000_000_000 }
        let client = try server.client()
        client.sends([.headers(1, Request.to(.hold)), .message(1)])
        server.control.beginDrain()
        server.passes(seconds: 19.9)
        #expect(!server.isDone)
        server.passes(seconds: 0.2)
        #expect(server.isDone)
        client.disconnects()
    }

    @Test func noConnectionIsTakenWhileDraining() throws {
        let server = try ServerUnderTest()
        let address = server.address
        server.control.beginDrain()
        server.settle()
        #expect(server.isDone)
        // The port is free again at once: a successor may take it while this one still drains.
        let successor = try ListeningSocket(address)
        #expect(successor.address == address)
    }

    @Test func stoppingClosesEverything() throws {
        let server = try ServerUnderTest()
        let client = try server.client()
        client.sends([.headers(1, Request.to(.hold)), .message(1)])
        server.control.stop()
        server.loop.run()
        #expect(server.ended.map(\.status) == [.unavailable])
        client.expectsClose()
    }
}
