// SPDX-License-Identifier: Apache-2.0

public import Effects
internal import Primitives
internal import ReservationCore
internal import StockadeAPI
public import Transport
internal import Wire

/// What a loop of the server does with its calls: decode, check the form, decide, answer.
///
/// One per loop. All loops share the core; everything else here is the loop's own.
public struct StockadeService<Sink: EffectSink>: Service, ~Copyable {
    let core: ReservationCore<Sink>
    let clock: TickClock
    let loop: Int
    let loops: Int
    var context = DecisionContext()
    var scratch = CallScratch()
    var refusal = RefusalText()
    var fingerprint: Fingerprint
    let tokens: PageToken
    /// Reads movements from Postgres; nil: the server has none.
    let movements: MovementsDesk?
    /// What the loop counts of its decisions.
    let tally: ServiceTally
    /// Keeps the memory of `tally`.
    private let meter: ServiceMeter

    /// Between two turns of a loop's wheels, in nanoseconds: 10 ms.
    private static var wheelInterval: UInt64 { 10_000_000 }
    private var nextWheelTurn: UInt64 = 0
    private var pace = SubmissionPace()
    /// Wall milliseconds minus ticks: what turns a deadline into what people read.
    private var wallOffset: Int64?

    /// Makes the service of loop `loop` of `loops`.
    init(
        core: ReservationCore<Sink>, clock: TickClock, hash: KeyedHash, loop: Int, of loops: Int,
        movements: MovementsDesk? = nil, meter: ServiceMeter = ServiceMeter()
    ) {
        self.core = core
        self.clock = clock
        self.loop = loop
        self.loops = loops
        fingerprint = Fingerprint(hash: hash)
        tokens = PageToken(hash: hash)
        self.movements = movements
        self.meter = meter
        tally = meter.tally
        refusal.tally = meter.tally
    }

    /// Answers one call.
    public mutating func receive(
        _ head: CallHead, _ message: Span<UInt8>, _ now: TurnTime, on port: inout LoopPort
    ) {
        guard let method = Method(rawValue: head.method)
        else { preconditionFailure("the transport matches methods against our own table") }
        if pace.countDecision() { submitGathered(now) }
        let time = clock.time(of: now)
        scratch.removeAll()
        do {
            try decide(method, head, message, time, on: &port)
        } catch {
            // What a peer can cause at will: INTERNAL by the gRPC rules, and no alarm.
            refusal.write(error)
            port.refuse(
                head.id, status: .internal, text: refusal.text, details: refusal.details,
                trailers: ReplyTrailers(), after: 0)
        }
    }

    private mutating func decide(
        _ method: Method, _ head: CallHead, _ message: Span<UInt8>, _ time: DecisionTime,
        on port: inout LoopPort
    ) throws(WireError) {
        switch method {
        case .reserve: try reserve(head, message, time, on: &port)
        case .confirm: try confirm(head, message, time, on: &port)
        case .release: try release(head, message, time, on: &port)
        case .getReservation: try getReservation(head, message, time, on: &port)
        case .batchReserve: try batchReserve(head, message, time, on: &port)
        case .extend: try extend(head, message, time, on: &port)
        case .listReservations: try listReservations(head, message, time, on: &port)
        case .createOrder: try createOrder(head, message, time, on: &port)
        case .getOrder: try getOrder(head, message, time, on: &port)
        case .listOrders: try listOrders(head, message, time, on: &port)
        case .cancelOrder: try cancelOrder(head, message, time, on: &port)
        case .getOrderTimeline: try getOrderTimeline(head, message, time, on: &port)
        case .getStock: try getStock(head, message, time, on: &port)
        case .setStock: try setStock(head, message, time, on: &port)
        case .adjustStock: try adjustStock(head, message, time, on: &port)
        case .batchGetStock: try batchGetStock(head, message, time, on: &port)
        case .setStockPolicy: try setStockPolicy(head, message, time, on: &port)
        case .transferStock: try transferStock(head, message, time, on: &port)
        case .listMovements: try listMovements(head, message, on: &port)
        case .healthCheck: try checkHealth(head, message, on: &port)
        }
    }

    /// Turns the wheels of the loop's hold stripes, each 10 ms.
    public mutating func turn(_ now: TurnTime, on port: inout LoopPort) -> UInt64 {
        if now.monotonicNanoseconds >= nextWheelTurn {
            core.turnWheels(loop: loop, of: loops, at: clock.time(of: now), in: &context)
            tally.publish(expired: context.expiredCount, forgotten: context.forgottenCount)
            nextWheelTurn = now.monotonicNanoseconds + StockadeService.wheelInterval
        }
        if pace.isDue(at: now.monotonicNanoseconds) {
            core.submit()
            pace.submitted(at: now.monotonicNanoseconds)
        }
        answerMovements(on: &port)
        return nextWheelTurn
    }

    /// Out of the way of the calls that don't come here.
    @inline(never)
    private mutating func submitGathered(_ now: TurnTime) {
        core.submit()
        pace.submittedByCount(at: now.monotonicNanoseconds)
    }

