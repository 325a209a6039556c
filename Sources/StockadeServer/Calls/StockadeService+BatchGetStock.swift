// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives
internal import ReservationCore
internal import StockadeAPI
internal import Transport
internal import Wire

/// InventoryService.BatchGetStock: the same reads as GetStock, one for each key.
extension StockadeService {
    mutating func batchGetStock(
        _ head: CallHead, _ message: Span<UInt8>, _ time: DecisionTime, on port: inout LoopPort
    ) throws(WireError) {
        let request = try BatchGetStockRequest.decode(message, keys: &scratch.keys)
        if refuseStressTag(head, on: &port) { return }
        do {
            try checkForm(of: request, in: message)
        } catch { return refuse(head, error, on: &port) }
        var sequence: UInt64 = 0
        for index in 0..<scratch.keys.count {
            scratch.append(read(index, of: request.brand, in: message))
            sequence = max(sequence, context.sequence)
        }
        reply(head, isReplay: false, after: sequence, on: &port)
    }

    private mutating func checkForm(
        of request: BatchGetStockRequest, in message: Span<UInt8>
    ) throws(FormFault) {
        try Form.code(request.brand, "brand", in: message)
        guard !request.keysOverflow else {
            throw .tooLarge("keys", "must have at most 1000 entries", limit: "1000")
        }
        guard !scratch.keys.isEmpty
        else { throw FormFault("keys", "must have at least one entry") }
    }

    private mutating func read(
        _ index: Int, of brand: ByteRange, in message: Span<UInt8>
    ) -> BatchGetStockResult {
        let codes: StockCodes
        do {
            codes = try form(of: scratch.keys[index], brand: brand, in: message)
        } catch {
            refusal.write(error.inElement(index, of: "keys"), line: nil)
            return refused(error.reason)
        }
        if case .refused(let cause) = core.readStock(codes, texts: message, in: &context) {
            refusal.write(cause, line: nil, about: .reservation, in: message)
            return refused(Reason(cause.reason))
        }
        var result = BatchGetStockResult()
        result.stock = stock(context.stock, codes, in: message)
        result.hasStock = true
        return result
    }

    private mutating func form(
        of key: StockKey, brand: ByteRange, in message: Span<UInt8>
    ) throws(FormFault) -> StockCodes {
        guard key.brand.isEmpty || Form.areEqual(key.brand, brand, in: message)
        else { throw FormFault("brand", "must be empty, or the request's brand") }
        try Form.code(key.sku, "sku", in: message)
        try Form.code(key.warehouse, "warehouse", in: message)
        return StockCodes(brand: brand, sku: key.sku, warehouse: key.warehouse)
    }

    /// The refusal that was written, as a key's result.
    private mutating func refused(_ reason: Reason) -> BatchGetStockResult {
        var result = BatchGetStockResult()
        result.reason = OpenEnum(reason)
        result.message = scratch.text(refusal.text)
        result.field = scratch.text(refusal.path)
        return result
    }
}
