// SPDX-License-Identifier: Apache-2.0

import Primitives
import StockadeAPI
import Wire

/// InventoryService's second set of calls.
extension GoldenMessages {
    static let stockMessages: [String: [UInt8]] = {
        var texts = Texts()
        let brand = texts.add("acme")
        let sku = texts.add("WIDGET-1")
        let north = texts.add("north")
        let key = StockKey(brand: brand, sku: sku, warehouse: north)
        let stock = figures(of: key)
        var policy = StockPolicy()
        policy.safety = 5
        policy.backorderLimit = 6
        policy.lowWater = 7
        policy.highWater = 1_000_000_000_000
        policy.holdTTLMilliseconds = 60_000
        var made = ["stock_policy": encoded(policy, texts)]
        made["get_stock_response_policy"] = encoded(GetStockResponse(stock, policy), texts)
        made["set_stock_policy_response"] = encoded(SetStockPolicyResponse(stock, policy), texts)

        var set = SetStockPolicyRequest()
        set.requestID = texts.add(requestID)
        set.key = key
        set.hasKey = true
        set.safety = 5
        set.backorderLimit = 6
        set.lowWater = 7
        set.highWater = 1_000_000_000_000
        set.holdTTLMilliseconds = 60_000
        made["set_stock_policy_request"] = encoded(set, texts)

        var transfer = TransferStockRequest()
        transfer.requestID = set.requestID
        transfer.brand = brand
        transfer.sku = sku
        transfer.fromWarehouse = north
        transfer.toWarehouse = texts.add("south")
        transfer.quantity = 3
        made["transfer_stock_request"] = encoded(transfer, texts)
        var target = Stock(
            of: StockKey(brand: brand, sku: sku, warehouse: transfer.toWarehouse))
        target.onHand = 3
        target.available = 3
        target.version = 2
        made["transfer_stock_response"] = encoded(
            TransferStockResponse(from: stock, to: target), texts)
        return made.merging(listedStock) { _, _ in preconditionFailure() }
    }()

    private static let listedStock: [String: [UInt8]] = {
        var texts = Texts()
        let brand = texts.add("acme")
        let north = texts.add("north")
        let key = StockKey(brand: brand, sku: texts.add("WIDGET-1"), warehouse: north)
        var keys = FixedList<StockKey>(capacity: 2)
        keys.append(key)
        keys.append(StockKey(brand: .empty, sku: texts.add("WIDGET-2"), warehouse: north))
        var request = BatchGetStockRequest()
        request.brand = brand
        request.keys = ListRange(0..<2)
        var writer = ByteWriter(capacity: 1 << 10)
        request.encode(into: &writer, texts: texts.bytes.span, keys: keys)
        var made = ["batch_get_stock_request": writer.contents]

        var wrong = BatchGetStockResult()
        wrong.reason = OpenEnum(.invalidField)
        wrong.message = texts.add("keys[1].sku: must be printable ASCII")
        wrong.field = texts.add("keys[1].sku")
        made["batch_get_stock_result"] = encoded(wrong, texts)
        var right = BatchGetStockResult()
        right.stock = figures(of: key)
        right.hasStock = true
        var results = FixedList<BatchGetStockResult>(capacity: 2)
        results.append(right)
        results.append(wrong)
        var reply = BatchGetStockResponse()
        reply.results = ListRange(0..<2)
        writer.removeAll()
        reply.encode(into: &writer, texts: texts.bytes.span, results: results)
        made["batch_get_stock_response"] = writer.contents

        var list = ListMovementsRequest()
        list.key = key
        list.hasKey = true
        list.fromSequence = 300
        list.pageSize = 1_000
        list.pageToken = texts.add("token")
        made["list_movements_request"] = encoded(list, texts)
        var movement = Movement()
        movement.sequence = 300
        movement.atMilliseconds = 1_790_000_000_000
        movement.kind = OpenEnum(.confirm)
        movement.onHandChange = 1
        movement.heldChange = -2
        movement.allocatedChange = 2
        movement.reference = texts.add(reservationID)
        made["movement"] = encoded(movement, texts)
        var movements = FixedList<Movement>(capacity: 2)
        movements.append(movement)
        movement.sequence = 301
        movement.atMilliseconds += 1
        movement.kind = OpenEnum(.policy)
        movement.safetyChange = -3
        made["movement_policy"] = encoded(movement, texts)
        movement = Movement()
        movement.kind = OpenEnum(rawValue: 99)
        movements.append(movement)
        var page = ListMovementsResponse()
        page.movements = ListRange(0..<2)
        page.nextPageToken = texts.add("next")
        page.completeToSequence = 301
        writer.removeAll()
        page.encode(into: &writer, texts: texts.bytes.span, movements: movements)
        made["list_movements_response"] = writer.contents
        return made
    }()
}
