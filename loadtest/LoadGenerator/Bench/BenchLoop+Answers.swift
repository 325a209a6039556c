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
        if head.watched & WatchedAnswer.replay != 0 {
            if request.attempts == 1 {
                tally.replayed += 1
                note("a first attempt was answered as a replay")
            } else {
                tally.replayedRetries += 1
            }
        }
        switch head.status {
        case .ok:
            tally.granted += 1
            guard options.checksAnswers else { return }
            guard isRight(message) else {
                tally.failed += 1
                return note("an answer OK doesn't say what was asked for")
            }
            if options.call != .getStock { countGranted(request) }
        case .failedPrecondition:
            tally.refused += 1
            for part in 0..<options.parts {
                tally.refusedSKU[Int(sku(part, ofRequest: request.number))] = true
            }
        default:
            tally.failed += 1
            note("the server answered \(head.status)")
        }
    }

    /// A unit of each of its SKUs.
    @inline(__always)
    private mutating func countGranted(_ request: OpenRequest) {
        tally.grantedBySKU[Int(request.sku)] += 1
        for part in 1..<options.parts {
            tally.grantedBySKU[Int(sku(part, ofRequest: request.number))] += 1
        }
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

    private mutating func isRight(_ message: Span<UInt8>) -> Bool {
        results.removeAll()
        switch options.call {
        case .reserve:
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

    private mutating func note(_ why: String) {
        if tally.firstFailure == nil { tally.firstFailure = why }
    }
}
