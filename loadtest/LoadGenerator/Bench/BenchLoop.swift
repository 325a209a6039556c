// SPDX-License-Identifier: Apache-2.0

internal import Histogram
internal import Primitives
internal import StockadeAPI
internal import Transport
internal import Wire

/// One thread of a run: sends requests over its connections and judges what comes back.
///
/// Closed loop: an answer is followed by the next request, which measures how much a server can do.
/// Open loop: calls are due at times that are fixed before the run, and latency counts from there,
/// which shows what a caller feels.
struct BenchLoop: Service, ~Copyable {
    var tally: BenchTally
    /// Why the run couldn't be made or finished.
    private(set) var failure: String?

    let options: BenchOptions
    let method: Method
    var connections: ServerConnections
    var open: OpenRequests
    var retries: RetryQueue
    var pace: ArrivalClock?
    private var ledger: LedgerPage<LedgerFormat>?
    private let control: LoopControl
    /// Requests are numbered over all threads: this one has `first`, `first + step`, …
    private let first: UInt64
    private let step: UInt64
    private let submissionsMax: UInt64
    var template: RequestTemplate
    var results: FixedList<LineResult>
    var allocations: FixedList<Allocation>
    var batchResults: FixedList<BatchReserveResult>
    var orderLines: FixedList<OrderLine>
    var reservationIDs = FixedList<ByteRange>(capacity: 1)

    private var isDone = false
    private var hasBegun = false
    private var submitted: UInt64 = 0
    private var draws: UInt64 = 0
    var startedAt: UInt64 = 0
    var measureFrom: UInt64 = .max
    var measureUntil: UInt64 = .max
    /// When no connection took another call although one was due.
    private var roomlessAt: UInt64 = 0
    /// When the last final answer came; before the first, when the run was made.
    private var lastAnswer: UInt64 = 0

    init(
        _ options: BenchOptions, thread: Int, connections count: Int, requests: Int?,
        control: LoopControl, ledger: LedgerWriter<LedgerFormat>?
    ) {
        self.options = options
        self.control = control
        first = UInt64(thread)
        step = UInt64(options.threads)
        submissionsMax = requests.map { UInt64($0) } ?? .max
        tally = BenchTally(skus: options.skus)
        let seed = Mix.words(options.identity.seed, UInt64(thread))
        connections = ServerConnections(
            to: options.target, count: count, streams: options.streams, seed: seed)
        open = OpenRequests(capacity: count * options.streams)
        retries = RetryQueue(capacity: count * options.streams)
        pace = options.rate.map {
            ArrivalClock(
                $0.load, seed: options.identity.seed, thread: thread, threads: options.threads)
        }
        self.ledger = ledger.map { LedgerPage($0) }
        method = options.call.method
        template = RequestTemplate.of(options)
        results = FixedList(capacity: max(8, options.parts))
        allocations = FixedList(capacity: max(8, options.parts))
        batchResults = FixedList(capacity: options.parts)
        orderLines = FixedList(capacity: options.parts)
    }

    // MARK: - What the loop tells

    mutating func turn(_ now: TurnTime, on port: inout LoopPort) -> UInt64 {
        let time = now.monotonicNanoseconds
        if isDone { return .max }
        if lastAnswer == 0 { lastAnswer = time }
        do {
            try connections.openThoseDue(at: time, on: &port)
        } catch {
            fail("can't connect to \(options.target): \(error.explanation)")
            return .max
        }
        var wake = connections.nextOpening
        if options.retry != nil { wake = min(wake, goOn(at: time, &port)) }
        connections.rotate()
        if hasBegun, pace != nil { wake = min(wake, sendThoseDue(at: time, &port)) }
        if ledger != nil { wake = min(wake, ledger!.handOverIfOld(at: time)) }
        return wake
    }

    mutating func connected(
        _ connection: ConnectionID, _ now: TurnTime, on port: inout LoopPort
    ) {
        guard let index = connections.opened(connection), !isDone else { return }
        if hasBegun {
            fill(index, now.monotonicNanoseconds, &port)
        } else if connections.openCount == connections.count {
            begin(at: now.monotonicNanoseconds, &port)
        }
    }

