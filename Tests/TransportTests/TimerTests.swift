// SPDX-License-Identifier: Apache-2.0

import Testing
import Wire

@testable import Transport

/// Slow peers: each timer of `Limits`, with time that passes when the test says so.
@Suite struct TimerTests {
    @Test func aConnectionWithoutPrefaceGoes() throws {
        let server = try ServerUnderTest()
        let client = try FrameScript(server)
        server.passes(seconds: 9.9)
        client.expectsNothing()
        server.passes(seconds: 0.2)
        client.expectsClose()
        #expect(server.control.connectionCount == 0)
    }

    @Test func aPrefaceWithoutSettingsIsNotEnough() throws {
        let server = try ServerUnderTest()
        let client = try FrameScript(server)
        client.sends(bytes: RawFrame.preface)
        server.passes(seconds: 10.1)
        client.expectsClose()
    }

    @Test func anIdleConnectionStays() throws {
        let client = try ServerUnderTest().client()
        client.server.passes(seconds: 7_200)
        client.sends([.headers(1), .message(1)]).expectsReply(1)
    }

    @Test func aHeaderBlockMustEnd() throws {
        let client = try ServerUnderTest().client()
        client.sends(.openHeaders(1, Request.to(.reply)))
        client.server.passes(seconds: 9.9)
        client.expectsNothing()
        client.server.passes(seconds: 0.2)
        client.expectsClose()
        #expect(client.server.callCount == 0)
    }

    @Test func aSlowBodyIsRefused() throws {
        let client = try ServerUnderTest().client()
        client.sends([.headers(1), .data(1, [0, 0, 0])])
        client.server.passes(seconds: 29.9)
        client.expectsNothing()
        client.server.passes(seconds: 0.2)
        client.expectsRefusal(1, .deadlineExceeded).expects(.reset(1, .noError))
        client.sends([.headers(3), .message(3)]).expectsReply(3)
        #expect(client.server.callCount == 0)
    }

    @Test func theCallersDeadlineComesFirst() throws {
        let client = try ServerUnderTest().client()
        client.sends([.headers(1, Request.to(.reply, ("grpc-timeout", "2S"))), .data(1, [0])])
        client.server.passes(seconds: 1.9)
        client.expectsNothing()
        client.server.passes(seconds: 0.2)
        client.expectsRefusal(1, .deadlineExceeded).expects(.reset(1, .noError))
        #expect(client.server.received.isEmpty)
    }

    @Test func aStreamWithoutWindowIsGivenUp() throws {
        // The client allows no byte of DATA, and never will.
        let client = try ServerUnderTest().client(settings: [(4, 0)])
        client.sends([.headers(1), .message(1)])
        _ = client.next()
        client.server.passes(seconds: 29.9)
        client.expectsNothing()
        client.server.passes(seconds: 0.2)
        client.expects(.reset(1, .cancel))
        #expect(client.server.callCount == 0)
        #expect(client.server.callCount == 0)
    }

    @Test func aSocketThatTakesNothingIsGivenUp() throws {
        let server = try ServerUnderTest()
        let client = try FrameScript(server, receiveBufferBytes: 4_096)
        client.sends(bytes: RawFrame.preface)
        client.sends([.settings([(4, 1 << 30)]), .windowUpdate(0, 1 << 30)])
        client.isReading = false
        client.sends([.headers(1, Request.to(.big)), .message(1, "4000000")])
        #expect(server.control.connectionCount == 1)
        server.passes(seconds: 30.1)
        #expect(server.control.connectionCount == 0)
        #expect(server.callCount == 0)
    }

    @Test func theLoopSleepsUntilTheNextTimer() throws {
        let client = try ServerUnderTest().client()
        // The timer of the preface was taken away; the loop finds that out when it would have fired.
        client.server.passes(seconds: 11)
        #expect(client.server.nextTimer == .max)
        client.sends(.headers(1, Request.to(.reply, ("grpc-timeout", "2S"))))
        let next = client.server.nextTimer
        #expect(next >= client.server.now + 2_000_000_000)
        #expect(next <= client.server.now + 2_000_000_000 + Limits.timerGrainNanoseconds)
    }
}
