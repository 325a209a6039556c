// SPDX-License-Identifier: Apache-2.0

import Testing
import Wire

@testable import Transport

/// What a unary gRPC server owes its callers on the way in: rules G01 to G15, G21, G24 and G57 of
/// the protocol's checklist.
@Suite struct RequestTests {
    @Test func speaksFirstWithSettings() throws {
        let server = try ServerUnderTest()
        let client = try FrameScript(server)
        #expect(client.all().first == .settings(4))
    }

    @Test func answersACall() throws {
        let client = try ServerUnderTest().client()
        client.sends(.headers(1)).sends(.message(1)).expectsReply(1)
        client.sends([.headers(3), .message(3, "again")]).expectsReply(3, "again")
    }

    @Test(arguments: ["GET", "PUT", "get", "OPTIONS"])
    func onlyPost(method: String) throws {
        let client = try ServerUnderTest().client()
        client.sends(.headers(1, Request.with(":method", method), .endStream))
        client.expectsRefusal(1, .internal, http: "405")
        client.sends([.headers(3), .message(3)]).expectsReply(3)
    }

    @Test(arguments: [
        "/test.Script/Nothing", "/test.script/reply", "/", "//Svc/M", "/a", "/test.Script/Reply/",
    ])
    func unknownMethodsAreUnimplemented(path: String) throws {
        let client = try ServerUnderTest().client()
        client.sends([.headers(1, Request.to(path: path)), .message(1)])
        client.expectsRefusal(1, .unimplemented)
        #expect(client.server.received.isEmpty)
    }

    @Test(arguments: ["", "test.Script/Reply"])
    func malformedPathsNeverReachTheService(path: String) throws {
        let client = try ServerUnderTest().client()
        client.sends([.headers(1, Request.to(path: path)), .message(1)])
        client.expects(.reset(1, .protocolError))
        #expect(client.server.received.isEmpty)
    }

    @Test(arguments: ["application/grpc", "application/grpc+proto", "application/grpc;charset=x"])
    func acceptsContent(type: String) throws {
        let client = try ServerUnderTest().client()
        client.sends([.headers(1, Request.with("content-type", type)), .message(1)])
        client.expectsReply(1)
    }

    @Test(arguments: ["application/grpc-web", "application/json", "application/grp", nil])
    func otherContentIs415(type: String?) throws {
        let client = try ServerUnderTest().client()
        client.sends(.headers(1, Request.with("content-type", type), .endStream))
        client.expectsRefusal(1, .invalidArgument, http: "415")
    }

    @Test func toleratesAMissingTE() throws {
        let client = try ServerUnderTest().client()
        client.sends([.headers(1, Request.with("te", nil)), .message(1)]).expectsReply(1)
    }

    @Test func anotherTEIsMalformed() throws {
        let client = try ServerUnderTest().client()
        client.sends([.headers(1, Request.with("te", "gzip")), .message(1)])
        client.expects(.reset(1, .protocolError))
    }

    @Test(arguments: ["1", "1x", "-1S", "123456789S", "S", "", "1 S"])
    func malformedTimeoutsAre400(timeout: String) throws {
        let client = try ServerUnderTest().client()
        client.sends([.headers(1, Request.to(.reply, ("grpc-timeout", timeout)), .endStream)])
        client.expectsRefusal(1, .internal, http: "400")
    }

    @Test(arguments: ["99999999H", "1S", "500m", "99999999n"])
    func timeoutsBecomeDeadlines(timeout: String) throws {
        let client = try ServerUnderTest().client()
        client.sends([.headers(1, Request.to(.reply, ("grpc-timeout", timeout))), .message(1)])
        client.expectsReply(1)
        let head = try #require(client.server.received.first)
        let text = Array(timeout.utf8)
        let parsed = CallTimeout(text.span)?.nanoseconds ?? 0
        #expect(head.deadline == client.server.now + parsed)
    }

    @Test func anExpiredCallIsntBegun() throws {
        let client = try ServerUnderTest().client()
        client.sends([.headers(1, Request.to(.reply, ("grpc-timeout", "0n"))), .message(1)])
        client.expectsRefusal(1, .deadlineExceeded)
        #expect(client.server.received.isEmpty)
    }

