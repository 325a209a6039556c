// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing
import Wire

@testable import StockadeAPI

/// The short way of writing the usual answer, beside the long one.
@Suite struct GrantedReplyTests {
    private static let texts: [UInt8] = (0..<128).map { UInt8(0x20 + $0 % 95) }

    private static func range(_ start: UInt32, _ count: Int) -> ByteRange {
        ByteRange(start: start, count: UInt32(count))
    }

    private func reply(
        codes: (Int, Int, Int), created: Int64 = 1_795_784_053_657,
        deadline: Int64 = 1_795_787_653_657, line: UInt32 = 1, granted: Int64 = 1
    ) -> GrantedReply {
        GrantedReply(
            reservationID: Self.range(1, 16), brand: Self.range(17, codes.0),
            dealer: Self.range(40, codes.1), createdMilliseconds: created,
            deadlineMilliseconds: deadline, lineNumber: line, granted: granted,
            warehouse: Self.range(60, codes.2))
    }

    private func bytes(_ reply: GrantedReply) -> [UInt8] {
        var writer = ByteWriter(capacity: 256)
        reply.encode(into: &writer, texts: Self.texts.span)
        return writer.withBytes { bytes in bytes.indices.map { bytes[$0] } }
    }

    /// What `ReservationReply` makes of the same.
    private func bytesTheLongWay(_ reply: GrantedReply) -> [UInt8] {
        var allocations = FixedList<Allocation>(capacity: 1)
        allocations.append(Allocation(warehouse: reply.warehouse, quantity: reply.granted))
        var result = LineResult()
        result.lineNumber = reply.lineNumber
        result.granted = reply.granted
        result.allocations = ListRange(0..<1)
        var lines = FixedList<LineResult>(capacity: 1)
        lines.append(result)
        var reservation = Reservation()
        reservation.reservationID = reply.reservationID
        reservation.brand = reply.brand
        reservation.dealer = reply.dealer
        reservation.state = OpenEnum(.held)
        reservation.createdMilliseconds = reply.createdMilliseconds
        reservation.deadlineMilliseconds = reply.deadlineMilliseconds
        reservation.lines = ListRange(0..<1)
        var writer = ByteWriter(capacity: 256)
        ReservationReply(reservation).encode(
            into: &writer, texts: Self.texts.span, lines: lines, allocations: allocations)
        return writer.withBytes { bytes in bytes.indices.map { bytes[$0] } }
    }

    @Test(arguments: [(1, 1, 1), (4, 8, 5), (1, 1, 45), (20, 20, 7), (16, 16, 15)])
    func theBytesAreTheSame(codes: (Int, Int, Int)) {
        let numbers: [Int64] = [1, 127, 128, 16_384, 1 << 31, 1 << 40, .max, -1]
        for time in numbers {
            for (granted, line) in [(1, 1), (500, 500), (1_000_000_000, UInt32.max), (.max, 128)] {
                let reply = reply(
                    codes: codes, created: time, deadline: time &+ 2, line: line,
                    granted: Int64(granted))
                #expect(reply.isShort)
                #expect(bytes(reply) == bytesTheLongWay(reply))
            }
        }
    }

    @Test func atItsBoundTheLengthStillTakesOneByte() {
        let most = GrantedReply.codeBytesMax - 2
        let widest = reply(
            codes: (1, 1, most), created: -1, deadline: -1, line: .max, granted: -1)
        #expect(widest.isShort)
        #expect(bytes(widest).count == 2 + 127)
        #expect(bytes(widest) == bytesTheLongWay(widest))
        #expect(!reply(codes: (1, 1, most + 1)).isShort)
    }

    @Test func whatHasADefaultIsNotShort() {
        #expect(!reply(codes: (0, 1, 1)).isShort)
        #expect(!reply(codes: (1, 0, 1)).isShort)
        #expect(!reply(codes: (1, 1, 0)).isShort, "the warehouse was left to the server")
        #expect(!reply(codes: (1, 1, 1), created: 0).isShort)
        #expect(!reply(codes: (1, 1, 1), deadline: 0).isShort)
        #expect(!reply(codes: (1, 1, 1), line: 0).isShort)
        #expect(!reply(codes: (1, 1, 1), granted: 0).isShort)
    }
}
