// SPDX-License-Identifier: Apache-2.0

import Foundation
import Journal
import Primitives
import Projection
import Synchronization
import Transport

/// Asks a reader of movements the same several times at once, and says each answer as a line of
/// JSON: for a test.
struct MovementAsking {
    var conninfo: String
    var data: String
    var brand: String
    var sku: String
    var warehouse: String
    var first: UInt64
    var limit: Int
    var atOnce = 1

    private struct Answer: Encodable {
        struct Change: Encodable {
            var sequence: UInt64
            var kind: String
            var changes: [Int64]
            var reference: String
            var atMs: Int64
        }

        var fault: String?
        var text: String?
        var applied: UInt64?
        var movements: [Change]?

        init(_ result: Result<MovementPage, MovementFault>) {
            switch result {
            case .success(let page):
                applied = page.appliedSequence
                movements = page.movements.map {
                    Change(
                        sequence: $0.sequence, kind: "\($0.kind.text)",
                        changes: [
                            $0.onHandChange, $0.heldChange, $0.allocatedChange, $0.safetyChange,
                        ], reference: MovementAsking.hex($0.reference), atMs: $0.wall.milliseconds)
                }
            case .failure(let found):
                fault = "\(found)".prefix { $0 != "(" }.description
                text = found.explanation
            }
        }
    }

    private static func hex(_ id: ClientID) -> String {
        [id.high, id.low].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    private final class Answers: Sendable {
        let all = Mutex<[Result<MovementPage, MovementFault>]>([])

        func add(_ answer: Result<MovementPage, MovementFault>) {
            all.withLock { $0.append(answer) }
        }

        var count: Int { all.withLock { $0.count } }
    }

    /// Asks each time that a line is read, until there are no more.
    func run() throws {
        let facts = try JournalFacts.read(at: data)
        let reader = MovementReader(conninfo: conninfo, journal: facts.identity.uuid)
        let thread = try WorkerThread(name: "movements") { reader.run() }
        Report.say("ready")
        while readLine() == "go" {
            let answers = Answers()
            for _ in 0..<atOnce { ask(reader) { answers.add($0) } }
            while answers.count < atOnce { usleep(1_000) }
            for answer in answers.all.withLock({ $0 }) { try say(answer) }
        }
        reader.stop()
        thread.join()
        let answers = Answers()
        ask(reader) { answers.add($0) }
        for answer in answers.all.withLock({ $0 }) { try say(answer) }
    }

    private func ask(
        _ reader: MovementReader,
        then answer: @escaping @Sendable (Result<MovementPage, MovementFault>) -> Void
    ) {
        reader.read(
            brand: brand, sku: sku, warehouse: warehouse, from: first, limit: limit, then: answer)
    }

    private func say(_ answer: Result<MovementPage, MovementFault>) throws {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        Report.say(String(decoding: try encoder.encode(Answer(answer)), as: UTF8.self))
    }
}
