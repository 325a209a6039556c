// SPDX-License-Identifier: Apache-2.0

internal import Projection
internal import Synchronization

/// Where a loop leaves its questions about movements and finds the answers, which the reader's thread
/// brings. At most as many wait here as the reader's queue takes.
final class MovementsDesk: Sendable {
    /// An answer and whose it is.
    struct Answer: Sendable {
        var query: MovementsQuery
        var result: Result<MovementPage, MovementFault>
    }

    private let reader: MovementReader
    private let wake: @Sendable () -> Void
    private let answers = Mutex<[Answer]>([])
    private let waiting = Atomic<Int>(0)

    /// A desk of one loop; `wake` makes it begin a turn.
    init(_ reader: MovementReader, wake: @escaping @Sendable () -> Void) {
        self.reader = reader
        self.wake = wake
    }

    /// Asks; the answer is there in a later turn.
    func ask(_ query: MovementsQuery) {
        reader.read(
            brand: query.brand, sku: query.sku, warehouse: query.warehouse,
            from: query.fromSequence, limit: query.limit
        ) { result in
            self.answers.withLock { $0.append(Answer(query: query, result: result)) }
            self.waiting.add(1, ordering: .releasing)
            self.wake()
        }
    }

    /// The answers since the last call; a relaxed load when there are none.
    func take() -> [Answer] {
        guard waiting.load(ordering: .acquiring) > 0 else { return [] }
        return answers.withLock { answers in
            let taken = answers
            answers.removeAll(keepingCapacity: true)
            waiting.subtract(taken.count, ordering: .relaxed)
            return taken
        }
    }
}
