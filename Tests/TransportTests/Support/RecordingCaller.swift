// SPDX-License-Identifier: Apache-2.0

import Transport

/// A client's service that remembers what it was told.
struct RecordingCaller: Service, ~Copyable {
    struct Answer {
        let head: CallHead
        let text: String
    }

    private(set) var answers: [Answer] = []
    private(set) var ends: [CallHead] = []
    private(set) var connections = 0
    private(set) var disconnections = 0

    mutating func receive(
        _ head: CallHead, _ message: Span<UInt8>, _ now: TurnTime, on port: inout LoopPort
    ) {
        let text = String(decoding: message.indices.map { message[$0] }, as: UTF8.self)
        answers.append(Answer(head: head, text: text))
    }

    mutating func turn(_ now: TurnTime, on port: inout LoopPort) -> UInt64 { .max }

    mutating func closed(_ head: CallHead, _ now: TurnTime, on port: inout LoopPort) {
        ends.append(head)
    }

    mutating func connected(
        _ connection: ConnectionID, _ now: TurnTime, on port: inout LoopPort
    ) {
        connections += 1
    }

    mutating func disconnected(
        _ connection: ConnectionID, _ now: TurnTime, on port: inout LoopPort
    ) {
        disconnections += 1
    }
}
