// SPDX-License-Identifier: Apache-2.0

import Testing
import Wire

@testable import Transport

/// Peers that ask and don't read the answers.
@Suite struct BackPressureTests {
    @Test func readingStopsWhileAnswersWait() throws {
        let client = try greedyClient()
        let stuck = client.server.received.count
        #expect(stuck < 200, "the server read on although nothing was taken")
        let connection = try #require(client.server.firstConnection)
        #expect(connection.value.waitingBytes >= Limits.writeHighWaterBytes)
        #expect(connection.value.interest == .writing)
        #expect(connection.value.waitingBytes < 3 * Limits.writeHighWaterBytes)
        // Taking them lets everything through, in order and whole.
        client.isReading = true
        var replies = 0
        var bytes = 0
        var pauses = 0
        // TCP opens a window that was shut in its own time.
        while replies < 200, pauses < 2_000 {
            guard let frame = client.next() else {
                pauses += 1
                continue
            }
            switch frame {
            case .headers(_, let fields, ends: true):
                if fields["grpc-status"] == "0" { replies += 1 }
            case .data(_, let piece, _): bytes += piece.count
            default: break
            }
        }
        #expect(replies == 200)
        #expect(bytes == 200 * 60_005)
        #expect(connection.value.interest == .reading)
        #expect(client.server.callCount == 0)
    }

    @Test func aBystanderDoesntNotice() throws {
        let client = try greedyClient()
        let bystander = try client.server.client()
        bystander.sends([.headers(1), .message(1)]).expectsReply(1)
    }

    @Test func unreadRepliesHaveABound() throws {
        // No window at all: the socket takes everything, the streams nothing.
        let client = try ServerUnderTest().client(settings: [(4, 0)])
        let calls = (0..<UInt32(100)).map { 2 * $0 + 1 }
        client.sends(
            calls.flatMap { [.headers($0, Request.to(.big)), .message($0, "60000")] })
        let connection = try #require(client.server.firstConnection)
        #expect(connection.value.waitingBytes < Limits.writeHighWaterBytes + 60_005)
        #expect(client.server.received.count == 5, "300 KB of answers are enough")
        // The window opens: the calls that waited are served.
        client.sends(.settings([(4, 1 << 20)])).sends(.windowUpdate(0, 10 << 20))
        var pauses = 0
        while client.server.received.count < 100, pauses < 1_000 {
            _ = client.all()
            pauses += 1
        }
        #expect(client.server.received.count == 100)
        #expect(client.server.messages.allSatisfy { $0 == Array("60000".utf8) })
        _ = client.all()
        #expect(client.server.callCount == 0)
        #expect(connection.value.waitingBytes == 0)
    }

    @Test func callsThatWaitTooLongAreRefused() throws {
        let client = try ServerUnderTest().client(settings: [(4, 0)])
        client.sends([.headers(1, Request.to(.big)), .message(1, "300000")])
        client.sends([.headers(3, Request.to(.reply, ("grpc-timeout", "1S"))), .message(3)])
        client.sends([.headers(5, Request.to(.reply)), .message(5)])
        _ = client.next()
        client.server.passes(seconds: 1.1)
        client.expectsRefusal(3, .deadlineExceeded)
        client.server.passes(seconds: 30)
        client.expects(.reset(1, .cancel)).expectsRefusal(5, .resourceExhausted)
        #expect(client.server.received.count == 1)
        #expect(client.server.callCount == 0)
    }

    @Test func heldRepliesCountToo() throws {
        let client = try ServerUnderTest().client()
        client.sends(.windowUpdate(0, 1 << 24))
        let long = String(repeating: "x", count: 10_000)
        client.sends(
            (0..<UInt32(50)).flatMap { call in
                [.headers(2 * call + 1, Request.to(.hold)), .message(2 * call + 1, long)]
            })
        #expect(client.server.heldCount == 27, "270 KB are held, and the rest waits")
        client.server.durable.advance(to: 10)
        client.server.settle()
        #expect(client.server.received.count == 50)
        #expect(client.server.heldCount == 0)
        #expect(client.server.callCount == 0)
    }

    /// A client that asked for 12 MB in 200 answers and takes none of it.
    private func greedyClient() throws -> FrameScript {
        let server = try ServerUnderTest()
        let client = try FrameScript(server, receiveBufferBytes: 4_096)
        client.sends(bytes: RawFrame.preface)
        client.sends([
            .settings([(4, 1 << 30)]), .settingsAcknowledgement, .windowUpdate(0, 1 << 30),
        ])
        client.isReading = false
        for call in 0..<UInt32(200) {
            client.sends([
                .headers(2 * call + 1, Request.to(.big)), .message(2 * call + 1, "60000"),
            ])
        }
        return client
    }
}
