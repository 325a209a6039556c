// SPDX-License-Identifier: Apache-2.0

import Testing
import Wire

@testable import Transport

/// Calls whose header blocks repeat, on a real loop: whatever is known of a block's bytes, each call
/// is what its own fields say.
@Suite struct RepeatedCallsTests {
    /// Block by block: `:path` is the latest field of the peer's table.
    private static func indexedBlock(_ more: [(String, String)] = []) -> [UInt8] {
        let rest = [
            (":authority", "test"), ("content-type", "application/grpc"), ("te", "trailers"),
        ]
        return [0x83, 0x86, 0xbe] + RawFrame.block(rest + more)
    }

    private static func path(_ method: Request.Method) -> [UInt8] {
        [0x44] + RawFrame.text("\(method.path)".utf8)
    }

    /// The same request with its path added to the table.
    private static func addingBlock(_ method: Request.Method) -> [UInt8] {
        let rest = [
            (":authority", "test"), ("content-type", "application/grpc"), ("te", "trailers"),
        ]
        return [0x83, 0x86] + path(method) + RawFrame.block(rest)
    }

    private static func open(_ stream: UInt32, _ block: [UInt8], ends: Bool = false) -> RawFrame {
        RawFrame(type: 1, flags: ends ? 5 : 4, stream: stream, payload: block)
    }

    /// Whether the server's first connection knows the block: else a test would say nothing of it.
    private func knows(_ server: ServerUnderTest, _ block: [UInt8]) throws -> Bool {
        let connection = try #require(server.firstConnection)
        var heads = connection.value.session.handle.value.repeatedHeads
        return heads.find(block.span, frame: .max) != nil
    }