    /// Nobody brings further records now: those that wait go to disk.
    public mutating func idle(_ now: TurnTime) {
        core.submit()
        pace.submittedWhenIdle(at: now.monotonicNanoseconds)
    }

    /// When a deadline will come, in Unix milliseconds: the same each time it is asked, though the
    /// two clocks tick over at different moments, until the wall clock is set.
    mutating func wallMilliseconds(of deadline: Tick, at now: DecisionTime) -> Int64 {
        let present = now.wall.milliseconds - Int64(now.tick.milliseconds)
        var offset = wallOffset ?? clock.wallOffset
        if (present - offset).magnitude > StockadeService.wallStepMilliseconds { offset = present }
        wallOffset = offset
        return Int64(deadline.milliseconds) + offset
    }

    /// Beyond this difference the wall clock was set, and deadlines follow it.
    private static var wallStepMilliseconds: UInt64 { 100 }

    // MARK: - Answers

    /// Refuses a call whose stress tag nothing here may honour yet: it must never touch real stock.
    mutating func refuseStressTag(_ head: CallHead, on port: inout LoopPort) -> Bool {
        guard head.watched != 0 else { return false }
        tally.countStressTag()
        refusal.write(
            .shadowUnavailable,
            "the call carries a stress tag, and this version has no shadow accounts; nothing changed"
        )
        port.refuse(
            head.id, status: Reason.shadowUnavailable.status, text: refusal.text,
            details: refusal.details, trailers: ReplyTrailers(), after: 0)
        return true
    }

    mutating func refuse(_ head: CallHead, _ fault: FormFault, on port: inout LoopPort) {
        refusal.write(fault, line: line(of: fault, first: 0))
        port.refuse(
            head.id, status: fault.reason.status, text: refusal.text, details: refusal.details,
            trailers: ReplyTrailers(
                retryPushbackMilliseconds: StockadeService.pushback(fault.reason)),
            after: 0)
    }

    /// The line that a fault is in, of lines that begin at `first` of the request's.
    mutating func line(of fault: FormFault, first: Int) -> RefusalText.NamedLine? {
        guard fault.line >= 0, first + fault.line < scratch.lines.count else { return nil }
        let line = scratch.lines[first + fault.line]
        return RefusalText.NamedLine(
            number: line.lineNumber == 0 ? UInt32(fault.line + 1) : line.lineNumber,
            sku: line.sku, warehouse: line.warehouse)
    }

    /// The line that a refusal is about.
    mutating func line(of refused: Refusal) -> RefusalText.NamedLine? {
        guard refused.lineIndex >= 0, Int(refused.lineIndex) < scratch.asks.count
        else { return nil }
        let ask = scratch.asks[Int(refused.lineIndex)]
        return RefusalText.NamedLine(number: ask.line, sku: ask.sku, warehouse: ask.warehouse)
    }

    /// Sends the answer in the scratch, once all it speaks of is durable.
    mutating func reply(_ head: CallHead, isReplay: Bool, on port: inout LoopPort) {
        reply(head, isReplay: isReplay, after: context.sequence, on: &port)
    }

    /// Sends the answer in the scratch, once everything up to `sequence` is durable.
    mutating func reply(
        _ head: CallHead, isReplay: Bool, after sequence: UInt64, on port: inout LoopPort
    ) {
        guard !scratch.reply.overflowed, !scratch.texts.overflowed else {
            refusal.write(.invariantBroken, "the answer is larger than any answer can be")
            return port.refuse(
                head.id, status: .internal, text: refusal.text, details: refusal.details,
                trailers: ReplyTrailers(), after: sequence)
        }
        if isReplay { tally.countReplay() }
        port.reply(
            head.id, message: scratch.reply,
            trailers: ReplyTrailers(idempotentReplay: isReplay), after: sequence)
    }

    /// Sends a refusal of the core, once all it speaks of is durable.
    mutating func refuse(
        _ head: CallHead, _ refused: Refusal, about subject: RefusalSubject = .reservation,
        in message: Span<UInt8>, on port: inout LoopPort
    ) {
        refuse(head, refused, line: line(of: refused), about: subject, in: message, on: &port)
    }

    /// The same, of a call that has an account and no lines.
    mutating func refuse(
        _ head: CallHead, _ refused: Refusal, line: RefusalText.NamedLine?,
        about subject: RefusalSubject, in message: Span<UInt8>, on port: inout LoopPort
    ) {
        if refused.isReplay { tally.countReplay() }
        refusal.write(refused, line: line, about: subject, in: message)
        let reason = Reason(refused.reason)
        port.refuse(
            head.id, status: reason.status, text: refusal.text, details: refusal.details,
            trailers: ReplyTrailers(
                idempotentReplay: refused.isReplay,
                retryPushbackMilliseconds: StockadeService.pushback(reason)),
            after: context.sequence)
    }

    /// When a client may try again: a second is long enough for holds to end, and short enough not
    /// to miss the sale.
    private static func pushback(_ reason: Reason) -> Int32? {
        reason.status == .resourceExhausted ? 1_000 : nil
    }
}
