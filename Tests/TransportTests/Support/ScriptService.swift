// SPDX-License-Identifier: Apache-2.0

import Primitives
import Transport
import Wire

/// A service that does what the method's name says, and remembers what it was told.
struct ScriptService: Service, ~Copyable {
    private(set) var received: [CallHead] = []
    private(set) var messages: [[UInt8]] = []
    private(set) var ended: [CallHead] = []
    private(set) var turns = 0
    /// What a held reply waits for.
    var sequence: UInt64 = 10
    /// Looks in whenever a message is there, before it is answered.
    var onReceive: (() -> Void)?
    private var message = ByteWriter(capacity: 8 << 20)
    private var details = ByteWriter(capacity: 1 << 10)
    private var tooSmall = ByteWriter(capacity: 1)

    mutating func receive(
        _ head: CallHead, _ bytes: Span<UInt8>, _ now: TurnTime, on port: inout LoopPort
    ) {
        received.append(head)
        onReceive?()
        messages.append(bytes.indices.map { bytes[$0] })
        message.removeAll()
        details.removeAll()
        switch Request.Method(rawValue: head.method)! {
        case .reply:
            message.append(bytes)
            port.reply(head.id, message: message, after: 0)
        case .refuse, .holdRefusal:
            message.append("short by 2 – try ☺ %")
            details.append("detailed")
            let isHeld = head.method == Request.Method.holdRefusal.rawValue
            port.refuse(
                head.id, status: .failedPrecondition, text: message, details: details,
                after: isHeld ? sequence : 0)
        case .hold:
            message.append(bytes)
            port.reply(head.id, message: message, after: sequence)
        case .big:
            let digits = String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
            let count = min(Int(digits) ?? 0, message.capacity)
            for index in 0..<count { message.append(UInt8(truncatingIfNeeded: index)) }
            port.reply(head.id, message: message, after: 0)
        case .forget: break
        case .trailers:
            message.append(bytes)
            port.reply(
                head.id, message: message,
                trailers: ReplyTrailers(idempotentReplay: true, retryPushbackMilliseconds: -1),
                after: 0)
        case .overflow:
            tooSmall.append("too much")
            port.reply(head.id, message: tooSmall, after: 0)
        }
    }

    mutating func turn(_ now: TurnTime, on port: inout LoopPort) -> UInt64 {
        turns += 1
        return .max
    }

    mutating func closed(_ head: CallHead, _ now: TurnTime, on port: inout LoopPort) {
        ended.append(head)
    }

    static var configuration: LoopConfiguration {
        LoopConfiguration(
            methods: Request.Method.allCases.map(\.path),
            watchedHeaders: ["x-first", "x-stockade-shadow"])
    }
}
