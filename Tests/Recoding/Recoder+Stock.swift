// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import StockadeAPI
internal import Wire

/// InventoryService's messages with lists.
extension Recoder {
    static func batchGetStockRequest(_ bytes: [UInt8]) throws(WireError) -> [UInt8] {
        var keys: FixedList<StockKey> = list(for: bytes)
        let request = try BatchGetStockRequest.decode(bytes.span, keys: &keys)
        var writer = writer(for: bytes)
        request.encode(into: &writer, texts: bytes.span, keys: keys)
        return writer.contents
    }

    static func batchGetStockResponse(_ bytes: [UInt8]) throws(WireError) -> [UInt8] {
        var results: FixedList<BatchGetStockResult> = list(for: bytes)
        let reply = try BatchGetStockResponse.decode(bytes.span, results: &results)
        var writer = writer(for: bytes)
        reply.encode(into: &writer, texts: bytes.span, results: results)
        return writer.contents
    }

    static func listMovementsResponse(_ bytes: [UInt8]) throws(WireError) -> [UInt8] {
        var movements: FixedList<Movement> = list(for: bytes)
        let reply = try ListMovementsResponse.decode(bytes.span, movements: &movements)
        var writer = writer(for: bytes)
        reply.encode(into: &writer, texts: bytes.span, movements: movements)
        return writer.contents
    }
}
