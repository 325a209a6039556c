// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Primitives
internal import StockadeAPI
internal import Transport
internal import Wire

/// One thread of a run: lets its dealers come when they are due, makes their calls, and judges every answer.
///
/// An open loop: when a journey begins was fixed before the run, and its first call's latency counts from
/// there; a later step is due when the answer before it is there and the dealer has thought. Nothing is
/// allocated per call.
struct RushLoop: Service, ~Copyable {
    let plan: RunPlan
    let control: RunControl
    let board: RunBoard
    private let loop: LoopControl
    /// Journeys are numbered over all threads: this one has `thread`, `thread + threads`, …
    let thread: UInt64
    let threads: UInt64

    var tally: RunTally
    var second = SecondTally()
    private var secondNumber = 0
    /// Why this thread couldn't go on.
    private(set) var failure: String?

    var arrivals: ArrivalClock
    var begunCount: UInt64 = 0
    var journeys: SlotTable<JourneyRow>
    var lines: FixedTable<LineRow>
    var calls: SlotTable<CallState>
    var thinking: RetryQueue
    var retries: RetryQueue
    var waiting: WaitingLine
    var connections: ServerConnections
    var writer: RequestWriter
    var ledger: CallLedgerPage?
    var results: FixedList<LineResult>
    var allocations: FixedList<Allocation>
    var orderLines: FixedList<OrderLine>
    var orderReservations: FixedList<ByteRange>
    var draws: UInt64 = 0

    /// The closing phase, if this is one.
    var closing: ClosingDesk?

    private var isReady = false
    private var isDone = false
    private var cutsDone: UInt64 = 0
    private var cpuAtStart: UInt64 = 0
    /// Nanoseconds that went into turning without work, for being on time; and what tells them: when the
    /// turn before began, what had been done by then, and whether it asked for the next at once.
    private var spunNanoseconds: UInt64 = 0
    private var lastTurn: UInt64 = 0
    private var workAtLastTurn = 0
    private var isSpinning = false
    /// Calls sent and ended.
    var work = 0
    /// What both clocks had when the present second began.
    private var cpuAtSecond: UInt64 = 0
    private var spunAtSecond: UInt64 = 0
    /// When the run began; 0: it hasn't.
    var startAt: UInt64 = 0
    /// When a journey was due for which there was no place.
    var noPlaceAt: UInt64 = 0
    /// When that was so last.
    var lastNoPlace: UInt64 = 0

    /// A wait ends this much early and the rest is spent turning: a kernel wakes a thread late.
    private static let spinNanoseconds: UInt64 = 60_000
    /// The longest time that the histograms hold: an hour. What took longer counts as that.
    static let microsecondsMax: UInt64 = 3_600_000_000
    /// How long connections may take before the start.
    private static let readyNanoseconds: UInt64 = 10_000_000_000
    private let madeAt: UInt64

    init(
        _ plan: RunPlan, thread: Int, target: SocketAddress, connections count: Int,
        control: RunControl, board: RunBoard, loop: LoopControl,
        closing: ClosingDesk? = nil, ledger: consuming CallLedgerPage?
    ) {
        let scenario = plan.scenario
        self.plan = plan
        self.control = control
        self.board = board
        self.loop = loop
        self.thread = UInt64(thread)
        threads = UInt64(scenario.target.threads)
        tally = RunTally(stages: scenario.load.stages.count)
        arrivals = ArrivalClock(
            scenario.load, seed: scenario.seed, thread: thread, threads: scenario.target.threads)
        let places = max(1, scenario.load.maxInFlight / scenario.target.threads)
        let callsMax = plan.hasRace ? 2 * places : places
        journeys = SlotTable(capacity: places, repeating: JourneyRow())
        lines = FixedTable(capacity: places * plan.linesMax, repeating: LineRow())
        calls = SlotTable(capacity: callsMax, repeating: CallState())
        thinking = RetryQueue(capacity: places)
        retries = RetryQueue(capacity: callsMax)
        waiting = WaitingLine(capacity: callsMax)
        connections = ServerConnections(
            to: target, count: count, streams: scenario.target.maxStreams,
            seed: Mix.words(scenario.seed, UInt64(thread)), openingGap: 1_000_000)
        writer = RequestWriter(
            brand: plan.brand, tiers: plan.dealerDraw.tiers.map(\.name),
            linesMax: plan.linesMax)
        results = FixedList(capacity: plan.linesMax + 1)
        allocations = FixedList(capacity: 64)
        orderLines = FixedList(capacity: 2 * plan.linesMax)
        orderReservations = FixedList(capacity: 16)
        madeAt = stockade_monotonic_nanoseconds()
        self.closing = closing
        self.ledger = ledger
    }

