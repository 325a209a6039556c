// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing
import Wire

@testable import Transport

/// The client's side, against the server's: two loops that take turns on one thread.
@Suite struct ClientTests {
    @Test func aCallIsAnswered() throws {
        let pair = try ClientAndServer()
        let call = try #require(pair.submit(.reply, "hello", tag: 7))
        pair.settle()
        let answer = try #require(pair.answers.first)
        #expect(answer.head.id == call)
        #expect(answer.head.status == .ok)
        #expect(answer.head.tag == 7)
        #expect(answer.head.method == Request.Method.reply.rawValue)
        #expect(answer.text == "hello")
        #expect(pair.client.port.callCount == 0)
    }

    @Test func aRefusalHasItsStatusTextAndDetails() throws {
        let pair = try ClientAndServer()
        _ = pair.submit(.refuse, "hello", tag: 1)
        pair.settle()
        #expect(pair.answers.first?.head.status == .failedPrecondition)
        // What stood in grpc-status-details-bin, decoded.
        #expect(pair.answers.first?.text == "detailed")
        let text = pair.client.port.withFailureText { text in
            String(decoding: text.indices.map { text[$0] }, as: UTF8.self)
        }
        #expect(text == "short by 2 – try ☺ %")
    }

    @Test func watchedTrailersAreSeen() throws {
        let pair = try ClientAndServer()
        _ = pair.submit(.trailers, "hello", tag: 1)
        _ = pair.submit(.reply, "hello", tag: 2)
        pair.settle()
        let watched = Dictionary(
            uniqueKeysWithValues: pair.answers.map { ($0.head.tag, $0.head.watched) })
        #expect(watched == [1: 1, 2: 0])
    }

    @Test func manyCallsInterleave() throws {
        let pair = try ClientAndServer()
        for tag in 0..<UInt64(200) { _ = pair.submit(.reply, "\(tag)", tag: tag) }
        pair.settle()
        #expect(pair.answers.count == 200)
        #expect(pair.answers.allSatisfy { $0.text == "\($0.head.tag)" })
    }

    @Test func longMessagesGoBothWays() throws {
        let pair = try ClientAndServer()
        _ = pair.submit(.reply, String(repeating: "x", count: 1_000_000), tag: 1)
        pair.settle()
        #expect(pair.answers.first?.text.count == 1_000_000)
    }

    @Test func theServersBoundIsTheClients() throws {
        let pair = try ClientAndServer()
        for tag in 0..<UInt64(Limits.callsPerConnectionMax) {
            #expect(pair.submit(.hold, "hello", tag: tag) != nil)
        }
        #expect(pair.submit(.hold, "hello", tag: 999) == nil)
        pair.settle()
        pair.server.durable.advance(to: 10)
        pair.settle()
        #expect(pair.answers.count == Limits.callsPerConnectionMax)
        #expect(pair.submit(.reply, "hello", tag: 1_000) != nil)
    }

    @Test func aCallThatTakesTooLongIsGivenUp() throws {
        let pair = try ClientAndServer()
        _ = pair.submit(.hold, "hello", timeoutNanoseconds: 1_000_000_000, tag: 3)
        pair.settle()
        #expect(pair.server.received.first?.deadline != .max)
        // Only the client's clock moves: the server doesn't answer by itself.
        pair.clientTime += 1_100_000_000
        pair.settle()
        #expect(pair.ends.map(\.status) == [.deadlineExceeded])
        #expect(pair.ends.map(\.tag) == [3])
        #expect(pair.server.ended.map(\.status) == [.cancelled])
        #expect(pair.client.port.callCount == 0)
    }

    @Test func aLostConnectionEndsEveryCall() throws {
        let pair = try ClientAndServer()
        for tag in 0..<UInt64(5) { _ = pair.submit(.hold, "hello", tag: tag) }
        pair.settle()
        pair.server.loop.port.closeAll()
        pair.settle()
        #expect(pair.ends.map(\.status) == [StatusCode](repeating: .unavailable, count: 5))
        #expect(Set(pair.ends.map(\.tag)) == [0, 1, 2, 3, 4])
        #expect(pair.disconnections == 1)
        #expect(pair.submit(.reply, "hello", tag: 6) == nil)
    }

    @Test func closingEndsEveryCall() throws {
        let pair = try ClientAndServer()
        _ = pair.submit(.hold, "hello", tag: 1)
        pair.settle()
        pair.client.port.close(pair.connection)
        pair.settle()
        #expect(pair.ends.map(\.status) == [.unavailable])
        #expect(pair.disconnections == 1)
        #expect(pair.server.callCount == 0)
    }

    @Test func aDrainingServerFinishesWhatItTook() throws {
        let pair = try ClientAndServer()
        _ = pair.submit(.hold, "hello", tag: 1)
        pair.settle()
        pair.server.control.beginDrain()
        pair.settle()
        // A client that heard GOAWAY submits none.
        #expect(pair.submit(.reply, "hello", tag: 2) == nil)
        pair.server.durable.advance(to: 10)
        pair.settle()
        #expect(pair.answers.map(\.text) == ["hello"])
        #expect(pair.disconnections == 1)
        #expect(pair.server.isDone)
    }

    @Test func nobodyListening() throws {
        let address = try ListeningSocket(SocketAddress("127.0.0.1:0")).address
        let control = try LoopControl()
        var loop = try Loop(
            configuration: ScriptService.configuration, service: RecordingCaller(),
            control: control)
        _ = try? loop.port.connect(address)
        for _ in 0..<5 {
            let events = loop.port.poller.wait(nanoseconds: 1_000_000)
            loop.turn(.fromSystem(), events: events)
        }
        #expect(loop.service.disconnections == 1)
        #expect(loop.service.connections == 0)
    }
}
