// SPDX-License-Identifier: Apache-2.0

internal import Primitives
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
        guard let readMovements else {
            return refuse(
                head, .postgresUnavailable,
                "movements are read from Postgres, and this server runs without it (--postgres)",
                on: &port)
        }
        guard readMovements(query) else {
            return refuse(
                head, .overloaded, "too many lists of movements are being read; try again later",
                on: &port)
        }
    }

    private mutating func refuse(
        _ head: CallHead, _ reason: Reason, _ sentence: StaticString, on port: inout LoopPort
    ) {
        refusal.write(reason, sentence)
        port.refuse(
            head.id, status: reason.status, text: refusal.text, details: refusal.details,
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
            fromSequence: max(request.fromSequence, place), limit: limit)
    }

    private func text(_ range: ByteRange, in message: Span<UInt8>) -> String {
        var bytes: [UInt8] = []
        for index in range.indices { bytes.append(message[index]) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
