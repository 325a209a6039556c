// SPDX-License-Identifier: Apache-2.0

import Testing
import Wire

@testable import Transport

/// Calls whose header blocks repeat, on a real loop: whatever is known of a block's bytes, each call
/// is what its own fields say.
@Suite struct RepeatedCallsTests {
    @Test func eachCallIsWhatItsFieldsSay() throws {
        let server = try ServerUnderTest()
        let client = try server.client()
        let requests: [[(String, String)]] = [
            Request.to(.reply, ("grpc-timeout", "5S"), ("x-first", "1")),
            Request.to(.reply, ("grpc-timeout", "7S"), ("x-stockade-shadow", "1")),
            Request.to(.trailers), Request.to(.reply, ("grpc-timeout", "99999999S")),
        ]
        var expected: [(UInt16, UInt32, UInt64)] = []
        server.passes(seconds: 1)
        for round in 0..<6 {
            for (index, fields) in requests.enumerated() {
                let stream = UInt32(2 * (4 * round + index) + 1)
                client.sends([.headers(stream, fields), .message(stream)])
                let second: UInt64 = 1_000_000_000
                expected += [
                    [
                        (0, 1, server.now + 5 * second), (0, 2, server.now + 7 * second),
                        (6, 0, .max), (0, 0, server.now + 99_999_999 * second),
                    ][index]
                ]
                if round > 0 {
                    #expect(try RepeatedBlock.isKnown(RawFrame.block(fields), to: server))
                }
                #expect(client.next() != nil)
            }
            server.passes(seconds: 1.5)
        }
        let received = server.received
        #expect(received.count == expected.count)
        for (head, call) in zip(received, expected) {
            #expect((head.method, head.watched, head.deadline) == call)
        }
    }

    @Test func aRepeatedCallRunsOutInItsOwnTime() throws {
        let server = try ServerUnderTest()
        let client = try server.client()
        let fields = Request.to(.reply, ("grpc-timeout", "5S"))
        for stream in [1, 3, 5] as [UInt32] {
            client.sends([.headers(stream, fields)])
            server.passes(seconds: 4)
            client.expectsNothing()
            server.passes(seconds: 1.1)
            client.expectsRefusal(stream, .deadlineExceeded)
            client.expects(.reset(stream, .noError))
        }
        client.sends([.headers(7, fields), .message(7)]).expectsReply(7)
        #expect(try RepeatedBlock.isKnown(RawFrame.block(fields), to: server))
    }

    // MARK: Trailers

    @Test(arguments: [false, true])
    func aRequestsBlockIsNoTrailers(inOneWrite: Bool) throws {
        let client = try ServerUnderTest().client()
        client.sends([.headers(1), .message(1)]).expectsReply(1)
        #expect(try RepeatedBlock.isKnown(RawFrame.block(Request.to(.reply)), to: client.server))
        let body = RawFrame.data(3, RawFrame.prefixed(Array("hello".utf8)))
        let frames = [RawFrame.headers(3), body, .headers(3, Request.to(.reply), .endStream)]
        if inOneWrite { client.sends(frames) } else { for frame in frames { client.sends(frame) } }
        client.expects(.reset(3, .protocolError))
        #expect(client.server.received.count == 1)
        // Nor without the end of the stream.
        client.sends([.headers(5), .headers(5), .message(5)]).expects(.reset(5, .protocolError))
        client.sends([.headers(7), .message(7)]).expectsReply(7)
    }

    @Test(arguments: [false, true])
    func trailersAreNoRequest(inOneWrite: Bool) throws {
        let client = try ServerUnderTest().client()
        let body = RawFrame.prefixed(Array("hello".utf8))
        let trailers = [("x-end", "1")]
        for stream in [1, 5] as [UInt32] {
            let frames = [
                RawFrame.headers(stream), .data(stream, body),
                .headers(stream, trailers, .endStream), .headers(stream + 2, trailers, .endStream),
            ]
            if inOneWrite { client.sends(frames) } else { frames.forEach { client.sends($0) } }
            let frameOfNext = [client.next(), client.next(), client.next(), client.next()]
            #expect(frameOfNext.contains(.reset(stream + 2, .protocolError)))
            #expect(frameOfNext.contains(.headers(stream, ["grpc-status": "0"], ends: true)))
        }
        #expect(client.server.received.count == 2)
    }

