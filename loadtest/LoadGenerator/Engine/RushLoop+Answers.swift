// SPDX-License-Identifier: Apache-2.0

internal import Histogram
internal import Primitives
internal import StockadeAPI
internal import Transport
internal import Wire

/// Answers: what they say, how long they took, and what is remembered of them.
extension RushLoop {
    /// A call has its final answer.
    mutating func settle(
        _ slot: Int, _ head: CallHead, _ message: Span<UInt8>, written: UInt64, at now: UInt64
    ) {
        let call = calls.rows[slot]
        var answer = Answer(outcome: Answer.outcome(of: head.status), status: head.status)
        answer.isReplay = head.watched & WatchedAnswer.replay != 0
        let kind = Int(call.kind.rawValue)
        if answer.isReplay { tally.kinds[kind].replays += 1 }
        switch answer.outcome {
        case .acknowledged:
            tally.kinds[kind].ok += 1
            second.slice.ok += 1
            if let wrong = read(message, of: call, into: &answer) {
                tally.wrongAnswers += 1
                if tally.firstWrongAnswer == nil {
                    tally.firstWrongAnswer = "\(call.kind.name): \(wrong)"
                }
            }
        case .refused:
            tally.kinds[kind].refused += 1
            second.slice.refused += 1
            if let details = try? FailureDetails.decode(message) {
                answer.reason = details.reason
                answer.available = details.available ?? -1
            }
            tally.kinds[kind].reasons[Int(answer.reason?.rawValue ?? 0)] += 1
        case .unknown:
            let reason = (try? FailureDetails.decode(message))?.reason
            if let reason {
                tally.kinds[kind].reasons[Int(reason.rawValue)] += 1
            } else {
                tally.kinds[kind].unexplained[Int(head.status.rawValue)] += 1
            }
            countFailure(call, head.status, reason)
        }
        second.slice.statuses[Int(head.status.rawValue)] += 1
        measure(call, written: written, at: now)
        remember(call, answer, answered: now, at: now)
        end(slot, answer, at: now)
    }

    /// A call never gets a final answer. It counts with the time that it has waited.
    mutating func giveUp(_ slot: Int, _ status: StatusCode, at now: UInt64) {
        let call = calls.rows[slot]
        tally.kinds[Int(call.kind.rawValue)].unexplained[17] += 1
        countFailure(call, status, nil)
        second.slice.statuses[17] += 1
        measure(call, written: 0, at: now)
        let answer = Answer(outcome: .unknown, status: status)
        remember(call, answer, answered: 0, at: now)
        end(slot, answer, at: now)
    }

    private mutating func countFailure(
        _ call: CallState, _ status: StatusCode, _ reason: Reason?
    ) {
        tally.kinds[Int(call.kind.rawValue)].failed += 1
        let stage = plan.stage(at: call.due - min(call.due, startAt))
        if plan.scenario.load.stages[stage].isMeasured { tally.measuredFailed += 1 }
        second.slice.failed += 1
        if tally.firstFailure == nil {
            tally.firstFailure =
                "\(call.kind.name) ended with \(StatusText.of(status, reason)) after \(call.attempts) attempts"
        }
    }

    /// How long it took: into the second in which it ended, and into its stage and kind if that is
    /// measured.
    @inline(__always)
    private mutating func measure(_ call: CallState, written: UInt64, at now: UInt64) {
        let took = min(RushLoop.microsecondsMax, max(1, (now - min(now, call.due)) / 1_000))
        _ = second.response.record(took)
        tally.lastAnswer = max(tally.lastAnswer, now - min(now, startAt))
        let stage = plan.stage(at: call.due - min(call.due, startAt))
        _ = tally.stageResponse[stage].record(took)
        guard plan.scenario.load.stages[stage].isMeasured else { return }
        tally.measuredEnded += 1
        let kind = Int(call.kind.rawValue)
        _ = tally.kinds[kind].response.record(took)
        guard written > 0 else { return }
        _ = tally.kinds[kind].service.record(max(1, (now - min(now, written)) / 1_000))
        guard call.attempts == 1 else { return }
        _ = tally.wait.record(max(1, (written - min(written, call.handed)) / 1_000))
    }

    /// Frees the call, and lets its dealer go on when no other call of it is open.
    private mutating func end(_ slot: Int, _ answer: Answer, at now: UInt64) {
        let call = calls.rows[slot]
        work += 1
        calls.rows[slot].isOpen = false
        calls.give(slot)
        let journey = Int(call.journey)
        journeys.rows[journey].openCalls -= 1
        switch answer.outcome {
        case .acknowledged: break
        case .unknown: journeys.rows[journey].hasFailed = true
        case .refused where call.flags.contains(.race) || call.flags.contains(.again): break
        // A release that overtakes finds nothing: that is its point.
        case .refused where call.flags.contains(.overtaken) && call.kind == .release: break
        case .refused:
            journeys.rows[journey].isRefused = true
            journeys.rows[journey].lastReasonWasStock = answer.reason == .insufficientStock
        }
        if journeys.rows[journey].openCalls == 0 { proceed(journey, at: now) }
    }

    // MARK: - Contents

