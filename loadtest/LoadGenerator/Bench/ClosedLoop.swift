// SPDX-License-Identifier: Apache-2.0

internal import Histogram
internal import Primitives
internal import StockadeAPI
internal import Transport
internal import Wire

/// Keeps a number of calls in flight on each connection: an answer is followed by the next request.
///
/// Closed loop: it measures how much a server can do, not what a caller feels in a rush.
struct ClosedLoop: Service, ~Copyable {
    private(set) var tally: BenchTally
    private(set) var failure: String?

    private let options: BenchOptions
    private let control: LoopControl
    private let connections: Int
    private let method: Method
    /// Requests are numbered over all threads: this one has `first`, `first + step`, …
    private let first: UInt64
    private let step: UInt64
    private var template: RequestTemplate
    private var results = FixedList<LineResult>(capacity: 8)
    private var allocations = FixedList<Allocation>(capacity: 8)

    private var hasStarted = false
    private var isDone = false
    private var openConnections = 0
    private var connectedIDs: [ConnectionID] = []
    private var submitted: UInt64 = 0
    private let submissionsMax: UInt64
    private var inFlight = 0
    private var startedAt: UInt64 = 0
    private var measureFrom: UInt64 = 0
    private var measureUntil: UInt64 = .max
    /// The tag's lower bits are the SKU, the rest the time of submission after the start.
    private static var skuBits: UInt64 { 24 }

    init(
        _ options: BenchOptions, thread: Int, connections: Int, requests: Int?,
        control: LoopControl
    ) {
        self.options = options
        self.control = control
        self.connections = connections
        first = UInt64(thread)
        step = UInt64(options.threads)
        submissionsMax = requests.map { UInt64($0) } ?? .max
        tally = BenchTally(skus: options.skus)
        switch options.method {
        case .reserve:
            method = .reserve
            template = .reserve(brand: options.identity.brand)
        case .getStock:
            method = .getStock
            template = .getStock(brand: options.identity.brand)
        }
    }

    /// Seconds of the measured time.
    var measuredSeconds: Double {
        switch options.extent {
        case .seconds(let seconds, _): seconds
        case .requests:
            Double(tally.lastMeasured - min(tally.lastMeasured, startedAt)) / 1_000_000_000
        }
    }

    mutating func turn(_ now: TurnTime, on port: inout LoopPort) -> UInt64 {
        if !hasStarted {
            hasStarted = true
            for _ in 0..<connections {
                do {
                    _ = try port.connect(options.target)
                } catch {
                    fail("can't connect to \(options.target): \(error.explanation)")
                    break
                }
            }
        }
        return .max
    }

    mutating func connected(
        _ connection: ConnectionID, _ now: TurnTime, on port: inout LoopPort
    ) {
        connectedIDs.append(connection)
        openConnections += 1
        guard openConnections == connections else { return }
        // All are open: the run begins.
        startedAt = now.monotonicNanoseconds
        switch options.extent {
        case .seconds(let seconds, let warmUp):
            measureFrom = startedAt + UInt64(warmUp * 1_000_000_000)
            measureUntil = measureFrom + UInt64(seconds * 1_000_000_000)
        case .requests:
            measureFrom = startedAt
        }
        for connection in connectedIDs {
            for _ in 0..<options.streams { submitNext(on: connection, now, &port) }
        }
        if inFlight == 0 { finish() }
    }

    mutating func disconnected(
        _ connection: ConnectionID, _ now: TurnTime, on port: inout LoopPort
    ) {
        // The loop's own end closes the connections too.
        if !isDone { fail("\(options.target) closed a connection") }
    }

    mutating func receive(
        _ head: CallHead, _ message: Span<UInt8>, _ now: TurnTime, on port: inout LoopPort
    ) {
        inFlight -= 1
        let sku = Int(head.tag & (1 << ClosedLoop.skuBits - 1))
        let time = now.monotonicNanoseconds
        judge(head, message, sku: sku)
        if time >= measureFrom, time < measureUntil {
            let sentAt = startedAt + head.tag >> ClosedLoop.skuBits
            tally.measuredCalls += 1
            tally.lastMeasured = time
            _ = tally.latency.record(max(1, (time - min(time, sentAt)) / 1_000))
        }
        submitNext(on: head.connection, now, &port)
        if inFlight == 0 { finish() }
    }

    mutating func closed(_ head: CallHead, _ now: TurnTime, on port: inout LoopPort) {
        inFlight -= 1
        tally.unanswered += 1
        fail("a call ended without an answer (\(head.status))")
    }

    /// Counts an answer, and looks whether it is what a first attempt must get.
    private mutating func judge(_ head: CallHead, _ message: Span<UInt8>, sku: Int) {
        if head.watched != 0 { tally.replayed += 1 }
        switch head.status {
        case .ok:
            tally.granted += 1
            guard options.checksAnswers else { return }
            guard isRight(message) else {
                return noteFailure("an answer OK doesn't say what was asked for")
            }
            if method == .reserve { tally.grantedBySKU[sku] += 1 }
        case .failedPrecondition:
            tally.refused += 1
            tally.refusedSKU[sku] = true
        default: noteFailure("the server answered \(head.status)")
        }
    }

    private mutating func isRight(_ message: Span<UInt8>) -> Bool {
        switch options.method {
        case .reserve:
            results.removeAll()
            allocations.removeAll()
            guard
                let reply = try? ReservationReply.decode(
                    message, lines: &results, allocations: &allocations)
            else { return false }
            return reply.reservation.state.known == .held && results.count == 1
                && results[0].granted == 1
        case .getStock:
            guard let reply = try? StockReply.decode(message) else { return false }
            return reply.hasStock
        }
    }

    private mutating func submitNext(
        on connection: ConnectionID, _ now: TurnTime, _ port: inout LoopPort
    ) {
        guard submitted < submissionsMax, now.monotonicNanoseconds < measureUntil,
            failure == nil
        else { return }
        let number = first + submitted * step
        let sku = Int(
            Mix.words(options.identity.seed, number) % UInt64(options.skus))
        template.patch(id: options.identity.id(.reserve, number), sku: sku)
        let tag = (now.monotonicNanoseconds - startedAt) << ClosedLoop.skuBits | UInt64(sku)
        guard ClosedLoop.submit(template, on: connection, method, tag: tag, &port) else {
            return fail("no room for a call: the server allows fewer streams than --streams")
        }
        submitted += 1
        inFlight += 1
    }

    private static func submit(
        _ template: borrowing RequestTemplate, on connection: ConnectionID, _ method: Method,
        tag: UInt64, _ port: inout LoopPort
    ) -> Bool {
        template.bytes.withBytes {
            port.submit(
                on: connection, method: method.rawValue, message: $0, timeoutNanoseconds: nil,
                tag: tag) != nil
        }
    }

    private mutating func noteFailure(_ why: String) {
        tally.failed += 1
        if tally.firstFailure == nil { tally.firstFailure = why }
    }

    private mutating func fail(_ why: String) {
        if failure == nil { failure = why }
        finish()
    }

    private mutating func finish() {
        isDone = true
        control.stop()
    }
}
