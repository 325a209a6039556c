// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import StockadeAPI
internal import Wire

/// ReservationService's messages with lists of reservations.
extension Recoder {
    static func batchReserveRequest(_ bytes: [UInt8]) throws(WireError) -> [UInt8] {
        var items: FixedList<ReserveRequest> = list(for: bytes)
        var lines: FixedList<Line> = list(for: bytes)
        let request = try BatchReserveRequest.decode(bytes.span, items: &items, lines: &lines)
        var writer = writer(for: bytes)
        request.encode(into: &writer, texts: bytes.span, items: items, lines: lines)
        return writer.contents
    }

    static func batchReserveResult(_ bytes: [UInt8]) throws(WireError) -> [UInt8] {
        var lines: FixedList<LineResult> = list(for: bytes)
        var allocations: FixedList<Allocation> = list(for: bytes)
        var result = BatchReserveResult()
        try result.merge(bytes.span, within: whole(bytes), lines: &lines, allocations: &allocations)
        var writer = writer(for: bytes)
        result.encode(into: &writer, texts: bytes.span, lines: lines, allocations: allocations)
        return writer.contents
    }

    static func batchReserveResponse(_ bytes: [UInt8]) throws(WireError) -> [UInt8] {
        var results: FixedList<BatchReserveResult> = list(for: bytes)
        var lines: FixedList<LineResult> = list(for: bytes)
        var allocations: FixedList<Allocation> = list(for: bytes)
        let reply = try BatchReserveResponse.decode(
            bytes.span, results: &results, lines: &lines, allocations: &allocations)
        var writer = writer(for: bytes)
        reply.encode(
            into: &writer, texts: bytes.span, results: results, lines: lines,
            allocations: allocations)
        return writer.contents
    }

    static func listReservationsResponse(_ bytes: [UInt8]) throws(WireError) -> [UInt8] {
        var reservations: FixedList<Reservation> = list(for: bytes)
        var lines: FixedList<LineResult> = list(for: bytes)
        var allocations: FixedList<Allocation> = list(for: bytes)
        let reply = try ListReservationsResponse.decode(
            bytes.span, reservations: &reservations, lines: &lines, allocations: &allocations)
        var writer = writer(for: bytes)
        reply.encode(
            into: &writer, texts: bytes.span, reservations: reservations, lines: lines,
            allocations: allocations)
        return writer.contents
    }
}
