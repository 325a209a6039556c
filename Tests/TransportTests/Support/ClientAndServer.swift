// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Transport

/// A client's loop with one open connection to a server's, both turned by hand.
final class ClientAndServer {
    let server: ServerUnderTest
    var client: Loop<RecordingCaller>
    let connection: ConnectionID
    /// The client's clock; the server has its own.
    var clientTime: UInt64 = 1_000_000_000_000

    init() throws {
        var configuration = ScriptService.configuration
        configuration.watchedHeaders = ["idempotent-replay"]
        let control = try LoopControl()
        server = try ServerUnderTest()
        client = try Loop(
            configuration: configuration, service: RecordingCaller(), control: control,
            now: TurnTime(monotonicNanoseconds: clientTime, wallMilliseconds: 0))
        connection = try client.port.connect(server.address)
        settle()
        let count = client.service.connections
        try #require(count == 1)
    }

    func submit(
        _ method: Request.Method, _ text: String, timeoutNanoseconds: UInt64? = nil, tag: UInt64
    ) -> CallID? {
        let bytes = Array(text.utf8)
        return client.port.submit(
            on: connection, method: method.rawValue, message: bytes.span,
            timeoutNanoseconds: timeoutNanoseconds, tag: tag)
    }

    /// Both take turns until nothing happens any more.
    func settle() {
        var quietTurns = 0
        while quietTurns < 3 {
            let events = client.port.poller.wait(nanoseconds: 1_000_000)
            client.turn(
                TurnTime(monotonicNanoseconds: clientTime, wallMilliseconds: 0), events: events)
            let happened = server.turn(waitMilliseconds: 1)
            let isQuiet =
                events == 0 && happened == 0 && !client.port.hasWork && !server.hasWork
            quietTurns = isQuiet ? quietTurns + 1 : 0
        }
    }

    var answers: [RecordingCaller.Answer] { client.service.answers }
    var ends: [CallHead] { client.service.ends }
    var disconnections: Int { client.service.disconnections }
}
