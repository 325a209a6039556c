// SPDX-License-Identifier: Apache-2.0

import Primitives
import StockadeAPI
import Testing
import Wire

/// What proto3 says about fields that come twice, not at all, or unexpectedly.
@Suite struct MergeTests {
    @Test func theLastScalarCounts() throws {
        let bytes: [UInt8] = [0x18, 1, 0x0a, 1, 0x61, 0x18, 2, 0x0a, 1, 0x62]
        let line = try Line.decode(bytes.span)
        #expect(line.quantity == 2)
        #expect(line.sku == ByteRange(start: 9, count: 1))
    }

    @Test func messageFieldsMerge() throws {
        // GetStockRequest{key{brand "a"}}, then {key{sku "b"}}.
        let bytes: [UInt8] = [0x0a, 3, 0x0a, 1, 0x61, 0x0a, 3, 0x12, 1, 0x62]
        let request = try GetStockRequest.decode(bytes.span)
        #expect(request.hasKey)
        #expect(request.key.brand == ByteRange(start: 4, count: 1))
        #expect(request.key.sku == ByteRange(start: 9, count: 1))
    }

    @Test func repliesMergeAndTheirLinesAddUp() throws {
        let line: [UInt8] = [0x3a, 4, 0x32, 2, 0x10, 1]  // lines{allocations{quantity 1}}
        let bytes = [0x0a, 12] + line + line + [0x0a, 6] + line
        var lines = FixedList<LineResult>(capacity: 8)
        var allocations = FixedList<Allocation>(capacity: 8)
        lines.append(LineResult())  // what an earlier message of the same call left
        let reply = try ReserveResponse.decode(
            bytes.span, lines: &lines, allocations: &allocations)
        #expect(reply.reservation.lines == ListRange(1..<4))
        #expect(allocations.count == 3)
        #expect(lines[3].allocations == ListRange(2..<3))
    }

    @Test func unknownFieldsAreSkipped() throws {
        let unknown: [[UInt8]] = [
            [0x78, 0xff, 0x01], [0x79, 1, 2, 3, 4, 5, 6, 7, 8], [0x7a, 2, 0xff, 0xff],
            [0x7d, 1, 2, 3, 4], [0xfa, 0xff, 0xff, 0xff, 0x0f, 0],
        ]
        for field in unknown {
            let bytes = field + [0x18, 7] + field
            #expect(try Line.decode(bytes.span).quantity == 7)
        }
    }

    @Test func aKnownNumberWithAnotherWireTypeIsUnknown() throws {
        let bytes: [UInt8] = [0x1a, 1, 5, 0x1d, 1, 2, 3, 4, 0x08, 9, 0x20, 3]
        let line = try Line.decode(bytes.span)
        #expect(line.quantity == 0)
        #expect(line.sku.isEmpty)
        #expect(line.lineNumber == 3)
    }

    @Test func aFullListIsSaidAndNotAnError() throws {
        let line: [UInt8] = [0x22, 2, 0x18, 1]
        let bytes = line + line + line + [0x28, 9]
        var lines = FixedList<Line>(capacity: 2)
        let request = try ReserveRequest.decode(bytes.span, lines: &lines)
        #expect(request.linesOverflow)
        #expect(request.lines == ListRange(0..<2))
        #expect(request.ttlMilliseconds == 9)
        // What had no room is still looked at.
        let broken = line + line + [0x22, 2, 0x18, 0x80]
        lines.removeAll()
        #expect(throws: WireError(.truncated, at: 11)) {
            var lines = FixedList<Line>(capacity: 2)
            return try ReserveRequest.decode(broken.span, lines: &lines).ttlMilliseconds
        }
    }

    @Test func aNestedValueEndsWithItsMessage() {
        // The key says 2 bytes; its brand says 3, which the request would have.
        let bytes: [UInt8] = [0x0a, 2, 0x0a, 3, 0x61, 0x62, 0x63]
        #expect(throws: WireError(.truncated, at: 3)) {
            try GetStockRequest.decode(bytes.span).hasKey
        }
    }

    @Test func readsWithinARange() throws {
        let bytes: [UInt8] = [0xff, 0x0a, 1, 0x61, 0xff]
        let key = try StockKey.decode(bytes.span, within: ByteRange(start: 1, count: 3))
        #expect(key.brand == ByteRange(start: 3, count: 1))
    }
}