    // MARK: - What the loop tells

    mutating func turn(_ now: TurnTime, on port: inout LoopPort) -> UInt64 {
        if isDone { return .max }
        let time = now.monotonicNanoseconds
        if isSpinning, work == workAtLastTurn { spunNanoseconds += time - lastTurn }
        lastTurn = time
        workAtLastTurn = work
        let wake = takeTurn(at: time, &port)
        isSpinning = wake <= time
        return wake
    }

    private mutating func takeTurn(at time: UInt64, _ port: inout LoopPort) -> UInt64 {
        do {
            try connections.openThoseDue(at: time, on: &port)
        } catch {
            fail("can't connect: \(error.explanation)")
            return .max
        }
        guard startAt > 0 else { return waitForStart(at: time, &port) }
        if time < startAt { return early(startAt, time) }
        if closing != nil { beginClosing(&port) }
        closeThoseCut(&port)
        connections.rotate()
        if control.stops { endThinking() }
        // What waited longest goes first.
        if !waiting.isEmpty { sendWaiting(&port) }
        sendAgain(at: time, &port)
        goOn(&port)
        beginThoseDue(&port)
        let pageDue = ledger != nil ? ledger!.handOverIfOld(at: time) : .max
        let secondEnd = handInSeconds(at: time)
        if isOver(at: time) {
            finish(at: time)
            return .max
        }
        let arrival = arrivals.next == .max || control.stops ? .max : startAt + arrivals.next
        var next = min(thinking.earliest, arrival)
        // While a connection has no room, or a place is missing, an answer wakes us.
        if noPlaceAt > 0 { next = thinking.earliest }
        if connections.openCount > 0, waiting.isEmpty { next = min(next, retries.earliest) }
        return min(min(early(next, time), pageDue), min(connections.nextOpening, secondEnd))
    }

    mutating func connected(
        _ connection: ConnectionID, _ now: TurnTime, on port: inout LoopPort
    ) {
        guard connections.opened(connection) != nil else { return }
        if connections.openCount == connections.count, !isReady {
            isReady = true
            control.isReady()
        }
    }

    mutating func disconnected(
        _ connection: ConnectionID, _ now: TurnTime, on port: inout LoopPort
    ) {
        guard !isDone else { return }
        connections.lost(connection, at: now.monotonicNanoseconds)
    }

    mutating func receive(
        _ head: CallHead, _ message: Span<UInt8>, _ now: TurnTime, on port: inout LoopPort
    ) {
        if let index = connections.entry(of: head.connection) { connections.ended(index) }
        guard !isDone else { return }
        let slot = Int(head.tag)
        let time = port.readNanoseconds
        if RetryPolicy.isTransient(head), mayRepeat(slot, at: time) {
            putBack(slot, head.status, at: time)
        } else {
            settle(slot, head, message, written: port.writtenNanoseconds(of: head.id), at: time)
        }
        if !waiting.isEmpty { sendWaiting(&port) }
    }

    mutating func closed(_ head: CallHead, _ now: TurnTime, on port: inout LoopPort) {
        if let index = connections.entry(of: head.connection) { connections.ended(index) }
        guard !isDone else { return }
        let slot = Int(head.tag)
        let time = stockade_monotonic_nanoseconds()
        if mayRepeat(slot, at: time) {
            putBack(slot, head.status, at: time)
        } else {
            giveUp(slot, head.status, at: time)
        }
    }

