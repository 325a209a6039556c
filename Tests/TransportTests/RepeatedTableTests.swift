// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Transport

/// Header blocks that refer to the table of fields, as it changes and as reads cut them.
@Suite struct RepeatedTableTests {
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
            RepeatedBlock.open(stream, block, ends: ends)
        }
    }

    /// Makes the block with the indexed path known, as one of `reply`.
    private func teach(_ client: FrameScript) throws {
        client.sends([RepeatedBlock.open(1, RepeatedBlock.adding(.reply)), .message(1)])
            .expectsReply(1)
        client.sends([RepeatedBlock.open(3, RepeatedBlock.indexed), .message(3)]).expectsReply(3)
        #expect(try RepeatedBlock.isKnown(RepeatedBlock.indexed, to: client.server))
    }

    @Test(arguments: Change.allCases, [false, true])
    func theSameBytesMeanSomethingElse(change: Change, inOneWrite: Bool) throws {
        let server = try ServerUnderTest()
        let client = try server.client()
        try teach(client)
        let changing = change.frames(RepeatedBlock.path(.trailers), RepeatedBlock.adding(.trailers))
        // What was known before the change, too, in the same read.
        let before = [RepeatedBlock.open(5, RepeatedBlock.indexed), RawFrame.message(5)]
        let after = [RepeatedBlock.open(9, RepeatedBlock.indexed), RawFrame.message(9)]
        let frames = before + changing + after
        if inOneWrite { client.sends(frames) } else { frames.forEach { client.sends($0) } }
        #expect(server.received.map(\.method) == [0, 0, 0, 6])
        // And it is known as that from now on.
        for stream in [11, 13] as [UInt32] {
            client.sends([RepeatedBlock.open(stream, RepeatedBlock.indexed), .message(stream)])
        }
        #expect(server.received.suffix(3).map(\.method) == [6, 6, 6])
        #expect(try RepeatedBlock.isKnown(RepeatedBlock.indexed, to: server))
    }

    /// One read ends within the frame that changes the table, the next has what comes after it.
    @Test(arguments: [Change.request, .padded, .continued, .closedStream])
    func theChangeMayBeCutAnywhere(change: Change) throws {
        let changing = change.frames(RepeatedBlock.path(.trailers), RepeatedBlock.adding(.trailers))
            .flatMap(\.bytes)
        let after = [RepeatedBlock.open(9, RepeatedBlock.indexed), RawFrame.message(9)]
            .flatMap(\.bytes)
        for cut in 1..<changing.count {
            let client = try ServerUnderTest().client()
            try teach(client)
            client.sends(bytes: Array(changing.prefix(cut)))
            client.sends(bytes: changing.dropFirst(cut) + after)
            #expect(client.server.received.map(\.method) == [0, 0, 6], "cut at \(cut)")
        }
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
                let block = call == 0 ? RepeatedBlock.adding(method) : RepeatedBlock.indexed
                frames += [RepeatedBlock.open(stream, block), .message(stream)]
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
        let emptied = RepeatedBlock.open(
            5, [0x20] + RawFrame.block(Request.to(.reply)), ends: true)
        let after = [RepeatedBlock.open(7, RepeatedBlock.indexed), RawFrame.message(7)]
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

    // MARK: Cut anywhere

    @Test func aReadMayEndAnywhere() throws {
        let server = try ServerUnderTest()
        let first = RepeatedBlock.adding(.trailers)
        let body = RawFrame.prefixed(Array("hello".utf8))
        let frames = [
            RawFrame.headers(1), .message(1), .headers(3), .message(3),
            RepeatedBlock.open(5, first),
            .message(5), RepeatedBlock.open(7, RepeatedBlock.indexed), .message(7),
            RepeatedBlock.open(9, RepeatedBlock.indexed), .data(9, body),
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
