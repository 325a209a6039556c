// SPDX-License-Identifier: Apache-2.0

import Primitives
import Recoding
import StockadeAPI
import Testing
import Wire

/// Our bytes against those that Google's Python protobuf made of the same messages.
@Suite struct GoldenTests {
    @Test func everyGoldenMessageIsMadeHereToo() throws {
        #expect(try Golden.names() == Set(GoldenMessages.all.keys))
    }

    @Test(arguments: GoldenMessages.all.keys.sorted())
    func encodesByteForByte(name: String) throws {
        #expect(try Golden.bytes(name) == GoldenMessages.all[name])
    }

    @Test(arguments: GoldenMessages.all.keys.sorted().filter { $0 != "status_sold_out" })
    func decodesEveryField(name: String) throws {
        let golden = try Golden.bytes(name)
        let type = try #require(Recoder.ofGolden(name))
        #expect(try type.recode(golden) == golden)
    }

    @Test func readsTheReserveRequest() throws {
        let bytes = try Golden.bytes("reserve_request_full")
        var lines = FixedList<Line>(capacity: 2)
        let request = try ReserveRequest.decode(bytes.span, lines: &lines)
        func text(_ range: ByteRange) -> String {
            String(decoding: bytes[range.indices], as: UTF8.self)
        }
        let id = ClientID(bytes.span, at: request.reservationID)
        #expect(id == ClientID(high: 0x0102_0304_0506_0708, low: 0x090a_0b0c_0d0e_0f10))
        #expect(text(request.brand) == "acme")
        #expect(text(request.dealer) == "dealer-7")
        #expect(request.lines == ListRange(0..<2))
        #expect(!request.linesOverflow)
        let first = lines[0]
        #expect(text(first.sku) == "WIDGET-1")
        #expect(text(first.warehouse) == "north")
        #expect(first.quantity == 1)
        #expect(first.lineNumber == 1)
        let second = lines[1]
        #expect(text(second.sku) == "WIDGET-2")
        #expect(text(second.warehouse) == "south")
        #expect(second.quantity == 300)
        #expect(second.lineNumber == 2)
        #expect(request.ttlMilliseconds == 900_000)
        #expect(request.fillMode.known == .partial)
        #expect(text(request.region) == "EU")
        #expect(text(request.clientReference) == "PO-1")
    }

    @Test func readsTheReserveResponse() throws {
        let bytes = try Golden.bytes("confirm_response")
        var lines = FixedList<LineResult>(capacity: 3)
        var allocations = FixedList<Allocation>(capacity: 3)
        let reply = try ConfirmResponse.decode(
            bytes.span, lines: &lines, allocations: &allocations)
        #expect(reply.hasReservation)
        #expect(reply.reservation.state.known == .confirmed)
        #expect(reply.reservation.createdMilliseconds == 1_790_000_000_000)
        #expect(reply.reservation.deadlineMilliseconds == 0)
        #expect(reply.reservation.lines == ListRange(0..<3))
        #expect(ClientID(bytes.span, at: reply.reservation.orderID)?.low == 0xf8f9_fafb_fcfd_feff)
        let short = lines[1]
        #expect(short.lineNumber == 2)
        #expect(short.granted == 4)
        #expect(short.backordered == 1)
        #expect(short.available == 4)
        #expect(short.reason.known == .insufficientStock)
        #expect(short.allocations == ListRange(1..<3))
        #expect(allocations[2].quantity == 3)
        #expect(lines[2].allocations.count == 0)
    }

    @Test func readsWhetherAnOptionalFieldIsThere() throws {
        let zero = try Golden.bytes("adjust_stock_request_version_0")
        #expect(try AdjustStockRequest.decode(zero.span).expectedVersion == 0)
        let without = Array(zero.dropLast(2))
        #expect(try AdjustStockRequest.decode(without.span).expectedVersion == nil)
    }
}
