// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives
internal import ReservationCore
internal import StockadeAPI
internal import Transport
internal import Wire

/// OrderService.ListOrders: a walk over the tables, page by page.
extension StockadeService {
    mutating func listOrders(
        _ head: CallHead, _ message: Span<UInt8>, _ time: DecisionTime, on port: inout LoopPort
    ) throws(WireError) {
        let request = try ListOrdersRequest.decode(message)
        if refuseStressTag(head, on: &port) { return }
        let filter: OrderFilter?
        let size: Int
        var cursor: ListCursor
        let tag: UInt64
        do {
            filter = try form(of: request, in: message)
            size = try Form.pageSize(request.pageSize)
            tag = fingerprint.of(request, run: clock.wallOffset, in: message)
            cursor = ListCursor(
                try Form.place(
                    request.pageToken, filter: tag, tokens: tokens, in: message))
        } catch { return refuse(head, error, on: &port) }
        var page = Page(size: size, entryByteCountMax: AnswerLimits.orderByteCountMax)
        // A state that no order of this version has: nothing to look for.
        guard let filter else { return reply(head, isReplay: false, after: 0, on: &port) }
        var progress = ListProgress.more
        while progress == .more, let limit = page.limit(after: scratch.reply.count) {
            progress = core.listOrders(
                filter, from: &cursor, limit: limit, texts: message, at: time, in: &context)
            page.noteSearch(
                limit: limit, found: context.listed.count, sequence: context.sequence)
            for index in 0..<context.listed.count {
                let verdict = core.readOrder(
                    context.listed[index], brand: request.brand, texts: message, at: time,
                    in: &context)
                page.noteRead(sequence: context.sequence)
                // Forgotten meanwhile, or cancelled.
                if case .refused = verdict { continue }
                if let state = filter.state, state != context.order.state { continue }
                scratch.append(order())
                page.noteEntry()
            }
        }
        end(page, at: progress == .more ? cursor : nil, tag: tag)
        reply(head, isReplay: false, after: page.sequence, on: &port)
    }

    /// nil: no order can match.
    private mutating func form(
        of request: ListOrdersRequest, in message: Span<UInt8>
    ) throws(FormFault) -> OrderFilter? {
        try Form.code(request.brand, "brand", in: message)
        try Form.optionalCode(request.dealer, "dealer", in: message)
        let after = try Form.moment(request.createdAfterMilliseconds, "created_after_ms")
        let before = try Form.moment(request.createdBeforeMilliseconds, "created_before_ms")
        let state: OrderState?
        switch request.reviewState.known {
        case .unspecified: state = nil
        case .accepted: state = .accepted
        case .cancelled: state = .cancelled
        case .submitted, .pendingReview, .creditHold, .rejected, .expired, .completed: return nil
        case nil:
            throw FormFault("review_state", "must be an OrderReviewState that this version knows")
        }
        return OrderFilter(
            brand: request.brand, state: state, dealer: request.dealer, createdAfter: after,
            createdBefore: before)
    }
}
