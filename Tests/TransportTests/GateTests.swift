// SPDX-License-Identifier: Apache-2.0

import Testing
import Wire

@testable import Transport

/// Replies that wait until what they speak of is durable.
@Suite struct GateTests {
    @Test func aReplyWaitsForItsSequence() throws {
        let client = try ServerUnderTest().client()
        client.sends([.headers(1, Request.to(.hold)), .message(1)]).expectsNothing()
        client.server.durable.advance(to: 9)
        client.expectsNothing()
        client.server.durable.advance(to: 10)
        client.expectsReply(1)
    }

    @Test func aRefusalWaitsToo() throws {
        let client = try ServerUnderTest().client()
        client.sends([.headers(1, Request.to(.holdRefusal)), .message(1)]).expectsNothing()
        client.server.durable.advance(to: 10)
        client.expectsRefusal(1, .failedPrecondition)
    }

    @Test func whatIsDurableLeavesInTheSameTurn() throws {
        let server = try ServerUnderTest()
        server.durable.advance(to: 10)
        let client = try server.client()
        client.sends([.headers(1, Request.to(.hold)), .message(1)]).expectsReply(1)
    }

    /// A turn over many connections is long: who can be answered doesn't wait for its end.
    @Test func whatBecomesDurableWithinATurnLeavesWithinIt() throws {
        let server = try ServerUnderTest()
        let held = try server.client()
        held.sends([.headers(1, Request.to(.hold)), .message(1)]).expectsNothing()
        let others = try (0..<3).map { _ in try server.client() }
        for other in others { other.queues([.headers(1, Request.to(.reply)), .message(1)]) }
        var answeredBefore: [Bool] = []
        let durable = server.durable
        server.loop.service.onReceive = {
            answeredBefore.append(held.hasUnread)
            durable.advance(to: 10)
        }
        #expect(
            server.turn(waitMilliseconds: 1_000) == 3, "one turn for all, else this shows nothing")
        #expect(answeredBefore == [false, true, true])
        held.expectsReply(1).expectsNothing()
        for other in others { other.expectsReply(1) }
    }

    @Test func aResetCallIsSkipped() throws {
        let client = try ServerUnderTest().client()
        client.sends([.headers(1, Request.to(.hold)), .message(1, "one")])
        client.sends([.headers(3, Request.to(.hold)), .message(3, "two")])
        client.sends(.reset(1))
        #expect(client.server.ended.map(\.status) == [.cancelled])
        client.server.durable.advance(to: 10)
        client.expectsReply(3, "two").expectsNothing()
        #expect(client.server.callCount == 0)
    }

    @Test func aSlotTakenAgainIsAnotherCall() throws {
        let client = try ServerUnderTest().client()
        client.sends([.headers(1, Request.to(.hold)), .message(1, "one")])
        client.sends(.reset(1))
        client.server.loop.service.sequence = 20
        client.sends([.headers(3, Request.to(.hold)), .message(3, "two")])
        let slots = client.server.received.map(\.id.slot)
        #expect(slots[0] == slots[1], "the slot is taken again, else this test shows nothing")
        client.server.durable.advance(to: 10)
        client.expectsNothing()
        client.server.durable.advance(to: 20)
        client.expectsReply(3, "two")
    }

    @Test func aClosedConnectionsRepliesAreSkipped() throws {
        let server = try ServerUnderTest()
        let first = try server.client()
        let second = try server.client()
        first.sends([.headers(1, Request.to(.hold)), .message(1)])
        second.sends([.headers(1, Request.to(.hold)), .message(1, "two")])
        first.disconnects()
        server.settle()
        #expect(server.ended.map(\.status) == [.unavailable])
        server.durable.advance(to: 10)
        second.expectsReply(1, "two")
        #expect(server.callCount == 0)
    }

    @Test func oneTurnLetsGoABoundedNumber() throws {
        let server = try ServerUnderTest { $0.callsMax = 1_024 }
        let clients = try (0..<3).map { _ in try server.client() }
        for client in clients {
            client.sends(
                (0..<UInt32(256)).flatMap { call in
                    [.headers(2 * call + 1, Request.to(.hold)), .message(2 * call + 1)]
                })
        }
        #expect(server.heldCount == 768)
        server.durable.advance(to: 10)
        server.turn()
        #expect(server.heldCount == 768 - Limits.releasesPerTurn)
        #expect(server.hasWork, "the loop may not sleep with replies that could go")
        server.settle()
        #expect(server.heldCount == 0)
        #expect(server.callCount == 0)
    }

    @Test func aDeadlineThatPassesWhileHeldSaysSo() throws {
        let server = try ServerUnderTest {
            $0.expiredWhileHeld = RefusalTexts(text: Array("applied=unknown".utf8), details: [9])
        }
        let client = try server.client()
        client.sends([.headers(1, Request.to(.hold, ("grpc-timeout", "1S"))), .message(1)])
        server.passes(seconds: 0.9)
        client.expectsNothing()
        server.passes(seconds: 0.2)
        let fields = [
            ":status": "200", "content-type": "application/grpc", "grpc-status": "4",
            "grpc-message": "applied=unknown", "grpc-status-details-bin": "CQ",
        ]
        client.expects(.headers(1, fields, ends: true))
        server.durable.advance(to: 10)
        client.expectsNothing()
        #expect(server.callCount == 0)
    }

    @Test func aHeldCallOutlivesTheRequestTimer() throws {
        let client = try ServerUnderTest().client()
        client.sends([.headers(1, Request.to(.hold)), .message(1)])
        client.server.passes(seconds: 3_600)
        client.server.durable.advance(to: 10)
        client.expectsReply(1)
    }

    @Test func resettingForEverFillsNothing() throws {
        let server = try ServerUnderTest { $0.callsMax = 256 }
        let client = try server.client()
        // Honest calls between keep the share of broken-off ones at a third.
        for first in stride(from: 1, to: UInt32(6 * 1_200), by: 60) {
            let streams = stride(from: first, to: first + 60, by: 6)
            let calls = streams.flatMap { stream -> [RawFrame] in
                [
                    .headers(stream, Request.to(.hold)), .message(stream), .headers(stream + 2),
                    .message(stream + 2), .headers(stream + 4), .message(stream + 4),
                ]
            }
            client.sends(calls).sends(streams.map { .reset($0) })
        }
        #expect(!client.isClosed)
        #expect(server.ended.count == 1_200)
        #expect(server.heldCount <= 512)
        #expect(server.callCount == 0)
    }

    @Test func theJournalWakesOnlyWhoSleepsForIt() throws {
        let durable = DurableSequence()
        let control = try LoopControl()
        durable.register(control)
        durable.advance(to: 5)
        #expect(!isSignalled(control))
        control.announceWait(for: 8)
        durable.advance(to: 7)
        #expect(!isSignalled(control))
        durable.advance(to: 8)
        #expect(isSignalled(control))
        control.clearWake()
        durable.advance(to: 9)
        #expect(!isSignalled(control))
    }

    private func isSignalled(_ control: LoopControl) -> Bool {
        guard let poller = try? Poller() else { return false }
        _ = poller.add(control.wakeDescriptor, .reading, key: 0)
        return poller.wait(nanoseconds: 0) == 1
    }
}