    @Test func aConfiguredRefusalSaysMore() throws {
        let server = try ServerUnderTest {
            $0.expired = RefusalTexts(text: Array("too late".utf8), details: [1, 2, 3])
        }
        let client = try server.client()
        client.sends(.headers(1, Request.to(.reply, ("grpc-timeout", "0n")), .endStream))
        let fields = [
            ":status": "200", "content-type": "application/grpc", "grpc-status": "4",
            "grpc-message": "too late", "grpc-status-details-bin": "AQID",
        ]
        client.expects(.headers(1, fields, ends: true))
    }

    @Test(arguments: 1...13)
    func dataMayBeCutAnywhere(pieceBytes: Int) throws {
        let client = try ServerUnderTest().client()
        client.sends(.headers(1))
        let body = RawFrame.prefixed(Array("hello world".utf8))
        for start in stride(from: 0, to: body.count, by: pieceBytes) {
            client.sends(.data(1, Array(body[start..<min(start + pieceBytes, body.count)])))
        }
        client.expectsNothing()
        client.sends(.data(1, [], .endStream)).expectsReply(1, "hello world")
    }

    @Test(arguments: [0, 1, 17, 255] as [UInt8])
    func paddingIsntContent(padding: UInt8) throws {
        let client = try ServerUnderTest().client()
        let body = RawFrame.prefixed(Array("hello".utf8))
        client.sends(.headers(1)).sends(.padded(1, body, padding: padding))
        client.sends(.data(1, [], .endStream)).expectsReply(1)
    }

    @Test func anEmptyMessageIsAMessage() throws {
        let client = try ServerUnderTest().client()
        client.sends([.headers(1), .message(1, "")]).expectsReply(1, "")
    }

    @Test func aRequestMayHaveTrailers() throws {
        let client = try ServerUnderTest().client()
        client.sends([.headers(1), .data(1, RawFrame.prefixed(Array("hello".utf8)))])
        client.sends(.headers(1, [("x-end", "1")], .endStream)).expectsReply(1)
    }

    @Test func aMessageThatEndsTooEarlyIsInternal() throws {
        let client = try ServerUnderTest().client()
        client.sends([.headers(1), .data(1, [0, 0, 0, 0, 5, 1], .endStream)])
        client.expectsRefusal(1, .internal)
        client.sends([.headers(3), .data(3, [0, 0], .endStream)]).expectsRefusal(3, .internal)
    }

    @Test func aUnaryCallHasOneMessage() throws {
        let client = try ServerUnderTest().client()
        client.sends(.headers(1, Request.to(.reply), .endStream)).expectsRefusal(1, .unimplemented)
        client.sends([.headers(3), .data(3, [], .endStream)]).expectsRefusal(3, .unimplemented)
        let two = RawFrame.prefixed([1]) + RawFrame.prefixed([2])
        client.sends([.headers(5), .data(5, two, .endStream)]).expectsRefusal(5, .unimplemented)
        #expect(client.server.received.isEmpty)
    }

    @Test(arguments: [1, 2, 255] as [UInt8])
    func compressionFlagsAreRefused(flag: UInt8) throws {
        let client = try ServerUnderTest().client()
        let body = RawFrame.prefixed([1, 2, 3], flag: flag)
        client.sends([.headers(1), .data(1, body, .endStream)]).expectsRefusal(1, .internal)
    }

    @Test func otherEncodingsAreNamedAndRefused() throws {
        let client = try ServerUnderTest().client()
        client.sends([.headers(1, Request.to(.reply, ("grpc-encoding", "snappy"))), .message(1)])
        guard case .headers(1, let fields, ends: true) = client.next() else {
            Issue.record("no refusal")
            return
        }
        #expect(fields["grpc-status"] == "12")
        #expect(fields["grpc-accept-encoding"] == "identity")
        client.sends([.headers(3, Request.to(.reply, ("grpc-encoding", "identity"))), .message(3)])
        client.expectsReply(3)
    }

    @Test func aLongMessageIsRefusedByItsPrefix() throws {
        let client = try ServerUnderTest().client()
        client.sends([.headers(1), .data(1, [0, 0x7f, 0xff, 0xff, 0xff])])
        client.expectsRefusal(1, .resourceExhausted).expects(.reset(1, .noError))
        client.sends([.headers(3), .message(3)]).expectsReply(3)
    }

