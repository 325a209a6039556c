// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Transport

/// The same conversation in two codings, one whose header blocks repeat and one in which none is like
/// another, comes to the same.
@Suite struct RepeatedDifferenceTests {
    private struct Call: Equatable {
        var method: UInt16
        var watched: UInt32
        var deadline: UInt64
        var message: [UInt8]
    }

    private struct Outcome {
        var calls: [Call] = []
        /// What came on each stream.
        var answers: [UInt32: [ReceivedFrame]] = [:]
        /// Blocks that were there before, and those of them that the server knew at the end.
        var repeated = 0
        var isClosed = false
    }

    @Test(arguments: 1...24 as ClosedRange<UInt64>)
    func bothComeToTheSame(seed: UInt64) throws {
        var random = Generator(state: seed)
        let conversation = DrawnConversation(&random, calls: 60)
        var encoder = FieldEncoder()
        var coder = Generator(state: seed &+ 1_000)
        var number = 0
        let unique = try held(conversation, seed: seed) { fields in
            number += 1
            return RawFrame.block(fields + [("x-unique", "\(number)")])
        }
        let repeating = try held(conversation, seed: seed) { encoder.block($0, &coder) }
        #expect(!unique.isClosed && !repeating.isClosed, "seed \(seed)")
        #expect(repeating.calls == unique.calls, "seed \(seed)")
        for stream in 0..<UInt32(2 * conversation.calls) {
            #expect(
                repeating.answers[stream] == unique.answers[stream],
                "seed \(seed), stream \(stream)")
        }
        #expect(unique.repeated == 0 && repeating.repeated > 15, "seed \(seed)")
        #expect(unique.calls.count > 10, "seed \(seed)")
    }

    private func held(
        _ conversation: DrawnConversation, seed: UInt64, block: ([(String, String)]) -> [UInt8]
    ) throws -> Outcome {
        let server = try ServerUnderTest()
        let client = try server.client()
        var random = Generator(state: seed &+ 2_000)
        var outcome = Outcome()
        var blocks: Set<[UInt8]> = []
        for steps in conversation.writes {
            let frames = steps.map { step in
                switch step {
                case .headers(let stream, let fields, let end):
                    let payload = block(fields)
                    if !blocks.insert(payload).inserted { outcome.repeated += 1 }
                    return RawFrame(type: 1, flags: 4 | end.flag, stream: stream, payload: payload)
                case .frame(let frame): return frame
                }
            }
            let bytes = frames.flatMap(\.bytes)
            let cut = random.next(3) == 0 ? place(in: frames, &random) : 0
            client.sends(bytes: Array(bytes.prefix(cut)))
            client.sends(bytes: Array(bytes.dropFirst(cut)))
            server.passes(seconds: Double(random.next(100)) / 1_000)
        }
        for frame in client.all() {
            if let stream = frame.stream { outcome.answers[stream, default: []].append(frame) }
        }
        outcome.isClosed = client.isClosed
        outcome.calls = zip(server.received, server.messages).map {
            Call(method: $0.method, watched: $0.watched, deadline: $0.deadline, message: $1)
        }
        return outcome
    }

    /// A place to cut: within the same frame in both codings, or before it.
    private func place(in frames: [RawFrame], _ random: inout Generator) -> Int {
        let index = random.next(frames.count)
        let share = random.next(100)
        let before = frames[..<index].reduce(0) { $0 + $1.bytes.count }
        return share == 0 ? before : before + 1 + share * (frames[index].bytes.count - 2) / 100
    }
}

extension ReceivedFrame {
    /// The stream of what answers a call.
    fileprivate var stream: UInt32? {
        switch self {
        case .headers(let stream, _, _), .data(let stream, _, _), .reset(let stream, _): stream
        default: nil
        }
    }
}