    /// Reads an answer OK; what is wrong with it, if anything is.
    private mutating func read(
        _ message: Span<UInt8>, of call: CallState, into answer: inout Answer
    ) -> StaticString? {
        if call.kind == .getStock { return readStock(message, of: call) }
        results.removeAll()
        if call.kind == .createOrder || call.kind == .cancelOrder {
            return readOrder(message, of: call, into: &answer)
        }
        allocations.removeAll()
        guard
            let reply = try? ReservationReply.decode(
                message, lines: &results, allocations: &allocations), reply.hasReservation
        else { return "the answer isn't a reservation" }
        let reservation = reply.reservation
        let slot = Int(call.journey)
        let row = journeys.rows[slot]
        guard let state = reservation.state.known, state != .unspecified else {
            return "the reservation has no state"
        }
        answer.state = state
        guard
            ClientID(message, at: reservation.reservationID)
                == plan.identity.id(.reserve, row.number)
        else { return "the answer is about another reservation" }
        guard results.count == Int(row.lineCount) else { return "lines are missing" }
        answer.hasLines = true
        switch call.kind {
        case .reserve: return readGrant(call, state, isReplay: answer.isReplay)
        case .confirm:
            guard state == .confirmed else { return "confirmed, and not in that state" }
            let order = plan.identity.id(.order, row.number)
            if ClientID(message, at: reservation.orderID) != order { return "another order's id" }
        case .release:
            if state != .released, state != .expired { return "released, and not in that state" }
        case .getStock, .createOrder, .cancelOrder: break
        }
        for index in 0..<results.count
        where results[index].granted != Int64(lines[slot * plan.linesMax + index].granted) {
            return "the granted units aren't those that were granted first"
        }
        return nil
    }

    mutating func readGrant(
        _ call: CallState, _ state: ReservationState, isReplay: Bool
    ) -> StaticString? {
        let first = Int(call.journey) * plan.linesMax
        if call.kind == .reserve, !isReplay, state != .held {
            return "a new reservation that isn't held"
        }
        var wrong: StaticString?
        for index in 0..<results.count {
            let granted = results[index].granted
            let requested = Int64(lines[first + index].requested)
            if granted < 0 || granted > requested {
                wrong = "more was granted than asked for"
            } else if granted < requested, !call.flags.contains(.partial) {
                wrong = "less was granted than all or nothing"
            }
            if call.flags.contains(.again) {
                if granted != Int64(lines[first + index].granted) {
                    wrong = "asked again, other units were granted"
                }
            } else {
                lines[first + index].granted = UInt32(clamping: granted)
            }
        }
        return wrong
    }

    private func readStock(_ message: Span<UInt8>, of call: CallState) -> StaticString? {
        guard let reply = try? StockReply.decode(message), reply.hasStock else {
            return "the answer isn't a stock"
        }
        let stock = reply.stock
        if stock.onHand < 0 || stock.held < 0 || stock.allocated < 0 {
            return "a figure is negative"
        }
        // A peer may say anything: no sum of its figures may trap.
        if stock.available != stock.onHand &- stock.held &- stock.allocated &- stock.safety {
            return "available isn't on_hand - held - allocated - safety"
        }
        return stock.available < 0 ? "more was promised than there is" : nil
    }

    // MARK: - Remembering

    private mutating func remember(
        _ call: CallState, _ answer: Answer, answered: UInt64, at now: UInt64
    ) {
        guard ledger != nil, call.kind != .getStock else { return }
        let slot = Int(call.journey)
        let journey = journeys.rows[slot]
        let id = plan.identity.id(journey.isPurchase ? .order : .reserve, journey.number)
        var row = CallRow()
        row.reservationHigh = id.high
        row.reservationLow = id.low
        row.journey = journey.number
        row.due = call.due - min(call.due, startAt)
        row.sent = call.firstSent - min(call.firstSent, startAt)
        row.answered = answered - min(answered, startAt)
        row.attempts = call.attempts
        row.timeToLive = journey.timeToLive
        row.lines = journey.lineCount
        row.kind = call.kind.rawValue
        row.outcome = answer.outcome.rawValue
        row.status = answer.status.rawValue
        row.reason = answer.reason?.rawValue ?? 0
        row.state = answer.state.rawValue
        row.available = answer.available
        row.flags = call.flags
        if answer.isReplay { row.flags.insert(.replay) }
        for index in 0..<Int(journey.lineCount) {
            let line = lines[slot * plan.linesMax + index]
            row.line = UInt16(index + 1)
            row.sku = line.sku
            row.requested = requested(line, call.kind, journey)
            row.granted = answer.hasLines ? results[index].granted : 0
            ledger!.append(row, at: now)
        }
    }

    /// What a call asks for of a line, or knows of it.
    private func requested(_ line: LineRow, _ kind: CallKind, _ journey: JourneyRow) -> Int64 {
        switch kind {
        case .reserve, .createOrder: Int64(line.requested)
        case .cancelOrder: Int64(line.cancelled(part: journey.cancelPart))
        case .getStock, .confirm, .release: Int64(line.granted)
        }
    }
}

/// What a final answer said.
struct Answer {
    var outcome: CallRow.Outcome
    var status: StatusCode
    var reason: Reason?
    var available: Int64 = -1
    var state = ReservationState.unspecified
    var isReplay = false
    /// The lines of `results` are those of this answer.
    var hasLines = false

    init(outcome: CallRow.Outcome, status: StatusCode) {
        self.outcome = outcome
        self.status = status
    }

    /// Only a business answer promises that nothing changed; whatever else isn't OK is a failure, and what
    /// it did is for the journal to say.
    static func outcome(of status: StatusCode) -> CallRow.Outcome {
        switch status {
        case .ok: .acknowledged
        case .failedPrecondition, .notFound, .aborted, .alreadyExists, .outOfRange: .refused
        case .invalidArgument, .permissionDenied, .resourceExhausted, .unimplemented,
            .unauthenticated, .cancelled, .unknown, .deadlineExceeded, .internal, .unavailable,
            .dataLoss:
            .unknown
        }
    }
}
