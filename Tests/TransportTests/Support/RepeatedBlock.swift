// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Transport

/// Header blocks that repeat, and whether the server knows them.
enum RepeatedBlock {
    private static let rest = [
        (":authority", "test"), ("content-type", "application/grpc"), ("te", "trailers"),
    ]

    /// A request whose `:path` is the latest field of the peer's table.
    static let indexed: [UInt8] = [0x83, 0x86, 0xbe] + RawFrame.block(rest)

    /// The same request with its path added to the table.
    static func adding(_ method: Request.Method) -> [UInt8] {
        [0x83, 0x86] + path(method) + RawFrame.block(rest)
    }

    /// Its path alone, added to the table.
    static func path(_ method: Request.Method) -> [UInt8] {
        [0x44] + RawFrame.text("\(method.path)".utf8)
    }

    static func open(_ stream: UInt32, _ block: [UInt8], ends: Bool = false) -> RawFrame {
        RawFrame(type: 1, flags: ends ? 5 : 4, stream: stream, payload: block)
    }

    /// Whether the server's first connection knows the block: else a test would say nothing of it.
    static func isKnown(_ block: [UInt8], to server: ServerUnderTest) throws -> Bool {
        let connection = try #require(server.firstConnection)
        var heads = connection.value.session.handle.value.repeatedHeads
        return heads.find(block.span, frame: .max) != nil
    }
}