    mutating func disconnected(
        _ connection: ConnectionID, _ now: TurnTime, on port: inout LoopPort
    ) {
        // The loop's own end closes the connections too.
        guard !isDone else { return }
        connections.lost(connection, at: now.monotonicNanoseconds)
        if options.retry == nil { fail("\(options.target) closed a connection, or took none") }
    }

    mutating func receive(
        _ head: CallHead, _ message: Span<UInt8>, _ now: TurnTime, on port: inout LoopPort
    ) {
        let slot = UInt32(truncatingIfNeeded: head.tag)
        let time = now.monotonicNanoseconds
        let index = connections.entry(of: head.connection)
        if let index { connections.ended(index) }
        if options.retry != nil, RetryPolicy.isTransient(head) {
            putBack(slot, head.status, at: time)
        } else {
            lastAnswer = time
            let request = open.end(slot)
            judge(head, message, request)
            measure(request, at: time)
            if ledger != nil { record(request, head, at: time) }
        }
        if let index, pace == nil { fill(index, time, &port) }
        finishIfDone(at: time)
    }

    mutating func closed(_ head: CallHead, _ now: TurnTime, on port: inout LoopPort) {
        // What the loop's own end breaks off stays open: it is counted as unknown.
        guard !isDone else { return }
        let index = connections.entry(of: head.connection)
        if let index { connections.ended(index) }
        guard options.retry != nil else {
            return fail("a call ended without an answer (\(head.status))")
        }
        putBack(UInt32(truncatingIfNeeded: head.tag), head.status, at: now.monotonicNanoseconds)
        if let index, pace == nil { fill(index, now.monotonicNanoseconds, &port) }
    }

    // MARK: - Beginning and end

    /// All connections are open: the run begins.
    private mutating func begin(at now: UInt64, _ port: inout LoopPort) {
        hasBegun = true
        startedAt = now
        switch options.extent {
        case .seconds(let seconds, let warmUp):
            measureFrom = startedAt + UInt64(warmUp * 1_000_000_000)
            measureUntil = measureFrom + UInt64(seconds * 1_000_000_000)
        case .requests:
            measureFrom = startedAt
        }
        guard pace == nil else { return }
        for index in 0..<connections.count { fill(index, now, &port) }
        finishIfDone(at: now)
    }

    /// Counts what is still open, and gives the ledger its last rows. After the loop's end.
    mutating func settle() {
        tally.reconnects = connections.reconnects
        for slot in 0..<open.rows.capacity where open.rows[slot].attempts > 0 {
            let request = open.rows[slot]
            tally.unknown += 1
            ledger?.append(
                LedgerRow(
                    id: options.identity.id(.reserve, request.number), sku: request.sku,
                    attempts: request.attempts, outcome: .unknown, status: request.lastStatus,
                    isReplay: false, granted: 0, firstSent: request.firstSent, answered: 0),
                at: 0)
        }
        ledger?.handOver()
    }

    private mutating func finishIfDone(at now: UInt64) {
        guard open.count == 0, hasBegun, !isDone else { return }
        if submitted < submissionsMax, failure == nil {
            let next = pace.map { startedAt + $0.next } ?? now
            if next < measureUntil { return }
        }
        finish()
    }

    mutating func fail(_ why: String) {
        if failure == nil { failure = why }
        finish()
    }

    private mutating func finish() {
        isDone = true
        control.stop()
    }

    // MARK: - Sending

    /// Gives a connection what it has room for: what must be sent again goes first.
    private mutating func fill(_ index: Int, _ now: UInt64, _ port: inout LoopPort) {
        while !isDone, let id = connections.idWithRoom(index) {
            if let slot = retries.popReady(at: now) {
                guard send(slot, on: id, index, at: now, &port) else { return }
            } else {
                guard pace == nil, open.hasRoom, submitted < submissionsMax, now < measureUntil
                else { return }
                guard send(next(due: now), on: id, index, at: now, &port) else { return }
            }
        }
    }

