// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives
internal import ReservationCore
internal import StockadeAPI
internal import Transport
internal import Wire

/// ReservationService.BatchReserve: the same decisions as Reserve, one for each item.
extension StockadeService {
    mutating func batchReserve(
        _ head: CallHead, _ message: Span<UInt8>, _ time: DecisionTime, on port: inout LoopPort
    ) throws(WireError) {
        let request = try BatchReserveRequest.decode(
            message, items: &scratch.items, lines: &scratch.lines)
        if refuseStressTag(head, on: &port) { return }
        do {
            try checkSize(of: request)
        } catch { return refuse(head, error, on: &port) }
        var sequence: UInt64 = 0
        // Once an item had no room, none after it is decided: they are in order.
        var isFull = false
        context.beginBatch()
        for index in 0..<scratch.items.count {
            isFull = isFull || !hasRoom(after: index)
            scratch.append(
                isFull ? refusedForRoom() : decide(index, in: message, time, &sequence))
        }
        context.endBatch()
        reply(head, isReplay: false, after: sequence, on: &port)
    }

    private mutating func checkSize(of request: BatchReserveRequest) throws(FormFault) {
        guard !request.itemsOverflow else {
            throw .tooLarge("items", "must have at most 1000 entries", limit: "1000")
        }
        guard !scratch.items.isEmpty
        else { throw FormFault("items", "must have at least one entry") }
        for index in 0..<scratch.items.count where scratch.items[index].linesOverflow {
            throw .tooLarge(
                "items", "must have at most 10000 lines in all", limit: "10000")
        }
    }

    /// Decides one item. What its answer depends on raises `sequence`.
    private mutating func decide(
        _ index: Int, in message: Span<UInt8>, _ time: DecisionTime, _ sequence: inout UInt64
    ) -> BatchReserveResult {
        let item = scratch.items[index]
        let command: ReserveCommand
        do {
            command = try form(of: item, in: message)
        } catch {
            let line = line(of: error, first: Int(item.lines.start))
            refusal.write(error.inElement(index, of: "items"), line: line)
            var result = refused(error.reason, isReplay: false)
            if let line { result.lineNumber = line.number }
            return result
        }
        let verdict = core.reserve(
            command, lines: scratch.asks, texts: message, at: time, in: &context)
        sequence = max(sequence, context.sequence)
        guard case .refused(let cause) = verdict else {
            if verdict == .done { countGrant() } else { tally.countReplay() }
            return BatchReserveResult(
                granted(item, in: message, time), isReplay: verdict == .replay)
        }
        if cause.isReplay { tally.countReplay() }
        let line = line(of: cause)
        refusal.write(cause, line: line, about: .reservation, in: message)
        var result = refused(Reason(cause.reason), isReplay: cause.isReplay)
        if let line { result.lineNumber = line.number }
        result.requested = cause.requested
        result.available = cause.available
        return result
    }

    /// Whether the answer has room for an item's reservation and for a refusal of all items after
    /// it: what is decided must be told.
    private mutating func hasRoom(after index: Int) -> Bool {
        let rest = (scratch.items.count - index) * AnswerLimits.refusedItemByteCountMax
        return scratch.reply.count + AnswerLimits.reservationByteCountMax + rest
            <= AnswerLimits.answerByteCountMax
    }

    private mutating func refusedForRoom() -> BatchReserveResult {
        refusal.write(
            .batchTooLarge,
            "the batch's answer has no more room; nothing was decided, send it in another batch")
        return refused(.batchTooLarge, isReplay: false)
    }

    /// The refusal that was written, as an item's result.
    private mutating func refused(_ reason: Reason, isReplay: Bool) -> BatchReserveResult {
        var result = BatchReserveResult()
        result.reason = OpenEnum(reason)
        result.isReplay = isReplay
        result.message = scratch.text(refusal.text)
        result.field = scratch.text(refusal.path)
        return result
    }
}