    @Test func eachCallIsWhatItsFieldsSay() throws {
        let server = try ServerUnderTest()
        let client = try server.client()
        let requests: [[(String, String)]] = [
            Request.to(.reply, ("grpc-timeout", "5S"), ("x-first", "1")),
            Request.to(.reply, ("grpc-timeout", "7S"), ("x-stockade-shadow", "1")),
            Request.to(.trailers), Request.to(.reply, ("grpc-timeout", "99999999S")),
        ]
        var expected: [(UInt16, UInt32, UInt64)] = []
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
                if round > 0 { #expect(try knows(server, RawFrame.block(fields))) }
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
        #expect(try knows(server, RawFrame.block(fields)))
    }

    // MARK: The table changes

    /// Frames that add the path of `trailers` to the table, on stream 7 unless they say another.
    enum Change: CaseIterable {
        case request, padded, priority, unknownFlag, continued, long, trailers, malformed
        case closedStream, smallerTable, farTooManyFields

        func frames(_ path: [UInt8], _ whole: [UInt8]) -> [RawFrame] {
            switch self {
            case .request: [open(7, whole, ends: true)]
            case .padded:
                [RawFrame(type: 1, flags: 13, stream: 7, payload: [2] + whole + [0, 0])]
            case .priority:
                [RawFrame(type: 1, flags: 37, stream: 7, payload: [0, 0, 0, 0, 15] + whole)]
            case .unknownFlag: [RawFrame(type: 1, flags: 69, stream: 7, payload: whole)]
            case .continued:
                [
                    RawFrame(type: 1, flags: 1, stream: 7, payload: Array(whole.prefix(7))),
                    RawFrame(type: 9, flags: 4, stream: 7, payload: Array(whole.dropFirst(7))),
                ]
            case .long:
                [
                    open(
                        7, whole + RawFrame.block([("x-a", String(repeating: "b", count: 200))]),
                        ends: true)
                ]
            // Not trailers at all, since a path is in them; decoded they are.
            case .trailers: [.headers(7), open(7, path, ends: true)]
            case .malformed: [open(7, whole + RawFrame.block([("te", "gzip")]), ends: true)]
            case .closedStream: [open(1, path, ends: true)]
            case .smallerTable: [open(7, [0x20, 0x3f, 0xe1, 0x1f] + whole, ends: true)]
            case .farTooManyFields:
                [open(7, whole + RawFrame.block((0..<300).map { ("x-\($0)", "") }), ends: true)]
            }
        }

        private func open(_ stream: UInt32, _ block: [UInt8], ends: Bool) -> RawFrame {
            RepeatedCallsTests.open(stream, block, ends: ends)
        }
    }

    /// Makes the block with the indexed path known, as one of `reply`.
    private func teach(_ client: FrameScript) throws {
        client.sends([Self.open(1, Self.addingBlock(.reply)), .message(1)]).expectsReply(1)
        client.sends([Self.open(3, Self.indexedBlock()), .message(3)]).expectsReply(3)
        #expect(try knows(client.server, Self.indexedBlock()))
    }

    @Test(arguments: Change.allCases, [false, true])
    func theSameBytesMeanSomethingElse(change: Change, inOneWrite: Bool) throws {
        let server = try ServerUnderTest()
        let client = try server.client()
        try teach(client)
        let changing = change.frames(Self.path(.trailers), Self.addingBlock(.trailers))
        // What was known before the change, too, in the same read.
        let before = [Self.open(5, Self.indexedBlock()), RawFrame.message(5)]
        let after = [Self.open(9, Self.indexedBlock()), RawFrame.message(9)]
        let frames = before + changing + after
        if inOneWrite { client.sends(frames) } else { frames.forEach { client.sends($0) } }
        #expect(server.received.map(\.method) == [0, 0, 0, 6])
        // And it is known as that from now on.
        for stream in [11, 13] as [UInt32] {
            client.sends([Self.open(stream, Self.indexedBlock()), .message(stream)])
        }
        #expect(server.received.suffix(3).map(\.method) == [6, 6, 6])
        #expect(try knows(server, Self.indexedBlock()))
    }

    @Test(arguments: [false, true])
    func theSameBytesMeanSomethingElseInEveryRead(inOneWrite: Bool) throws {
        let client = try ServerUnderTest().client()
        var expected: [UInt16] = []
        var frames: [RawFrame] = []
        for round in 0..<20 {
            let method: Request.Method = round % 2 == 0 ? .reply : .trailers
            for call in 0..<4 {
                let stream = UInt32(2 * (4 * round + call) + 1)
                let block = call == 0 ? Self.addingBlock(method) : Self.indexedBlock()
                frames += [Self.open(stream, block), .message(stream)]
                expected.append(method.rawValue)
            }
        }
        if inOneWrite {
            client.sends(frames)
        } else {
            for frame in frames { client.sends(frame) }
        }
        #expect(client.server.received.map(\.method) == expected)
    }

    @Test(arguments: [false, true])
    func aTableWithoutTheFieldEndsTheConnection(inOneWrite: Bool) throws {
        let client = try ServerUnderTest().client()
        try teach(client)
        let emptied = Self.open(
            5, [0x20] + RawFrame.block(Request.to(.reply)), ends: true)
        let after = [Self.open(7, Self.indexedBlock()), RawFrame.message(7)]
        if inOneWrite {
            client.sends([emptied] + after)
        } else {
            client.sends(emptied).sends(after)
        }
        #expect(client.server.received.count == 2)
        let isTold = client.all().contains {
            if case .goAway(_, .compression) = $0 { true } else { false }
        }
        #expect(isTold)
        client.expectsClose()
    }

    // MARK: Trailers

    @Test(arguments: [false, true])
    func aRequestsBlockIsNoTrailers(inOneWrite: Bool) throws {
        let client = try ServerUnderTest().client()
        client.sends([.headers(1), .message(1)]).expectsReply(1)
        #expect(try knows(client.server, RawFrame.block(Request.to(.reply))))
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

    // MARK: Cut anywhere

    @Test func aReadMayEndAnywhere() throws {
        let server = try ServerUnderTest()
        let first = Self.addingBlock(.trailers)
        let body = RawFrame.prefixed(Array("hello".utf8))
        let frames = [
            RawFrame.headers(1), .message(1), .headers(3), .message(3), Self.open(5, first),
            .message(5), Self.open(7, Self.indexedBlock()), .message(7),
            Self.open(9, Self.indexedBlock()), .data(9, body),
            .headers(9, [("x", "1")], .endStream),
            .headers(11), .message(11),
        ]
        let greeting = RawFrame.preface + RawFrame.settings().bytes
        let bytes = greeting + frames.flatMap(\.bytes)
        for cut in stride(from: 1, to: bytes.count, by: 3) {
            let client = try FrameScript(server)
            let before = server.received.count
            client.sends(bytes: Array(bytes.prefix(cut)))
            client.sends(bytes: Array(bytes.dropFirst(cut)))
            #expect(
                server.received.dropFirst(before).map(\.method) == [0, 0, 6, 6, 6, 0],
                "cut at \(cut)")
            client.disconnects()
            server.settle()
        }
    }

    @Test func bytesMayComeOneByOne() throws {
        let client = try FrameScript(ServerUnderTest())
        let frames = [
            RawFrame.settings(), .headers(1), .message(1), .headers(3), .message(3),
            .headers(5, Request.to(.trailers)), .message(5),
        ]
        for byte in RawFrame.preface + frames.flatMap(\.bytes) { client.sends(bytes: [byte]) }
        #expect(client.server.received.map(\.method) == [0, 0, 6])
    }
}
