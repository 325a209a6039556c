// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import ReservationCore
internal import StockadeAPI

/// What a loop needs to read one request and write one answer, allocated once: about 2.7 MiB.
struct CallScratch: ~Copyable {
    /// The request's lines, of a batch those of all items; one more would be refused anyway.
    var lines = FixedList<Line>(capacity: AnswerLimits.batchLinesMax)
    /// The items of a batch.
    var items = FixedList<ReserveRequest>(capacity: AnswerLimits.itemsMax)
    /// The keys of a batch.
    var keys = FixedList<StockKey>(capacity: AnswerLimits.itemsMax)
    /// The reservations that an order is to be made of.
    var idRanges = FixedList<ByteRange>(capacity: CoreLimits.reservationsPerOrderMax)
    /// The lines of one decision as the core wants them.
    var asks = FixedList<LineAsk>(capacity: CoreLimits.linesPerDecisionMax)
    /// An order's reservations as the core wants them.
    var ids = FixedList<ClientID>(capacity: CoreLimits.reservationsPerOrderMax)
    var numbers = FixedList<UInt32>(capacity: CoreLimits.linesPerDecisionMax)
    /// The answer's lines.
    var results = FixedList<LineResult>(capacity: CoreLimits.linesPerDecisionMax)
    var allocations = FixedList<Allocation>(capacity: CoreLimits.linesPerDecisionMax)
    var orderLines = FixedList<OrderLine>(capacity: CoreLimits.linesPerDecisionMax)
    var events = FixedList<StockadeAPI.OrderEvent>(capacity: CoreLimits.eventsPerOrderMax)
    /// What the answer's ranges point into: ids and codes, at most 64 bytes each, two for each line
    /// of an order; and a refused item's sentence.
    var texts = ByteWriter(capacity: 64 * (2 * CoreLimits.linesPerDecisionMax + 32))
    /// The answer.
    var reply = ByteWriter(capacity: AnswerLimits.answerByteCountMax)

    mutating func removeAll() {
        lines.removeAll()
        items.removeAll()
        keys.removeAll()
        idRanges.removeAll()
        asks.removeAll()
        reply.removeAll()
        removePart()
    }

    /// Forgets what the last part of an answer was made of, once it is encoded.
    mutating func removePart() {
        results.removeAll()
        allocations.removeAll()
        orderLines.removeAll()
        events.removeAll()
        texts.removeAll()
    }

    /// Adds a text that the answer will point to.
    mutating func text(_ bytes: Span<UInt8>) -> ByteRange {
        let start = texts.count
        texts.append(bytes)
        return ByteRange(start: UInt32(start), count: UInt32(texts.count - start))
    }

    /// Adds an id that the answer will point to.
    mutating func text(_ id: ClientID) -> ByteRange {
        let start = texts.count
        texts.append(id)
        return ByteRange(start: UInt32(start), count: UInt32(texts.count - start))
    }

    /// Adds what was written elsewhere.
    mutating func text(_ writer: borrowing ByteWriter) -> ByteRange {
        let start = texts.count
        CallScratch.append(writer, to: &texts)
        return ByteRange(start: UInt32(start), count: UInt32(texts.count - start))
    }

    private static func append(_ part: borrowing ByteWriter, to texts: inout ByteWriter) {
        part.withBytes { texts.append($0) }
    }
}
