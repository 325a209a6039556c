// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Histogram
internal import Primitives
internal import StockadeAPI
internal import Transport

/// Dealers: how they come, what they do next, how they go.
extension RushLoop {
    /// Lets every journey begin that is due by now.
    mutating func beginThoseDue(_ port: inout LoopPort) {
        noPlaceAt = 0
        guard !control.stops else { return }
        while arrivals.next != .max {
            let due = startAt + arrivals.next
            let time = stockade_monotonic_nanoseconds()
            guard due <= time else { return }
            guard journeys.room > 0 else {
                noPlaceAt = time
                lastNoPlace = time
                return
            }
            let stage = arrivals.stage
            arrivals.advance()
            if case .shed(let bound) = plan.scenario.load.whenLate, time - due > bound {
                shed(due: due, stage: stage, at: time)
                continue
            }
            begin(due: due, stage: stage, &port)
        }
    }

    /// Goes on with the dealers who have thought long enough.
    mutating func goOn(_ port: inout LoopPort) {
        while !thinking.isEmpty, thinking.earliest <= stockade_monotonic_nanoseconds(),
            let slot = thinking.popReady(at: .max - 1)
        {
            step(Int(slot), &port)
        }
    }

    /// A dealer who isn't through when the run is stopped: in none of the counts.
    mutating func cutShort(_ slot: Int) {
        journeys.rows[slot].isOpen = false
        journeys.give(slot)
    }

    /// A dealer is gone.
    mutating func endJourney(_ slot: Int) {
        let row = journeys.rows[slot]
        if row.closingSku >= 0, closing != nil, closing!.note(row), !control.stops {
            return renewClosing(slot)
        }
        if row.hasFailed {
            tally.journeys.failed += 1
        } else if row.isRefused {
            tally.journeys.refused += 1
        } else {
            tally.journeys.completed += 1
        }
        journeys.rows[slot].isOpen = false
        journeys.give(slot)
    }

    /// A call of the dealer's has its final answer, and no other is open.
    mutating func proceed(_ slot: Int, at now: UInt64) {
        let row = journeys.rows[slot]
        if row.hasFailed || row.isRefused { return endJourney(slot) }
        if control.stops { return cutShort(slot) }
        // The next step is due now, or after a pause; it goes out in this turn if it is.
        pause(slot, from: now)
    }

    /// Runs the dealer's program to its next call or pause. Calls of later steps are made by `goOn`, so
    /// that every step counts as due from a time that is known.
    private mutating func pause(_ slot: Int, from now: UInt64) {
        var row = journeys.rows[slot]
        row.due = now
        while true {
            switch plan.program.operations[Int(row.place)] {
            case .think(let index):
                row.due += row.stream.pause(plan.program.pauses[index])
                row.place += 1
            case .choose(let range):
                row.place = Int32(plan.program.target(of: row.stream.unit(), in: range))
            case .jump(let target):
                row.place = Int32(target)
            case .end:
                journeys.rows[slot] = row
                return endJourney(slot)
            case .getStock, .reserve, .confirm, .release, .order, .cancel, .race, .again:
                journeys.rows[slot] = row
                thinking.push(UInt32(slot), due: row.due)
                return
            }
        }
    }

    private mutating func begin(due: UInt64, stage: Int, _ port: inout LoopPort) {
        let number = thread + begunCount * threads
        begunCount += 1
        let slot = journeys.take()
        var row = JourneyRow()
        row.number = number
        row.isOpen = true
        row.due = due
        row.stream = DrawStream(seed: plan.scenario.seed, number: number)
        let journey = entry(of: row.stream.unit())
        row.journey = Int32(journey)
        row.place = Int32(plan.program.entries[journey].target)
        let (tier, dealer) = plan.dealerDraw.draw(&row.stream)
        row.tier = UInt16(tier)
        row.dealer = dealer
        let offset = due - startAt
        let reserve = plan.program.firstReserve[journey].map { plan.program.reserves[$0] }
        let lineRange = reserve?.lines ?? plan.dealerDraw.tiers[tier].lines
        let quantities = reserve?.quantity ?? plan.dealerDraw.tiers[tier].quantity
        row.reserve = Int32(plan.program.firstReserve[journey] ?? -1)
        drawLines(slot, &row, lineRange, quantities, at: offset)
        journeys.rows[slot] = row
        tally.journeys.begun += 1
        tally.begun[stage] += 1
        tally.offered[stage] += 1
        if case .think = plan.program.operations[Int(row.place)] { return pause(slot, from: due) }
        if case .choose = plan.program.operations[Int(row.place)] { return pause(slot, from: due) }
        step(slot, &port)
    }

    /// Makes the call, or the two of a race, that the dealer's place says.
    private mutating func step(_ slot: Int, _ port: inout LoopPort) {
        let operation = plan.program.operations[Int(journeys.rows[slot].place)]
        journeys.rows[slot].place += 1
        switch operation {
        case .getStock: call(.getStock, slot, [], &port)
        case .reserve(let index):
            ask(slot, as: index)
            call(.reserve, slot, [], &port)
        case .order(let index):
            ask(slot, as: index)
            journeys.rows[slot].isPurchase = true
            call(.createOrder, slot, [], &port)
        case .cancel(let part):
            journeys.rows[slot].cancelPart = part ?? 0
            call(.cancelOrder, slot, [], &port)
        case .confirm: call(.confirm, slot, [], &port)
        case .release(let isOvertaking):
            if isOvertaking { journeys.rows[slot].isOvertaken = true }
            call(.release, slot, [], &port)
        case .race:
            // Both are open before either is sent: the first answer must not end the journey.
            let release = open(.release, slot, .race)
            call(.confirm, slot, .race, &port)
            send(release, &port)
        case .again: call(journeys.rows[slot].lastKind, slot, .again, &port)
        case .think, .choose, .jump, .end: pause(slot, from: journeys.rows[slot].due)
        }
    }

