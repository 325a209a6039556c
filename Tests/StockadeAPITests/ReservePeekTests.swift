// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing
import Wire

@testable import StockadeAPI

/// A glance at a Reserve before it is decoded: it may see nothing, and must not see anything else
/// than the decoder.
@Suite struct ReservePeekTests {
    private func request(lines: Int) -> [UInt8] {
        var texts = ByteWriter(capacity: 4_096)
        func text(_ string: String) -> ByteRange {
            let start = texts.count
            for byte in string.utf8 { texts.append(byte) }
            return ByteRange(start: UInt32(start), count: UInt32(texts.count - start))
        }
        var list = FixedList<Line>(capacity: 8)
        for number in 0..<lines {
            var line = Line()
            line.sku = text("sku-\(number)")
            line.warehouse = text("main")
            line.quantity = 3
            list.append(line)
        }
        var request = ReserveRequest()
        request.reservationID = text("0123456789abcdef")
        request.brand = text("acme")
        request.dealer = text("dealer-1")
        request.lines = ListRange(0..<lines)
        request.ttlMilliseconds = 5_000
        var writer = ByteWriter(capacity: 4_096)
        texts.withBytes { request.encode(into: &writer, texts: $0, lines: list) }
        return writer.withBytes { bytes in bytes.indices.map { bytes[$0] } }
    }

    @Test func seesWhatTheDecoderSees() throws {
        let bytes = request(lines: 2)
        var lines = FixedList<Line>(capacity: 8)
        let decoded = try ReserveRequest.decode(bytes.span, lines: &lines)
        let seen = ReservePeek(bytes.span)
        let peek = try #require(seen)
        #expect(peek.reservationID == decoded.reservationID)
        #expect(peek.brand == decoded.brand)
        #expect(peek.sku == lines[0].sku)
    }

    @Test func seesNothingWithoutLines() {
        for bytes in [request(lines: 0), []] {
            let seen = ReservePeek(bytes.span)
            #expect(seen == nil)
        }
    }

    @Test func staysWithinWhateverComes() {
        let whole = request(lines: 1)
        for count in whole.indices {
            let cut = Array(whole.prefix(count))
            if let peek = ReservePeek(cut.span) { #expect(peek.sku.indices.upperBound <= count) }
        }
        for index in whole.indices {
            for value in UInt8.min...UInt8.max {
                var changed = whole
                changed[index] = value
                guard let peek = ReservePeek(changed.span) else { continue }
                for range in [peek.reservationID, peek.brand, peek.sku] {
                    #expect(range.indices.upperBound <= changed.count)
                }
            }
        }
    }
}
