// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives
internal import ReservationCore
internal import StockadeAPI
internal import Transport
internal import Wire

/// ReservationService.ListReservations: a walk over the tables, page by page.
extension StockadeService {
    mutating func listReservations(
        _ head: CallHead, _ message: Span<UInt8>, _ time: DecisionTime, on port: inout LoopPort
    ) throws(WireError) {
        let request = try ListReservationsRequest.decode(message)
        if refuseStressTag(head, on: &port) { return }
        let filter: ReservationFilter
        let size: Int
        var cursor: ListCursor
        let tag: UInt64
        do {
            filter = try form(of: request, at: time, in: message)
            size = try Form.pageSize(request.pageSize)
            tag = fingerprint.of(request, run: clock.wallOffset, in: message)
            cursor = ListCursor(
                try Form.place(
                    request.pageToken, filter: tag, tokens: tokens, in: message))
        } catch { return refuse(head, error, on: &port) }
        var page = Page(size: size, entryByteCountMax: AnswerLimits.reservationByteCountMax)
        var progress = ListProgress.more
        while progress == .more, let limit = page.limit(after: scratch.reply.count) {
            progress = core.listReservations(
                filter, from: &cursor, limit: limit, texts: message, at: time, in: &context)
            page.noteSearch(
                limit: limit, found: context.listed.count, sequence: context.sequence)
            for index in 0..<context.listed.count {
                let verdict = core.readReservation(
                    context.listed[index], brand: request.brand, texts: message, at: time,
                    in: &context)
                page.noteRead(sequence: context.sequence)
                if case .refused(let refused) = verdict {
                    // Forgotten meanwhile; or there is no room for the record of its expiry.
                    if refused.reason == .reservationNotFound { continue }
                    return refuse(head, refused, in: message, on: &port)
                }
                guard matches(filter) else { continue }
                scratch.append(reservation(time))
                page.noteEntry()
            }
        }
        end(page, at: progress == .more ? cursor : nil, tag: tag)
        reply(head, isReplay: false, after: page.sequence, on: &port)
    }

    /// Whether the hold in the context still is what was looked for: reading expires what is due.
    private mutating func matches(_ filter: ReservationFilter) -> Bool {
        if let state = filter.state, state != context.hold.state { return false }
        guard let before = filter.expiringBefore else { return true }
        return context.hold.state == .held && context.hold.deadline < before
    }

    private mutating func form(
        of request: ListReservationsRequest, at time: DecisionTime, in message: Span<UInt8>
    ) throws(FormFault) -> ReservationFilter {
        try Form.code(request.brand, "brand", in: message)
        let state: HoldState?
        switch request.state.known {
        case .unspecified: state = nil
        case .held: state = .held
        case .confirmed: state = .confirmed
        case .released: state = .released
        case .expired: state = .expired
        case nil: throw FormFault("state", "must be a ReservationState that this version knows")
        }
        try Form.optionalCode(request.dealer, "dealer", in: message)
        try Form.optionalCode(request.sku, "sku", in: message)
        let before = try Form.moment(request.expiringBeforeMilliseconds, "expiring_before_ms")
        return ReservationFilter(
            brand: request.brand, state: state, dealer: request.dealer, sku: request.sku,
            expiringBefore: before.map { tick(of: $0, at: time) })
    }
}
