// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import StockadeAPI
internal import Transport
internal import Wire

/// Makes a sequence's calls over one connection, as many at once as it takes, and stops its loop at
/// the last answer or the first failure. With a retry policy a call that ends without an answer is
/// made again, over a new connection if need be.
struct SequenceService<Sequence: CallSequence>: Service, ~Copyable {
    var sequence: Sequence
    private(set) var failure: String?
    private let control: LoopControl
    private let target: SocketAddress
    private let retry: RetryPolicy?
    private let window = 64
    private var request = ByteWriter(capacity: 1_024)
    private var connections: ServerConnections
    private var retries: RetryQueue
    private let seed: UInt64
    private var failures: UInt32 = 0
    private var draws: UInt64 = 0
    private var next = 0
    private var answered = 0
    private var lastAnswer: UInt64 = 0
    private var isDone = false
    /// How the latest attempt ended that decided nothing, for people.
    private var lastEnd = ""

    init(
        _ sequence: Sequence, target: SocketAddress, retry: RetryPolicy?, seed: UInt64,
        control: LoopControl
    ) {
        self.sequence = sequence
        self.target = target
        self.retry = retry
        self.seed = seed
        self.control = control
        connections = ServerConnections(to: target, count: 1, streams: window, seed: seed)
        retries = RetryQueue(capacity: window)
    }

    mutating func turn(_ now: TurnTime, on port: inout LoopPort) -> UInt64 {
        let time = now.monotonicNanoseconds
        if isDone { return .max }
        if lastAnswer == 0 { lastAnswer = time }
        do {
            try connections.openThoseDue(at: time, on: &port)
        } catch {
            fail("can't connect to \(target): \(error.explanation)")
            return .max
        }
        guard let retry else { return .max }
        let end = lastAnswer + retry.giveUpNanoseconds
        guard time < end else {
            fail(
                "no final answer for \(retry.giveUpNanoseconds / 1_000_000) ms: gave up"
                    + lastEnd)
            return .max
        }
        fill(at: time, on: &port)
        // While the window is full, or the connection closed, an event wakes us.
        let wake = min(end, connections.nextOpening)
        return retries.earliest <= time ? wake : min(wake, retries.earliest)
    }

    mutating func connected(
        _ connection: ConnectionID, _ now: TurnTime, on port: inout LoopPort
    ) {
        guard connections.opened(connection) != nil else { return }
        if sequence.count == 0 { return finish() }
        fill(at: now.monotonicNanoseconds, on: &port)
    }

    mutating func disconnected(
        _ connection: ConnectionID, _ now: TurnTime, on port: inout LoopPort
    ) {
        guard !isDone else { return }
        lastEnd = "; \(target) closes every connection, or takes none"
        connections.lost(connection, at: now.monotonicNanoseconds)
        if retry == nil { fail("\(target) closed the connection, or took none") }
    }

    mutating func receive(
        _ head: CallHead, _ message: Span<UInt8>, _ now: TurnTime, on port: inout LoopPort
    ) {
        let time = now.monotonicNanoseconds
        connections.ended(0)
        if retry != nil, RetryPolicy.isTransient(head) {
            lastEnd =
                "; the latest attempt was answered \(LedgerFormat.name(head.status)): "
                + failureText(port)
            return putBack(head, at: time)
        }
        guard head.status == .ok, sequence.accept(Int(head.tag), message) else {
            return fail(
                "\(sequence.method.path) answered \(LedgerFormat.name(head.status)) to call "
                    + "\(head.tag + 1)" + (head.status == .ok ? "" : ": " + failureText(port)))
        }
        lastAnswer = time
        failures = 0
        answered += 1
        if answered == sequence.count { return finish() }
        fill(at: time, on: &port)
    }

    mutating func closed(_ head: CallHead, _ now: TurnTime, on port: inout LoopPort) {
        guard !isDone else { return }
        connections.ended(0)
        guard retry != nil else {
            return fail("call \(head.tag + 1) of \(sequence.method.path) got no answer")
        }
        putBack(head, at: now.monotonicNanoseconds)
    }

    private func failureText(_ port: borrowing LoopPort) -> String {
        port.withFailureText { text in
            String(decoding: text.indices.map { text[$0] }, as: UTF8.self)
        }
    }

    private mutating func fill(at now: UInt64, on port: inout LoopPort) {
        while !isDone, let id = connections.idWithRoom(0) {
            let index: Int
            if let again = retries.popReady(at: now) {
                index = Int(again)
            } else if next < sequence.count, next - answered < window {
                index = next
                next += 1
            } else {
                return
            }
            request.removeAll()
            sequence.encode(index, into: &request)
            let isSent = SequenceService.submit(
                request, on: id, sequence.method, timeout: retry?.attemptNanoseconds,
                tag: UInt64(index), &port)
            if isSent {
                connections.began(0)
            } else if retry != nil {
                retries.push(UInt32(index), due: now)
                return connections.refused(0, on: &port)
            } else {
                return fail("no room for call \(index + 1)")
            }
        }
    }

    private static func submit(
        _ request: borrowing ByteWriter, on connection: ConnectionID, _ method: Method,
        timeout: UInt64?, tag: UInt64, _ port: inout LoopPort
    ) -> Bool {
        request.withBytes {
            port.submit(
                on: connection, method: method.rawValue, message: $0, timeoutNanoseconds: timeout,
                tag: tag) != nil
        }
    }

    private mutating func putBack(_ head: CallHead, at now: UInt64) {
        draws += 1
        let pause = RetryPolicy.pause(
            afterFailures: failures / UInt32(window), draw: Mix.words(seed, draws))
        failures += 1
        retries.push(UInt32(head.tag), due: now + pause)
    }

    private mutating func fail(_ why: String) {
        if failure == nil { failure = why }
        finish()
    }

    private mutating func finish() {
        isDone = true
        control.stop()
    }

    /// Makes a sequence's calls on the calling thread, blocking; the sequence with what it took from them.
    static func run(
        _ sequence: Sequence, target: SocketAddress, retry: RetryPolicy?, seed: UInt64
    ) throws(SequenceFailure) -> Sequence {
        let control: LoopControl
        var loop: Loop<SequenceService<Sequence>>
        do {
            control = try LoopControl()
            loop = try Loop(
                configuration: .ofCalls,
                service: SequenceService(
                    sequence, target: target, retry: retry, seed: seed, control: control),
                control: control)
        } catch { throw SequenceFailure(explanation: error.explanation) }
        loop.run()
        if let failure = loop.service.failure { throw SequenceFailure(explanation: failure) }
        return loop.service.sequence
    }
}

/// Why a sequence of calls didn't come to its end.
struct SequenceFailure: Error {
    /// In words.
    var explanation: String
}

extension LoopConfiguration {
    /// The loop of a client that calls any method of the server.
    static var ofCalls: LoopConfiguration {
        LoopConfiguration(methods: Method.paths, watchedHeaders: WatchedAnswer.names)
    }
}