    // MARK: - Beginning and ending

    private mutating func waitForStart(at time: UInt64, _ port: inout LoopPort) -> UInt64 {
        startAt = control.startAt
        if startAt > 0 {
            cpuAtStart = stockade_thread_cpu_nanoseconds()
            cpuAtSecond = cpuAtStart
            return early(startAt, time)
        }
        if control.givesUp {
            finish(at: time)
            return .max
        }
        guard isReady || time < madeAt + RushLoop.readyNanoseconds else {
            fail(
                "only \(connections.openCount) of \(connections.count) connections opened in "
                    + "\(RushLoop.readyNanoseconds / 1_000_000_000) s")
            return .max
        }
        return min(connections.nextOpening, time + 10_000_000)
    }

    /// When to stop waiting for something that is due then.
    private func early(_ due: UInt64, _ now: UInt64) -> UInt64 {
        guard due != .max, due > now + RushLoop.spinNanoseconds else {
            return due == .max ? .max : now
        }
        return due - RushLoop.spinNanoseconds
    }

    private func isOver(at time: UInt64) -> Bool {
        if control.givesUp { return true }
        let hasArrivals = arrivals.next != .max && !control.stops
        if !hasArrivals { return calls.count == 0 && journeys.count == 0 }
        // Journeys for which there was never a place: after the last stage they have so long.
        let end = startAt + (plan.stageEnds.last ?? 0)
        return time > end + plan.scenario.calls.giveUp
    }

    private mutating func finish(at time: UInt64) {
        guard !isDone else { return }
        isDone = true
        if startAt > 0 {
            tally.cpuNanoseconds = stockade_thread_cpu_nanoseconds() - cpuAtStart
            tally.wallNanoseconds = time - min(time, startAt)
            if closing == nil, !control.stops { shedTheRest(at: time) }
            tally.endedCutOff = connections.openCount == 0 && !control.stops
            for slot in 0..<calls.rows.capacity where calls.rows[slot].isOpen {
                giveUp(slot, calls.rows[slot].lastStatus, at: time)
            }
            second.slice.inFlight = calls.count
            board.hand(in: second, second: secondNumber)
        }
        tally.reconnects = connections.reconnects
        if ledger != nil { ledger!.handOver() }
        loop.stop()
    }

    private mutating func fail(_ why: String) {
        if failure == nil { failure = why }
        control.giveUp()
        finish(at: stockade_monotonic_nanoseconds())
    }

    /// The share of a core that the second took, without what went into turning while nothing was due.
    private mutating func noteBusySecond() {
        let cpu = stockade_thread_cpu_nanoseconds()
        let used = cpu - cpuAtSecond
        let spun = min(spunNanoseconds - spunAtSecond, used)
        (cpuAtSecond, spunAtSecond) = (cpu, spunNanoseconds)
        tally.spunNanoseconds += spun
        tally.busiest = max(tally.busiest, Double(used - spun) / 1_000_000_000)
    }

    /// Hands in the seconds that have passed; when the current one ends.
    private mutating func handInSeconds(at time: UInt64) -> UInt64 {
        while time >= startAt + UInt64(secondNumber + 1) * 1_000_000_000 {
            second.slice.inFlight = calls.count
            board.hand(in: second, second: secondNumber)
            second = SecondTally()
            secondNumber += 1
            noteBusySecond()
        }
        return startAt + UInt64(secondNumber + 1) * 1_000_000_000
    }

    private mutating func closeThoseCut(_ port: inout LoopPort) {
        let (number, share) = control.latestCut
        guard number > cutsDone else { return }
        cutsDone = number
        // The run's part, shared out over its threads.
        let all = max(1, Int((Double(plan.scenario.target.connections) * share).rounded()))
        let (each, rest) = (all / Int(threads), all % Int(threads))
        connections.closeSome(each + (Int(thread) < rest ? 1 : 0), &port)
    }

    /// Dealers who think never come back: the run is being stopped.
    private mutating func endThinking() {
        while let slot = thinking.popReady(at: .max - 1) { cutShort(Int(slot)) }
    }
}