    /// Open loop: sends what is due; when to look again.
    private mutating func sendThoseDue(at now: UInt64, _ port: inout LoopPort) -> UInt64 {
        while submitted < submissionsMax, !isDone, let after = pace?.next {
            let due = startedAt + after
            guard due < measureUntil else { break }
            // The poller waits whole milliseconds: the last one is spent turning.
            if due > now { return due > now + 1_000_000 ? due - 1_000_000 : now }
            guard open.hasRoom, let index = connections.withRoom(),
                let id = connections.idWithRoom(index)
            else {
                roomlessAt = now
                return .max
            }
            let isMeasured = due >= measureFrom
            if isMeasured { tally.dueCalls += 1 }
            if due < roomlessAt {
                tally.waitedForRoom += 1
            } else if isMeasured {
                _ = tally.lag.record(max(1, (now - due) / 1_000))
            }
            pace?.advance()
            _ = send(next(due: due), on: id, index, at: now, &port)
        }
        finishIfDone(at: now)
        return .max
    }

    /// Sends again what has waited long enough, wherever there is room; when to look again. Ends a run
    /// that has had no answer for too long.
    private mutating func goOn(at now: UInt64, _ port: inout LoopPort) -> UInt64 {
        guard let retry = options.retry else { return .max }
        // Nobody waits for an answer.
        if open.count == 0, connections.openCount > 0 { lastAnswer = now }
        let end = lastAnswer + retry.giveUpNanoseconds
        guard now < end else {
            fail("no answer for \(retry.giveUpNanoseconds / 1_000_000) ms: gave up")
            return .max
        }
        while retries.earliest <= now, let index = connections.withRoom(),
            let id = connections.idWithRoom(index), let slot = retries.popReady(at: now)
        {
            _ = send(slot, on: id, index, at: now, &port)
        }
        // Without room an end of a call, or a connection's opening, wakes us.
        return retries.earliest <= now ? end : min(end, retries.earliest)
    }

    /// Makes the next request of the run; it isn't sent yet.
    private mutating func next(due: UInt64) -> UInt32 {
        let number = first + submitted * step
        let sku = sku(0, ofRequest: number)
        submitted += 1
        return open.begin(
            OpenRequest(number: number, due: due, firstSent: due, sku: sku, attempts: 0))
    }

    /// Sends a request, for the first time or again. False when the connection took it not.
    private mutating func send(
        _ slot: UInt32, on connection: ConnectionID, _ index: Int, at now: UInt64,
        _ port: inout LoopPort
    ) -> Bool {
        let request = open.rows[Int(slot)]
        patch(request)
        let isSent = BenchLoop.submit(
            template, on: connection, method, timeout: options.retry?.attemptNanoseconds,
            tag: UInt64(slot), &port)
        if isSent {
            if request.attempts == 0 { open.rows[Int(slot)].firstSent = now }
            if request.attempts > 0 { tally.retried += 1 }
            open.rows[Int(slot)].attempts += 1
            connections.began(index)
        } else if options.retry != nil {
            retries.push(slot, due: now)
            connections.refused(index, on: &port)
        } else {
            _ = open.end(slot)
            fail("no room for a call: the server allows fewer streams than --streams")
        }
        return isSent
    }

    private static func submit(
        _ template: borrowing RequestTemplate, on connection: ConnectionID, _ method: Method,
        timeout: UInt64?, tag: UInt64, _ port: inout LoopPort
    ) -> Bool {
        template.bytes.withBytes {
            port.submit(
                on: connection, method: method.rawValue, message: $0, timeoutNanoseconds: timeout,
                tag: tag) != nil
        }
    }

    /// An attempt has ended without a final answer: the request waits for another.
    private mutating func putBack(_ slot: UInt32, _ status: StatusCode, at now: UInt64) {
        draws += 1
        let attempts = open.rows[Int(slot)].attempts
        let pause = RetryPolicy.pause(
            afterFailures: attempts - 1, draw: Mix.words(options.identity.seed &+ first, draws))
        open.rows[Int(slot)].lastStatus = status
        retries.push(slot, due: now + pause)
    }

    // MARK: - Remembering

    private mutating func record(_ request: OpenRequest, _ head: CallHead, at now: UInt64) {
        let outcome = LedgerRow.Outcome(head.status)
        let granted = outcome == .granted ? grantedUnits : 0
        ledger?.append(
            LedgerRow(
                id: options.identity.id(.reserve, request.number), sku: request.sku,
                attempts: request.attempts, outcome: outcome, status: head.status,
                isReplay: head.watched & WatchedAnswer.replay != 0,
                granted: granted, firstSent: request.firstSent,
                answered: now),
            at: now)
    }
}
