// SPDX-License-Identifier: Apache-2.0

internal import PostgresClient
public import Primitives
internal import Synchronization

/// Reads an account's changes from Postgres for whoever mustn't wait for it.
///
/// `run` has a thread and a connection of its own, which writes nothing: the rights of
/// `stockade_reader` are enough. It connects when somebody asks first, and stays connected. Each
/// call is answered once, within `MovementLimits.timeout` and what one query takes to be given up.
public final class MovementReader: Sendable {
    /// What is asked.
    struct Query: Sendable {
        var brand: String
        var sku: String
        var warehouse: String
        var first: UInt64
        var limit: Int
    }

    private struct Call: Sendable {
        var query: Query
        var deadline: ContinuousClock.Instant
        var answer: @Sendable (Result<MovementPage, MovementFault>) -> Void
    }

    private struct Waiting {
        var calls: [Call] = []
        var isStopped = false
    }

    private let conninfo: String
    private let journal: ClientID
    private let interrupt = PostgresInterrupt()
    private let waiting = Mutex(Waiting())
    private let doze = Doze()

    /// Prepares; nothing is connected yet.
    ///
    /// - Parameters:
    ///   - conninfo: where Postgres is.
    ///   - journal: whose image the tables must be.
    public init(conninfo: String, journal: ClientID) {
        self.conninfo = conninfo
        self.journal = journal
    }

    /// Asks for what changed an account. Any thread; doesn't wait.
    ///
    /// - Parameters:
    ///   - brand: the account's brand.
    ///   - sku: its SKU.
    ///   - warehouse: its warehouse. Of an account that isn't known there, nothing is found.
    ///   - sequence: the first record that is asked for. A record changes an account once: the next
    ///     page begins behind the last movement's.
    ///   - limit: changes at most, 1 to `MovementLimits.pageMax`.
    ///   - answer: told once, on the reader's thread; on the caller's own when the queue is full or
    ///     the reader has ended.
    public func read(
        brand: String, sku: String, warehouse: String, from sequence: UInt64, limit: Int,
        then answer: @escaping @Sendable (Result<MovementPage, MovementFault>) -> Void
    ) {
        precondition((1...MovementLimits.pageMax).contains(limit))
        let call = Call(
            query: Query(
                brand: brand, sku: sku, warehouse: warehouse, first: sequence, limit: limit),
            deadline: ContinuousClock.now + MovementLimits.timeout, answer: answer)
        let fault: MovementFault? = waiting.withLock { waiting in
            if waiting.isStopped { return .stopped }
            guard waiting.calls.count < MovementLimits.queueMax
            else { return .queueFull(waiting.calls.count) }
            waiting.calls.append(call)
            return nil
        }
        if let fault { return answer(.failure(fault)) }
        doze.rouse()
    }

    /// Answers until `stop`. Blocks; a thread of its own.
    public func run() {
        var link = MovementLink(conninfo, journal, interrupt)
        while true {
            let (call, isStopped) = waiting.withLock { waiting -> (Call?, Bool) in
                (waiting.calls.isEmpty ? nil : waiting.calls.removeFirst(), waiting.isStopped)
            }
            if let call {
                call.answer(
                    isStopped
                        ? .failure(.stopped) : link.read(call.query, until: call.deadline))
            } else if isStopped {
                return
            } else {
                doze.sleep(atMostNanoseconds: MovementLimits.sleepNanoseconds) {
                    waiting.withLock { !$0.calls.isEmpty || $0.isStopped }
                }
            }
        }
    }

    /// Ends `run` within a moment; who waits is told. Any thread.
    public func stop() {
        waiting.withLock { $0.isStopped = true }
        interrupt.raise()
        doze.rouse()
    }
}
