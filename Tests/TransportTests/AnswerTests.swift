// SPDX-License-Identifier: Apache-2.0

import Testing
import Wire

@testable import Transport

/// What a unary gRPC server owes its callers on the way out: rules G30 to G35 and G37.
@Suite struct AnswerTests {
    @Test func aRefusalIsOneBlock() throws {
        let client = try ServerUnderTest().client()
        client.sends([.headers(1, Request.to(.refuse)), .message(1)])
        let fields = [
            ":status": "200", "content-type": "application/grpc", "grpc-status": "9",
            "grpc-message": "short by 2 %E2%80%93 try %E2%98%BA %25",
            // "detailed" in base64 without padding.
            "grpc-status-details-bin": "ZGV0YWlsZWQ",
        ]
        client.expects(.headers(1, fields, ends: true)).expectsNothing()
    }

    @Test func trailersCarryMore() throws {
        let client = try ServerUnderTest().client()
        client.sends([.headers(1, Request.to(.trailers)), .message(1)])
        _ = client.next()
        _ = client.next()
        let fields = [
            "grpc-status": "0", "idempotent-replay": "1", "grpc-retry-pushback-ms": "-1",
        ]
        client.expects(.headers(1, fields, ends: true))
    }

    @Test func anAnswerBeforeTheRequestsEndStopsTheCaller() throws {
        let client = try ServerUnderTest().client()
        client.sends(.headers(1, Request.to(path: "/test.Script/Nothing")))
        client.expectsRefusal(1, .unimplemented).expects(.reset(1, .noError))
        // What was on its way already does no harm.
        client.sends(.message(1)).expectsNothing()
        client.sends([.headers(3), .message(3)]).expectsReply(3)
        #expect(client.server.callCount == 0)
    }

    @Test func aServiceThatForgetsIsAnsweredFor() throws {
        let client = try ServerUnderTest().client()
        client.sends([.headers(1, Request.to(.forget)), .message(1)]).expectsRefusal(1, .unknown)
    }

    @Test func anAnswerThatDoesntFitIsOurFault() throws {
        let client = try ServerUnderTest().client()
        client.sends([.headers(1, Request.to(.overflow)), .message(1)])
        client.expectsRefusal(1, .internal)
    }

    @Test func aLongReplyComesInFrames() throws {
        let client = try ServerUnderTest().client()
        client.sends([.headers(1, Request.to(.big)), .message(1, "50000")])
        _ = client.next()
        var bytes: [UInt8] = []
        while case .data(1, let piece, ends: false) = client.next() { bytes += piece }
        #expect(bytes.count == 50_005)
        let message = (0..<50_000).map { UInt8(truncatingIfNeeded: $0) }
        #expect(bytes.dropFirst(5).elementsEqual(message))
    }

    @Test func aSmallerHeaderTableIsAcknowledgedInTheNextBlock() throws {
        // No window: the reply's headers leave, its body and trailers wait.
        let client = try ServerUnderTest().client(settings: [(4, 0)])
        let head = [":status": "200", "content-type": "application/grpc"]
        client.sends([.headers(1), .message(1)]).expects(.headers(1, head, ends: false))
        client.sends(.settings([(1, 0)])).expectsNothing()
        #expect(client.tableSizes == [])
        // The trailers are the first block after the change, and so say it (RFC 7541 section 4.2).
        client.sends(.settings([(4, 1 << 16)]))
        client.expects(.data(1, RawFrame.prefixed(Array("hello".utf8)), ends: false))
        client.expects(.headers(1, ["grpc-status": "0"], ends: true))
        #expect(client.tableSizes == [0])
        client.sends([.headers(3), .message(3)]).expectsReply(3)
        #expect(client.tableSizes == [0])
    }

    @Test func repliesShareTheConnection() throws {
        // Each takes several frames, and none goes first to its end (RFC 9218, incremental).
        let client = try ServerUnderTest().client()
        client.sends([
            .headers(1, Request.to(.big)), .message(1, "60000"),
            .headers(3, Request.to(.big)), .message(3, "60000"),
        ])
        let order = client.all().compactMap { frame -> UInt32? in
            guard case .data(let stream, _, _) = frame else { return nil }
            return stream
        }
        #expect(Set(order.prefix(3)) == [1, 3])
    }

    @Test func resetBeforeTheAnswerLeavesNothing() throws {
        let client = try ServerUnderTest().client()
        client.sends([.headers(1), .data(1, [0, 0])]).sends(.reset(1)).expectsNothing()
        client.sends([.headers(3), .message(3), .reset(3)])
        #expect(client.server.callCount == 0)
    }
}
