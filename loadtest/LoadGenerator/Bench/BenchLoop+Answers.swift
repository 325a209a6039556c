// SPDX-License-Identifier: Apache-2.0

internal import Histogram
internal import Primitives
internal import StockadeAPI
internal import Transport
internal import Wire

/// What an answer says, and how long it took.
extension BenchLoop {
    /// Seconds of the measured time; of a run that ended early, up to its last answer.
    var measuredSeconds: Double {
        if case .seconds(let seconds, _) = options.extent, failure == nil { return seconds }
        return Double(tally.lastMeasured - min(tally.lastMeasured, measureFrom)) / 1_000_000_000
    }

    /// Units that the answer that was judged last grants.
    var grantedUnits: Int64 {
        guard options.checksAnswers, results.count == 1 else { return 1 }
        return results[0].granted
    }

    /// Counts a final answer, and looks whether it is what such an attempt must get.
    mutating func judge(_ head: CallHead, _ message: Span<UInt8>, _ request: OpenRequest) {
        if head.watched & WatchedAnswer.replay != 0 { countReplay(request) }
        switch head.status {
        case .ok:
            guard options.checksAnswers else { return tally.granted += options.parts }
            judgeContent(message, request)
        case .failedPrecondition:
            for part in 0..<options.parts { countRefused(part, request) }
        default:
            let reason = (try? FailureDetails.decode(message))?.reason
            countFailed(head.status, reason)
            note("the server answered \(StatusText.of(head.status, reason))")
        }
    }

    private mutating func judgeContent(_ message: Span<UInt8>, _ request: OpenRequest) {
        results.removeAll()
        allocations.removeAll()
        switch options.call {
        case .reserve:
            let reply = try? ReservationReply.decode(
                message, lines: &results, allocations: &allocations)
            guard let reply, isGrant(reply.reservation) else { return countWrong() }
            countGranted(0, request)
        case .getStock:
            guard let reply = try? StockReply.decode(message), reply.hasStock
            else { return countWrong() }
            tally.granted += 1
        case .batchReserve: judgeBatch(message, request)
        case .createOrder:
            orderLines.removeAll()
            reservationIDs.removeAll()
            let reply = try? OrderReply.decode(
                message, lines: &orderLines, reservationIDs: &reservationIDs)
            guard let reply, isAccepted(reply.order) else { return countWrong() }
            for part in 0..<options.parts { countGranted(part, request) }
        }
    }

    /// Each item has a result of its own; those that were granted count, whatever became of the others.
    private mutating func judgeBatch(_ message: Span<UInt8>, _ request: OpenRequest) {
        batchResults.removeAll()
        let reply = try? BatchReserveResponse.decode(
            message, results: &batchResults, lines: &results, allocations: &allocations)
        guard let reply, !reply.resultsOverflow, batchResults.count == options.parts
        else { return countWrong() }
        for part in 0..<options.parts {
            let result = batchResults[part]
            if result.isReplay { countReplay(request) }
            if result.hasReservation, result.reason.rawValue == 0 {
                guard isGrant(result.reservation) else { return countWrong() }
                countGranted(part, request)
            } else if result.reason.known == .insufficientStock {
                countRefused(part, request)
            } else {
                let reason = result.reason.known
                countFailed(reason?.status ?? .unknown, reason)
                note("an item was refused: \(reason.map { "\($0.name)" } ?? "no reason is given")")
            }
        }
    }

    /// One line of one unit, held.
    private func isGrant(_ reservation: Reservation) -> Bool {
        guard reservation.state.known == .held, reservation.lines.count == 1 else { return false }
        return results[reservation.lines.indices.lowerBound].granted == 1
    }

    /// All lines, a unit each.
    private func isAccepted(_ order: Order) -> Bool {
        guard order.reviewState.known == .accepted, !order.linesOverflow,
            orderLines.count == options.parts
        else { return false }
        for index in 0..<orderLines.count
        where orderLines[index].quantity != 1 || orderLines[index].cancelled != 0 {
            return false
        }
        return true
    }

    @inline(__always)
    private mutating func countGranted(_ part: Int, _ request: OpenRequest) {
        tally.granted += 1
        tally.grantedBySKU[Int(part == 0 ? request.sku : sku(part, ofRequest: request.number))] += 1
    }

    private mutating func countRefused(_ part: Int, _ request: OpenRequest) {
        tally.refused += 1
        tally.refusedSKU[Int(sku(part, ofRequest: request.number))] = true
    }

    private mutating func countReplay(_ request: OpenRequest) {
        if request.attempts == 1 {
            tally.replayed += 1
            note("a first attempt was answered as a replay")
        } else {
            tally.replayedRetries += 1
        }
    }

    private mutating func countFailed(_ status: StatusCode, _ reason: Reason?) {
        tally.failed += 1
        guard status == .resourceExhausted || status == .unavailable else { return }
        tally.turnedAway += 1
        tally.firstTurnedAway = tally.firstTurnedAway ?? reason
    }

    private mutating func countWrong() {
        tally.failed += 1
        note("an answer OK doesn't say what was asked for")
    }

    /// Counts how long a request took: closed loop, if its answer falls into the measured time; open
    /// loop, if it was due in it, whenever the answer came.
    @inline(__always)
    mutating func measure(_ request: OpenRequest, at now: UInt64) {
        let isInTime = now >= measureFrom && now < measureUntil
        if pace == nil {
            guard isInTime else { return }
        } else {
            if isInTime { tally.answersInTime += 1 }
            guard request.due >= measureFrom else { return }
        }
        tally.measuredCalls += 1
        tally.lastMeasured = now
        _ = tally.latency.record(max(1, (now - min(now, request.due)) / 1_000))
    }

    private mutating func note(_ why: String) {
        if tally.firstFailure == nil { tally.firstFailure = why }
    }
}
