// SPDX-License-Identifier: Apache-2.0

import Testing
import Wire

@testable import Transport

/// Peers that go too far: the connection is told to calm down and closed, and another one on the same
/// loop doesn't notice.
@Suite struct FloodTests {
    @Test func emptyData() throws {
        let (attacker, bystander) = try pair()
        attacker.sends(.headers(1))
        attacker.sends([RawFrame](repeating: .data(1, []), count: Limits.emptyDataFramesMax))
        attacker.expectsNothing()
        attacker.sends(.data(1, []))
        expectCalmed(attacker, bystander)
    }

    @Test func emptyDataBetweenBytesIsFine() throws {
        let (client, _) = try pair()
        client.sends(.headers(1))
        for byte in RawFrame.prefixed([UInt8](repeating: 1, count: 40)) {
            client.sends([.data(1, []), .data(1, [byte])])
        }
        client.sends(.data(1, [], .endStream))
        #expect(client.server.messages == [[UInt8](repeating: 1, count: 40)])
    }

    @Test func pings() throws {
        let (attacker, bystander) = try pair()
        for _ in 0...Limits.idleControlFramesMax / 20 {
            attacker.sends([RawFrame](repeating: .ping(), count: 20))
        }
        expectCalmed(attacker, bystander)
    }

    @Test func pingsWithCallsAreFine() throws {
        let (client, _) = try pair()
        for call in 0..<UInt32(150) {
            client.sends([.ping(), .ping(), .headers(2 * call + 1), .message(2 * call + 1)])
        }
        #expect(!client.isClosed)
    }

    @Test func pingsInOneBurstOverflowTheAcknowledgements() throws {
        let (attacker, bystander) = try pair()
        attacker.sends([RawFrame](repeating: .ping(), count: 150))
        #expect(attacker.isClosed || { attacker.expectsClose().isClosed }())
        bystander.sends([.headers(1), .message(1)]).expectsReply(1)
    }

    @Test func settings() throws {
        let (attacker, bystander) = try pair()
        for _ in 0...Limits.idleControlFramesMax / 20 {
            attacker.sends([RawFrame](repeating: .settings(), count: 20))
        }
        expectCalmed(attacker, bystander)
    }

    @Test func priorities() throws {
        let (attacker, bystander) = try pair()
        // Its SETTINGS and their acknowledgement were two already.
        let rest = Limits.idleControlFramesMax - 2
        attacker.sends([RawFrame](repeating: .priority(1), count: rest))
        attacker.expectsNothing()
        attacker.sends(.priority(1))
        expectCalmed(attacker, bystander)
    }

    @Test func windowUpdates() throws {
        let (attacker, bystander) = try pair()
        attacker.sends([RawFrame](repeating: .windowUpdate(0, 1), count: 64))
        expectCalmed(attacker, bystander)
    }

    @Test func windowUpdatesOfAReaderAreFine() throws {
        let (client, _) = try pair()
        for call in 0..<UInt32(100) {
            let stream = 2 * call + 1
            client.sends([.headers(stream), .message(stream)])
            client.sends([.windowUpdate(0, 13), .windowUpdate(0, 13), .windowUpdate(0, 1)])
        }
        #expect(!client.isClosed)
    }

    @Test func rapidResets() throws {
        let (attacker, bystander) = try pair()
        for call in stride(from: 1, to: 2 * UInt32(Limits.resetSampleCalls), by: 40) {
            attacker.sends(
                stride(from: call, to: call + 40, by: 2).flatMap { [.headers($0), .reset($0)] })
        }
        expectCalmed(attacker, bystander)
        #expect(attacker.server.callCount == 0)
    }

    @Test func someResetsAreFine() throws {
        let (client, _) = try pair()
        for first in stride(from: 1, to: 6 * UInt32(Limits.resetSampleCalls), by: 60) {
            let streams = stride(from: first, to: first + 60, by: 6)
            client.sends(
                streams.flatMap { stream -> [RawFrame] in
                    [
                        .headers(stream), .reset(stream), .headers(stream + 2),
                        .message(stream + 2), .headers(stream + 4), .message(stream + 4),
                    ]
                })
        }
        #expect(!client.isClosed)
    }

    @Test func faultsThatMakeUsReset() throws {
        let (attacker, bystander) = try pair()
        // Each of these streams is malformed, and so costs us an RST_STREAM.
        for call in 0...UInt32(Limits.faultResetsMax) {
            attacker.sends(.headers(2 * call + 1, Request.with("te", "gzip"), .endStream))
        }
        expectCalmed(attacker, bystander)
    }

    @Test func faultsOverALongTimeAreFine() throws {
        let (client, _) = try pair()
        for call in 0..<UInt32(150) {
            client.sends(.headers(4 * call + 1, Request.with("te", "gzip"), .endStream))
            client.sends([.headers(4 * call + 3), .message(4 * call + 3)])
            client.server.passes(seconds: 0.5)
        }
        #expect(!client.isClosed)
    }

    @Test func continuations() throws {
        let (attacker, bystander) = try pair()
        attacker.sends(.openHeaders(1, Request.to(.reply)))
        let more = RawFrame(type: 9, flags: 0, stream: 1, payload: RawFrame.block([("x", "1")]))
        attacker.sends([RawFrame](repeating: more, count: Limits.continuationsMax + 1))
        attacker.expectsClose()
        bystander.sends([.headers(1), .message(1)]).expectsReply(1)
    }

    @Test func aBadPrefaceEndsAtOnce() throws {
        let server = try ServerUnderTest()
        let client = try FrameScript(server)
        client.sends(bytes: Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
        client.expectsClose()
    }

    @Test func unfinishedRequestsHaveABoundPerConnection() throws {
        let (client, bystander) = try pair()
        // Each announces 3 MB and sends nearly as much: three don't fit 8 MiB of buffers.
        let body = RawFrame.prefixed([UInt8](repeating: 1, count: 3_000_000)).dropLast()
        var refused: [UInt32] = []
        for stream in [1, 3, 5] as [UInt32] {
            client.sends(.headers(stream))
            for start in stride(from: 0, to: body.count, by: 16_000) {
                client.sends(.data(stream, Array(body[start..<min(start + 16_000, body.count)])))
                if case .headers(let number, let fields, ends: true) = client.next() {
                    #expect(fields["grpc-status"] == "8")
                    refused.append(number)
                    break
                }
            }
        }
        #expect(refused == [5])
        #expect(!client.isClosed)
        bystander.sends([.headers(1), .message(1)]).expectsReply(1)
        let connection = try #require(client.server.firstConnection)
        let session = connection.value.session.handle
        #expect(session.value.requestHeapBytes <= Limits.requestBytesPerConnectionMax)
        client.sends([.reset(1), .reset(3)])
        #expect(session.value.requestHeapBytes == 0)
    }

    /// An attacker and a second connection that behaves.
    private func pair() throws -> (FrameScript, FrameScript) {
        let server = try ServerUnderTest()
        return (try server.client(), try server.client())
    }

    private func expectCalmed(
        _ attacker: FrameScript, _ bystander: FrameScript,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let last = attacker.all().last
        guard case .goAway(_, .enhanceYourCalm) = last else {
            Issue.record(
                "\(last?.description ?? "nothing") and no GOAWAY", sourceLocation: sourceLocation)
            return
        }
        attacker.expectsClose(sourceLocation: sourceLocation)
        bystander.sends([.headers(1), .message(1)])
        bystander.expectsReply(1, sourceLocation: sourceLocation)
        #expect(attacker.server.control.connectionCount == 1, sourceLocation: sourceLocation)
    }
}