    /// Readies a dealer for a reserve or an order step.
    private mutating func ask(_ slot: Int, as index: Int) {
        let reserve = plan.program.reserves[index]
        // Of several steps the first was drawn for; another one may ask for other lines.
        if journeys.rows[slot].reserve != Int32(index) { drawAgain(slot, for: index) }
        journeys.rows[slot].timeToLive = reserve.timeToLive
        journeys.rows[slot].isPartial = reserve.fillMode == .partial
        journeys.rows[slot].leavesWarehouse = !reserve.namesWarehouse
    }

    private mutating func call(
        _ kind: CallKind, _ slot: Int, _ flags: CallRow.Flags, _ port: inout LoopPort
    ) {
        send(open(kind, slot, flags), &port)
    }

    /// Takes a slot for a call that is due; it isn't sent yet.
    private mutating func open(_ kind: CallKind, _ slot: Int, _ flags: CallRow.Flags) -> Int {
        let row = journeys.rows[slot]
        let now = stockade_monotonic_nanoseconds()
        let number = calls.take()
        var state = CallState()
        state.journey = UInt32(slot)
        state.kind = kind
        state.flags = flags
        if row.isOvertaken { state.flags.insert(.overtaken) }
        if row.isPartial { state.flags.insert(.partial) }
        if row.closingSku >= 0 { state.flags.insert(.closing) }
        state.due = row.due
        state.handed = now
        state.isOpen = true
        calls.rows[number] = state
        journeys.rows[slot].openCalls += 1
        journeys.rows[slot].lastKind = kind
        second.slice.due += 1
        // Without a place to begin in, it was the answers that were late, not we.
        if !row.hasCalled, row.due < lastNoPlace {
            tally.waitedForPlace += 1
        } else {
            measureLag(due: row.due, at: now)
        }
        journeys.rows[slot].hasCalled = true
        tally.countDue(at: row.due - min(row.due, startAt))
        return number
    }

    private func entry(of draw: Double) -> Int {
        let entries = plan.program.entries
        var index = 0
        while index + 1 < entries.count, draw > entries[index].upTo { index += 1 }
        return index
    }

    /// Draws a reservation's lines.
    private mutating func drawLines(
        _ slot: Int, _ row: inout JourneyRow, _ lineRange: ClosedRange<Int>,
        _ quantities: ClosedRange<Int64>, at offset: UInt64
    ) {
        let count = Int(
            row.stream.number(in: Int64(lineRange.lowerBound)...Int64(lineRange.upperBound)))
        row.lineCount = UInt16(count)
        for line in 0..<count {
            lines[slot * plan.linesMax + line] = LineRow(
                sku: plan.skuDraw.draw(at: offset, &row.stream),
                requested: UInt32(row.stream.number(in: quantities)))
        }
    }

    private mutating func drawAgain(_ slot: Int, for index: Int) {
        var row = journeys.rows[slot]
        let reserve = plan.program.reserves[index]
        let tier = plan.dealerDraw.tiers[Int(row.tier)]
        row.reserve = Int32(index)
        drawLines(
            slot, &row, reserve.lines ?? tier.lines, reserve.quantity ?? tier.quantity,
            at: row.due - min(row.due, startAt))
        journeys.rows[slot] = row
    }

    private mutating func measureLag(due: UInt64, at now: UInt64) {
        let lag = min(RushLoop.microsecondsMax, max(1, (now - min(now, due)) / 1_000))
        _ = second.lag.record(lag)
        let stage = plan.stage(at: due - min(due, startAt))
        if plan.scenario.load.stages[stage].isMeasured { _ = tally.lag.record(lag) }
    }

    /// Leaves out the arrivals that were due by now and for which the run has no time any more.
    mutating func shedTheRest(at time: UInt64) {
        while arrivals.next != .max, startAt + arrivals.next <= time {
            let (due, stage) = (startAt + arrivals.next, arrivals.stage)
            arrivals.advance()
            tally.neverBegun += 1
            shed(due: due, stage: stage, at: time)
        }
    }

    /// Leaves a journey out. It counts as a failure that took as long as it is late.
    private mutating func shed(due: UInt64, stage: Int, at time: UInt64) {
        // Its first call is what never came.
        var stream = DrawStream(seed: plan.scenario.seed, number: thread + begunCount * threads)
        let kind = plan.program.firstCall[entry(of: stream.unit())]
        begunCount += 1
        tally.offered[stage] += 1
        tally.journeys.shed += 1
        tally.countDue(at: due - min(due, startAt))
        second.slice.shed += 1
        if due >= lastNoPlace { measureLag(due: due, at: time) }
        let late = min(RushLoop.microsecondsMax, max(1, (time - due) / 1_000))
        _ = second.response.record(late)
        _ = tally.stageResponse[stage].record(late)
        guard plan.scenario.load.stages[stage].isMeasured else { return }
        tally.measuredEnded += 1
        tally.measuredFailed += 1
        if let kind { _ = tally.kinds[Int(kind.rawValue)].response.record(late) }
    }
}
