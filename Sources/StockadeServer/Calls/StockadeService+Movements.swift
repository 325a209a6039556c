// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import Projection
internal import ReservationCore
internal import StockadeAPI
internal import Transport
internal import Wire

/// InventoryService.ListMovements: Postgres has them, the loop has not.
extension StockadeService {
    mutating func listMovements(
        _ head: CallHead, _ message: Span<UInt8>, on port: inout LoopPort
    ) throws(WireError) {
        let request = try ListMovementsRequest.decode(message)
        if refuseStressTag(head, on: &port) { return }
        let query: MovementsQuery
        do {
            query = try form(of: request, call: head.id, in: message)
        } catch { return refuse(head, error, on: &port) }
        guard let movements else {
            return refuse(
                head.id, .postgresUnavailable,
                "movements are read from Postgres, and this server runs without it (--postgres)",
                on: &port)
        }
        movements.ask(query)
        port.deferAnswer(head.id)
    }

    /// Gives the answers that Postgres has brought since the last turn.
    mutating func answerMovements(on port: inout LoopPort) {
        guard let movements else { return }
        for answer in movements.take() {
            switch answer.result {
            case .success(let page): reply(answer.query, page, on: &port)
            case .failure(let fault): refuse(answer.query.call, fault, on: &port)
            }
        }
    }

    private mutating func reply(
        _ query: MovementsQuery, _ page: MovementPage, on port: inout LoopPort
    ) {
        scratch.removeAll()
        for row in page.movements {
            var movement = StockadeAPI.Movement()
            movement.sequence = row.sequence
            movement.atMilliseconds = row.wall.milliseconds
            movement.kind = OpenEnum(row.kind.wire)
            movement.onHandChange = row.onHandChange
            movement.heldChange = row.heldChange
            movement.allocatedChange = row.allocatedChange
            movement.safetyChange = row.safetyChange
            movement.reference = scratch.text(row.reference)
            scratch.append(movement)
        }
        var end = ListMovementsResponse()
        end.completeToSequence = page.appliedSequence
        // A record changes an account once: the next page begins behind the last one's.
        if page.movements.count == query.limit, let last = page.movements.last {
            let start = scratch.texts.count
            tokens.append(last.sequence + 1, filter: query.tag, to: &scratch.texts)
            end.nextPageToken = ByteRange(
                start: UInt32(start), count: UInt32(scratch.texts.count - start))
        }
        scratch.end(end)
        // What is in Postgres is durable.
        port.reply(query.call, message: scratch.reply, after: 0)
    }

    private mutating func refuse(
        _ call: CallID, _ fault: MovementFault, on port: inout LoopPort
    ) {
        let explanation = fault.explanation
        switch fault {
        case .queueFull: refusal.write(.overloaded, text: explanation)
        case .notConnected, .timedOut, .refused, .stopped:
            refusal.write(.postgresUnavailable, text: explanation)
        }
        port.refuse(
            call, status: .unavailable, text: refusal.text, details: refusal.details,
            trailers: ReplyTrailers(), after: 0)
    }

    private mutating func refuse(
        _ call: CallID, _ reason: Reason, _ sentence: StaticString, on port: inout LoopPort
    ) {
        refusal.write(reason, sentence)
        port.refuse(
            call, status: reason.status, text: refusal.text, details: refusal.details,
            trailers: ReplyTrailers(), after: 0)
    }

    private mutating func form(
        of request: ListMovementsRequest, call: CallID, in message: Span<UInt8>
    ) throws(FormFault) -> MovementsQuery {
        let codes = try Form.key(request.key, isPresent: request.hasKey, in: message)
        let limit = try Form.pageSize(request.pageSize)
        let tag = fingerprint.of(request, in: message)
        // The token's place is the sequence that the next page begins at.
        let place = try Form.place(request.pageToken, filter: tag, tokens: tokens, in: message)
        return MovementsQuery(
            call: call, brand: text(codes.brand, in: message), sku: text(codes.sku, in: message),
            warehouse: text(codes.warehouse, in: message),
            fromSequence: max(request.fromSequence, place), limit: limit, tag: tag)
    }

    private func text(_ range: ByteRange, in message: Span<UInt8>) -> String {
        var bytes: [UInt8] = []
        for index in range.indices { bytes.append(message[index]) }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension MovementRow.Kind {
    /// The kind as the API has it.
    fileprivate var wire: MovementKind {
        switch self {
        case .set: .set
        case .adjust: .adjust
        case .reserve: .reserve
        case .confirm: .confirm
        case .release: .release
        case .expire: .expire
        case .order: .order
        case .cancel: .cancel
        case .policy: .policy
        case .transfer: .transfer
        }
    }
}
