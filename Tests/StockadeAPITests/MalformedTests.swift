// SPDX-License-Identifier: Apache-2.0

import Recoding
import StockadeAPI
import Testing
import Wire

/// Bytes that a peer shouldn't have sent: refused or read, never worse.
@Suite struct MalformedTests {
    @Test(arguments: [
        "stock", "reserve_request_full", "confirm_response", "set_stock_request",
        "health_check_request", "batch_get_stock_response", "batch_reserve_request",
        "batch_reserve_response", "list_reservations_response", "create_order_request_full",
        "list_orders_response", "cancel_order_request", "get_order_timeline_response",
        "list_movements_response", "transfer_stock_response",
    ])
    func everyTruncationIsRefusedOrWhole(name: String) throws {
        let golden = try Golden.bytes(name)
        let type = try #require(Recoder.ofGolden(name))
        for length in 0..<golden.count {
            let cut = Array(golden[0..<length])
            do throws(WireError) {
                // Between two fields a message may end; then nothing of what came before is lost.
                #expect(try type.recode(cut) == cut)
            } catch {
                #expect(error.code == .truncated)
                #expect(error.byteOffset <= length)
            }
        }
    }

    @Test func textOfEveryStringFieldIsUTF8() {
        for (tag, recode) in [
            (0x0a, "StockKey"), (0x12, "StockKey"), (0x1a, "StockKey"), (0x0a, "Line"),
            (0x12, "Line"), (0x0a, "Allocation"), (0x22, "SetStockRequest"),
            (0x22, "AdjustStockRequest"), (0x12, "ReserveRequest"), (0x1a, "ReserveRequest"),
            (0x3a, "ReserveRequest"), (0x42, "ReserveRequest"), (0x12, "ConfirmRequest"),
            (0x12, "ReleaseRequest"), (0x1a, "ReleaseRequest"), (0x12, "GetReservationRequest"),
            (0x12, "Reservation"), (0x1a, "Reservation"), (0x0a, "HealthCheckRequest"),
            (0x0a, "BatchGetStockRequest"), (0x1a, "BatchGetStockResult"),
            (0x22, "BatchGetStockResult"), (0x12, "TransferStockRequest"),
            (0x1a, "TransferStockRequest"), (0x22, "TransferStockRequest"),
            (0x2a, "TransferStockRequest"), (0x22, "ListMovementsRequest"),
            (0x12, "ListMovementsResponse"), (0x22, "BatchReserveResult"),
            (0x2a, "BatchReserveResult"), (0x1a, "ExtendRequest"),
            (0x0a, "ListReservationsRequest"), (0x1a, "ListReservationsRequest"),
            (0x22, "ListReservationsRequest"), (0x3a, "ListReservationsRequest"),
            (0x12, "ListReservationsResponse"), (0x12, "Order"), (0x1a, "Order"),
            (0x12, "OrderLine"), (0x1a, "OrderLine"), (0x12, "CreateOrderRequest"),
            (0x1a, "CreateOrderRequest"), (0x22, "CreateOrderRequest"),
            (0x2a, "CreateOrderRequest"), (0x0a, "ShipTo"), (0x12, "ShipTo"), (0x1a, "ShipTo"),
            (0x22, "ShipTo"), (0x12, "GetOrderRequest"), (0x12, "GetOrderTimelineRequest"),
            (0x0a, "ListOrdersRequest"), (0x1a, "ListOrdersRequest"),
            (0x3a, "ListOrdersRequest"), (0x12, "ListOrdersResponse"),
            (0x1a, "CancelOrderRequest"),
        ] as [(UInt8, String)] {
            let bytes: [UInt8] = [tag, 2, 0x61, 0xff]
            let type = Recoder.all.first { $0.shortName == recode }
            #expect(throws: WireError(.invalidUTF8, at: 3)) { try type?.recode(bytes) }
        }
    }

    @Test(arguments: Seeds.forThisRun())
    func randomBytesNeverDoHarm(seed: UInt64) throws {
        print("replay: SIM_SEED=\(seed) swift test --filter randomBytesNeverDoHarm")
        var random = SeededGenerator(seed: seed)
        var messages = try Golden.names().sorted().map { try Golden.bytes($0) }
        messages = messages.filter { $0.count < 1_000 }
        for _ in 0..<20_000 {
            let bytes = mutated(&random, messages)
            let type = Recoder.all.randomElement(using: &random)!
            do throws(WireError) {
                // What was read has one canonical form, and reads as itself.
                let once = try type.recode(bytes)
                let twice = try type.recode(once)
                #expect(once == twice, "SIM_SEED=\(seed) \(type.name) \(bytes)")
            } catch {
                #expect(error.byteOffset <= bytes.count, "SIM_SEED=\(seed) \(type.name) \(bytes)")
            }
        }
    }

    /// Pure noise, or a good message with some bytes changed, cut out or put in.
    private func mutated(_ random: inout SeededGenerator, _ messages: [[UInt8]]) -> [UInt8] {
        if Int.random(in: 0..<4, using: &random) == 0 {
            let count = Int.random(in: 0..<64, using: &random)
            return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        }
        var bytes = messages.randomElement(using: &random)!
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(UInt8.random(in: .min ... .max, using: &random), at: place)
            default: bytes.removeLast(bytes.count - place)
            }
        }
        return bytes
    }
}
