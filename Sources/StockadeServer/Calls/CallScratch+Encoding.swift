// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import StockadeAPI

/// Writing the answer, whole or part by part.
extension CallScratch {
    mutating func encode(_ message: some FlatMessage) {
        CallScratch.encode(message, texts: texts, into: &reply)
    }

    mutating func encode(_ reservation: Reservation) {
        CallScratch.withTexts(texts, &reply, results, allocations) {
            ReservationReply(reservation).encode(
                into: &$1, texts: $0, lines: $2, allocations: $3)
        }
    }

    mutating func append(_ result: BatchReserveResult) {
        CallScratch.withTexts(texts, &reply, results, allocations) {
            BatchReserveResponse.append(
                result, to: &$1, texts: $0, lines: $2, allocations: $3)
        }
        removePart()
    }

    mutating func append(_ reservation: Reservation) {
        CallScratch.withTexts(texts, &reply, results, allocations) {
            ListReservationsResponse.append(
                reservation, to: &$1, texts: $0, lines: $2, allocations: $3)
        }
        removePart()
    }

    mutating func append(_ result: BatchGetStockResult) {
        CallScratch.append(result, texts: texts, to: &reply)
        removePart()
    }

    mutating func encode(_ order: Order) {
        CallScratch.withTexts(texts, &reply, orderLines, idRanges) {
            OrderReply(order).encode(into: &$1, texts: $0, lines: $2, reservationIDs: $3)
        }
    }

    mutating func append(_ order: Order) {
        CallScratch.withTexts(texts, &reply, orderLines, idRanges) {
            ListOrdersResponse.append(order, to: &$1, texts: $0, lines: $2, reservationIDs: $3)
        }
        removePart()
    }

    mutating func encode(_ timeline: GetOrderTimelineResponse) {
        CallScratch.encode(timeline, texts: texts, events, into: &reply)
    }

    mutating func append(_ movement: Movement) {
        CallScratch.append(movement, texts: texts, to: &reply)
        removePart()
    }

    /// Ends a page of movements.
    mutating func end(_ page: ListMovementsResponse) {
        CallScratch.end(page, texts: texts, into: &reply)
    }

    private static func append(
        _ movement: Movement, texts: borrowing ByteWriter, to reply: inout ByteWriter
    ) {
        texts.withBytes { ListMovementsResponse.append(movement, to: &reply, texts: $0) }
    }

    private static func end(
        _ page: ListMovementsResponse, texts: borrowing ByteWriter, into reply: inout ByteWriter
    ) {
        let none = FixedList<Movement>(capacity: 1)
        texts.withBytes { page.encode(into: &reply, texts: $0, movements: none) }
    }

    /// Ends a page of reservations or of orders: both have the token in the same field.
    mutating func append(nextPageToken: ByteRange) {
        CallScratch.append(nextPageToken: nextPageToken, texts: texts, to: &reply)
    }

    private static func withTexts<First, Second>(
        _ texts: borrowing ByteWriter, _ reply: inout ByteWriter,
        _ first: borrowing FixedList<First>, _ second: borrowing FixedList<Second>,
        _ body: (
            Span<UInt8>, inout ByteWriter, borrowing FixedList<First>, borrowing FixedList<Second>
        ) -> Void
    ) {
        texts.withBytes { body($0, &reply, first, second) }
    }

    private static func encode(
        _ message: some FlatMessage, texts: borrowing ByteWriter, into reply: inout ByteWriter
    ) {
        texts.withBytes { message.encode(into: &reply, texts: $0) }
    }

    private static func encode(
        _ timeline: GetOrderTimelineResponse, texts: borrowing ByteWriter,
        _ events: borrowing FixedList<OrderEvent>, into reply: inout ByteWriter
    ) {
        texts.withBytes { timeline.encode(into: &reply, texts: $0, events: events) }
    }

    private static func append(
        _ result: BatchGetStockResult, texts: borrowing ByteWriter, to reply: inout ByteWriter
    ) {
        texts.withBytes { BatchGetStockResponse.append(result, to: &reply, texts: $0) }
    }

    private static func append(
        nextPageToken: ByteRange, texts: borrowing ByteWriter, to reply: inout ByteWriter
    ) {
        texts.withBytes {
            ListReservationsResponse.append(nextPageToken: nextPageToken, to: &reply, texts: $0)
        }
    }
}
