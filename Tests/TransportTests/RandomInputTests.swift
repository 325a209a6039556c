// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Transport

/// Conversations with bytes changed, cut, repeated and made up: whatever comes, the process lives,
/// nothing stays behind, and another connection doesn't notice.
@Suite struct RandomInputTests {
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func damagedConversationsEndWell(seed: UInt64) throws {
        var random = Generator(state: seed)
        let server = try ServerUnderTest()
        let bystander = try server.client()
        var stream: UInt32 = 1
        for round in 0..<25 {
            let client = try FrameScript(server)
            client.sends(bytes: RawFrame.preface + RawFrame.settings().bytes)
            client.sends(bytes: damaged(conversation(&random), &random))
            client.disconnects()
            server.settle()
            bystander.sends([.headers(stream), .message(stream)])
            bystander.expectsReply(stream)
            stream += 2
            #expect(server.callCount == 0, "seed \(seed), round \(round)")
            #expect(server.control.connectionCount == 1, "seed \(seed), round \(round)")
        }
    }

    private func conversation(_ random: inout Generator) -> [UInt8] {
        var frames: [RawFrame] = []
        for call in 0..<UInt32(6) {
            let stream = 2 * call + 1
            let method = Request.Method(rawValue: UInt16(random.next(8)))!
            frames.append(.headers(stream, Request.to(method, ("grpc-timeout", "5S"))))
            frames.append(method == .big ? .message(stream, "70000") : .message(stream))
            if random.next(3) == 0 { frames.append(.reset(stream, UInt32(random.next(12)))) }
            if random.next(3) == 0 { frames.append(.windowUpdate(0, UInt32(random.next(99)))) }
            if random.next(4) == 0 { frames.append(.ping()) }
        }
        return frames.flatMap(\.bytes)
    }

    private func damaged(_ bytes: [UInt8], _ random: inout Generator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<1 + random.next(6) {
            let place = random.next(bytes.count)
            switch random.next(4) {
            case 0: bytes[place] = UInt8(random.next(256))
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(UInt8(random.next(256)), at: place)
            default: bytes[place] ^= 1 << UInt8(random.next(8))
            }
        }
        return bytes
    }
}