    @Test func trailersOfOneRequestAreAnotherRequest() throws {
        let client = try ServerUnderTest().client()
        let body = RawFrame.prefixed(Array("hello".utf8))
        let other = Request.to(.trailers)
        for stream in [1, 5, 9] as [UInt32] {
            client.sends([
                .headers(stream), .data(stream, body), .headers(stream, other, .endStream),
                .headers(stream + 2, other), .message(stream + 2),
            ])
        }
        #expect(client.server.received.map(\.method) == [6, 6, 6])
        let resets = client.all().filter {
            if case .reset(_, .protocolError) = $0 { true } else { false }
        }
        #expect(resets.count == 3)
    }

    // MARK: What isn't remembered

    @Test func contentLengthIsHeldAgainstEachBody() throws {
        let client = try ServerUnderTest().client()
        let fields = Request.to(.reply, ("content-length", "10"))
        for stream in [1, 3, 5] as [UInt32] {
            client.sends([.headers(stream, fields), .message(stream)]).expectsReply(stream)
        }
        for (index, text) in ["hell", "hello!", ""].enumerated() {
            let stream = UInt32(7 + 2 * index)
            client.sends([.headers(stream, fields), .message(stream, text)])
            client.expects(.reset(stream, .protocolError))
        }
        let body = RawFrame.prefixed(Array("hello".utf8))
        client.sends([.headers(13, fields), .data(13, Array(body.prefix(4)))])
        client.sends(.headers(13, [("x-end", "1")], .endStream))
        client.expects(.reset(13, .protocolError))
        client.sends([.headers(15, fields), .data(15, body)])
        client.sends(.headers(15, [("x-end", "1")], .endStream)).expectsReply(15)
        client.sends([.headers(17, fields, .endStream)]).expects(.reset(17, .protocolError))
        #expect(client.server.received.count == 4)
    }

    @Test(arguments: [false, true])
    func aRefusedCallMayHaveAContentLength(inOneWrite: Bool) throws {
        let client = try ServerUnderTest().client()
        let fields = Request.to(path: "/test.Script/Nothing", [("content-length", "10")])
        for stream in [1, 3] as [UInt32] {
            let frames = [RawFrame.headers(stream, fields), .message(stream)]
            if inOneWrite { client.sends(frames) } else { frames.forEach { client.sends($0) } }
            client.expectsRefusal(stream, .unimplemented)
            _ = client.all()
        }
    }

    @Test func aBodyThatIsTooLongIsForgottenToItsEnd() throws {
        let client = try ServerUnderTest().client()
        let fields = Request.to(.reply, ("content-length", "3"))
        let frame = RawFrame.data(
            1, [1, 2, 3, 4] + RawFrame.prefixed(Array("hello".utf8)), .endStream)
        client.sends(.headers(1, fields))
        client.sends(bytes: Array(frame.bytes.prefix(13)))
        client.sends(bytes: Array(frame.bytes.dropFirst(13)))
        client.expects(.reset(1, .protocolError)).expectsNothing()
        #expect(client.server.received.isEmpty && client.server.callCount == 0)
    }

    @Test func refusedCallsStayRefused() throws {
        let client = try ServerUnderTest().client()
        let refused: [([(String, String)], StatusCode, String)] = [
            (Request.to(path: "/test.Script/Nothing"), .unimplemented, "200"),
            (Request.with(":method", "GET"), .internal, "405"),
            (Request.to(.reply, ("grpc-timeout", "5")), .internal, "400"),
            (Request.to(.reply, ("grpc-timeout", "0n")), .deadlineExceeded, "200"),
            (Request.to(.reply, ("grpc-encoding", "gzip")), .unimplemented, "200"),
            (Request.with("content-type", "text/plain"), .invalidArgument, "415"),
        ]
        var stream: UInt32 = 1
        for (fields, status, http) in refused {
            for _ in 0..<4 {
                client.sends([.headers(stream, fields, .endStream)])
                client.expectsRefusal(stream, status, http: http)
                client.sends([.headers(stream + 2), .message(stream + 2)]).expectsReply(stream + 2)
                stream += 4
            }
        }
        #expect(client.server.received.allSatisfy { $0.method == 0 })
    }