    @Test func theLongestMessageIsTaken() throws {
        let client = try ServerUnderTest { $0.messageBytesMax = 600_000 }.client()
        client.sends([.headers(1, Request.to(.big))])
        let digits = [UInt8](repeating: 0x30, count: 599_999) + [0x37]
        let body = RawFrame.prefixed(digits)
        // The window of a stream is smaller than the message: the server moves it as it reads.
        for start in stride(from: 0, to: body.count, by: 16_000) {
            client.sends(.data(1, Array(body[start..<min(start + 16_000, body.count)])))
        }
        client.sends(.data(1, [], .endStream))
        client.expectsReply(1, "\u{0}\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}")
    }

    @Test func metadataOverTheBoundIs431() throws {
        let client = try ServerUnderTest().client()
        let long = String(repeating: "x", count: 12_000)
        let fields = Request.to(.reply, ("x-a", long), ("x-b", long))
        // 24 KB take two frames.
        let block = RawFrame.block(fields)
        client.sends([
            RawFrame(type: 1, flags: 0, stream: 1, payload: Array(block.prefix(16_000))),
            RawFrame(type: 9, flags: 4, stream: 1, payload: Array(block.dropFirst(16_000))),
            .message(1),
        ])
        client.expectsRefusal(1, .resourceExhausted, http: "431")
        client.sends([.headers(3), .message(3)]).expectsReply(3)
    }

    @Test func tooManyFieldsAre431() throws {
        let client = try ServerUnderTest().client()
        let more = (0..<60).map { ("x-\($0)", "1") }
        client.sends(.headers(1, Request.to(path: "/test.Script/Reply", more), .endStream))
        client.expectsRefusal(1, .resourceExhausted, http: "431")
    }

    @Test func droppedFieldsCountToo() throws {
        let client = try ServerUnderTest().client()
        // A value with a control character is dropped by HTTP's rules, and counted by ours.
        let more = (0..<60).map { ("x-\($0)", "\u{1}") }
        client.sends(.headers(1, Request.to(path: "/test.Script/Reply", more), .endStream))
        client.expectsRefusal(1, .resourceExhausted, http: "431")
    }

    @Test func farTooManyFieldsAreReset() throws {
        let client = try ServerUnderTest().client()
        let more = (0..<300).map { ("x-\($0)", "1") }
        client.sends(.headers(1, Request.to(path: "/test.Script/Reply", more), .endStream))
        client.expects(.reset(1, .internalError))
        client.sends([.headers(3), .message(3)]).expectsReply(3)
    }

    @Test func watchedHeadersAreSeen() throws {
        let client = try ServerUnderTest().client()
        client.sends([
            .headers(1, Request.to(.reply, ("x-stockade-shadow", "1"), ("x-other", "1"))),
            .message(1),
        ])
        client.sends([.headers(3, Request.to(.reply, ("x-first", ""))), .message(3)])
        client.sends([.headers(5), .message(5)])
        #expect(client.server.received.map(\.watched) == [2, 1, 0])
    }

    @Test(arguments: ["\u{1}", "1\r\nx: y", "\u{7f}"])
    func aWatchedHeaderIsSeenWhateverItSays(text: String) throws {
        let client = try ServerUnderTest().client()
        let fields = Request.to(.reply, ("x-stockade-shadow", text))
        client.sends([.headers(1, fields), .message(1)]).expectsReply(1)
        client.sends([.headers(3, fields), .message(3)]).expectsReply(3)
        client.sends([.headers(5), .message(5)]).expectsReply(5)
        #expect(client.server.received.map(\.watched) == [2, 2, 0])
    }

    @Test func callsPastTheConnectionsBoundAreRefused() throws {
        let client = try FrameScript(ServerUnderTest())
        client.sends(bytes: RawFrame.preface + RawFrame.settings().bytes)
        // Our SETTINGS aren't acknowledged yet: too many is no fault of the client's then.
        let callsMax = UInt32(Limits.callsPerConnectionMax)
        client.sends((0..<callsMax).map { .headers(2 * $0 + 1) })
        let past = callsMax * 2 + 1
        client.sends(.headers(past)).expects(.reset(past, .refusedStream))
        client.sends(.message(1)).expectsReply(1)
    }

    @Test func callsPastTheLoopsBoundAreRefused() throws {
        let server = try ServerUnderTest { $0.callsMax = 256 }
        let first = try server.client()
        first.sends((0..<UInt32(256)).map { .headers(2 * $0 + 1) })
        let second = try server.client()
        second.sends([.headers(1), .message(1)]).expects(.reset(1, .refusedStream))
        first.sends(.message(1)).expectsReply(1)
        second.sends([.headers(3), .message(3)]).expectsReply(3)
    }
}
