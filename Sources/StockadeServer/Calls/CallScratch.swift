// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import ReservationCore
internal import StockadeAPI

/// What a loop needs to read one request and write one answer, allocated once.
struct CallScratch: ~Copyable {
    /// The request's lines; one more would be refused anyway.
    var lines = FixedList<Line>(capacity: CoreLimits.linesPerDecisionMax)
    /// The same as the core wants them.
    var asks = FixedList<LineAsk>(capacity: CoreLimits.linesPerDecisionMax)
    var numbers = FixedList<UInt32>(capacity: CoreLimits.linesPerDecisionMax)
    /// The answer's lines.
    var results = FixedList<LineResult>(capacity: CoreLimits.linesPerDecisionMax)
    var allocations = FixedList<Allocation>(capacity: CoreLimits.linesPerDecisionMax)
    /// What the answer's ranges point into: ids and codes, at most 64 bytes each.
    var texts = ByteWriter(capacity: 64 * (CoreLimits.linesPerDecisionMax + 8))
    /// The answer: 500 lines with a warehouse each take under 64 KiB.
    var reply = ByteWriter(capacity: 128 * 1024)

    mutating func removeAll() {
        lines.removeAll()
        results.removeAll()
        allocations.removeAll()
        texts.removeAll()
        reply.removeAll()
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

    mutating func encode(_ reservation: Reservation) {
        CallScratch.encode(
            ReservationReply(reservation), texts: texts, lines: results,
            allocations: allocations, into: &reply)
    }

    mutating func encode(_ message: some FlatMessage) {
        CallScratch.encode(message, texts: texts, into: &reply)
    }

    private static func encode(
        _ message: ReservationReply, texts: borrowing ByteWriter,
        lines: borrowing FixedList<LineResult>, allocations: borrowing FixedList<Allocation>,
        into reply: inout ByteWriter
    ) {
        texts.withBytes { texts in
            message.encode(into: &reply, texts: texts, lines: lines, allocations: allocations)
        }
    }

    private static func encode(
        _ message: some FlatMessage, texts: borrowing ByteWriter, into reply: inout ByteWriter
    ) {
        texts.withBytes { message.encode(into: &reply, texts: $0) }
    }
}