    @Test func malformedCallsStayMalformed() throws {
        let client = try ServerUnderTest().client()
        for stream in stride(from: 1, to: 16, by: 4) as StrideTo<UInt32> {
            client.sends([.headers(stream, Request.with("te", "gzip")), .message(stream)])
            client.expects(.reset(stream, .protocolError))
            client.sends([.headers(stream + 2), .message(stream + 2)]).expectsReply(stream + 2)
        }
    }

    @Test func aCallWithoutRoomIsTakenWhenThereIs() throws {
        let server = try ServerUnderTest { $0.callsMax = 256 }
        let second = try server.client()
        second.sends([.headers(1), .message(1)]).expectsReply(1)
        let first = try server.client()
        first.sends((0..<UInt32(256)).map { .headers(2 * $0 + 1) })
        // Known, and no slot for it; then another known one beside it.
        second.sends([.headers(3), .message(3), .headers(5), .message(5)])
        second.expects(.reset(3, .refusedStream)).expects(.reset(5, .refusedStream))
        first.sends(.message(1)).expectsReply(1)
        second.sends([.headers(7), .message(7, "again")]).expectsReply(7, "again")
    }

    @Test func knownCallsAfterTheLastGoAwayAreIgnored() throws {
        let server = try ServerUnderTest()
        let client = try server.client()
        client.sends([.headers(1), .message(1)]).expectsReply(1)
        client.sends([.headers(3), .data(3, RawFrame.prefixed(Array("hello".utf8)))])
        server.control.beginDrain()
        client.expects(.goAway(last: 0x7fff_ffff, .noError)).expects(.ping)
        client.sends(.pingAcknowledgement).expects(.goAway(last: 3, .noError))
        #expect(try RepeatedBlock.isKnown(RawFrame.block(Request.to(.reply)), to: server))
        client.sends([
            .headers(5), .message(5), .headers(7), .headers(3, [("x-end", "1")], .endStream),
        ])
        client.expectsReply(3).expectsClose()
        #expect(server.received.count == 2)
    }

    // MARK: Many in one read

    /// HEADERS that nghttp2 passes over, or calls that come and go, before one that counts.
    @Test(arguments: [254, 255, 256, 257, 300], [false, true])
    func moreInOneReadThanTheListHolds(count: Int, areBrokenOff: Bool) throws {
        let client = try ServerUnderTest().client()
        client.sends([.headers(1), .message(1)]).expectsReply(1)
        var frames: [RawFrame] = []
        var stream: UInt32 = 3
        for _ in 0..<count {
            frames.append(.headers(areBrokenOff ? stream : 1, Request.to(.reply), .endStream))
            guard areBrokenOff else { continue }
            frames.append(.reset(stream))
            stream += 2
        }
        frames += [
            .headers(stream), .message(stream, "first"),
            .headers(stream + 2, Request.to(.trailers)), .message(stream + 2, "second"),
            .headers(stream + 4), .message(stream + 4, "third"),
        ]
        client.sends(frames)
        #expect(client.server.received.map(\.method) == [0, 0, 6, 0])
        let texts = client.server.messages.map { String(decoding: $0, as: UTF8.self) }
        #expect(texts == ["hello", "first", "second", "third"])
        // The list begins anew with the next read.
        client.sends([.headers(stream + 6), .message(stream + 6)])
        #expect(client.server.received.count == 5)
    }

    @Test func asManyAsAConnectionMayHave() throws {
        let client = try FrameScript(ServerUnderTest())
        client.sends(bytes: RawFrame.preface + RawFrame.settings().bytes)
        client.sends([.headers(1), .message(1)]).expectsReply(1)
        let callsMax = UInt32(Limits.callsPerConnectionMax)
        let past = 2 * callsMax + 3
        client.sends((1...callsMax).map { .headers(2 * $0 + 1) } + [.headers(past)])
        client.expects(.reset(past, .refusedStream))
        for call in 1...callsMax { client.sends(.message(2 * call + 1, "\(call)")) }
        #expect(client.server.messages.count == Int(callsMax) + 1)
        client.sends([.headers(past + 2), .message(past + 2)])
        #expect(client.server.messages.count == Int(callsMax) + 2)
    }
}
