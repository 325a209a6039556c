// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives
internal import ReservationCore
internal import StockadeAPI
internal import Transport
internal import Wire

/// InventoryService.SetStockPolicy and TransferStock.
extension StockadeService {
    mutating func setStockPolicy(
        _ head: CallHead, _ message: Span<UInt8>, _ time: DecisionTime, on port: inout LoopPort
    ) throws(WireError) {
        let request = try SetStockPolicyRequest.decode(message)
        if refuseStressTag(head, on: &port) { return }
        let command: SetStockPolicyCommand
        do {
            command = try form(of: request, in: message)
        } catch { return refuse(head, error, on: &port) }
        let verdict = core.setStockPolicy(command, texts: message, at: time, in: &context)
        if case .refused(let refused) = verdict {
            return refuse(head, refused, in: message, on: &port)
        }
        scratch.encode(
            SetStockPolicyResponse(
                stock(context.stock, command.codes, in: message), policy(context.stock)))
        reply(head, isReplay: verdict == .replay, on: &port)
    }

    mutating func transferStock(
        _ head: CallHead, _ message: Span<UInt8>, _ time: DecisionTime, on port: inout LoopPort
    ) throws(WireError) {
        let request = try TransferStockRequest.decode(message)
        if refuseStressTag(head, on: &port) { return }
        let command: TransferStockCommand
        do {
            command = try form(of: request, in: message)
        } catch { return refuse(head, error, on: &port) }
        let verdict = core.transferStock(command, texts: message, at: time, in: &context)
        if case .refused(let refused) = verdict {
            let account = RefusalText.NamedLine(
                number: 0, sku: request.sku,
                warehouse: refused.isOther ? request.toWarehouse : request.fromWarehouse)
            return refuse(
                head, refused, line: StockadeService.isAboutAnAccount(refused) ? account : nil,
                about: .transfer, in: message, on: &port)
        }
        var codes = StockCodes(
            brand: request.brand, sku: request.sku, warehouse: request.fromWarehouse)
        let source = stock(context.stock, codes, in: message)
        codes.warehouse = request.toWarehouse
        let target = stock(context.otherStock, codes, in: message)
        scratch.encode(TransferStockResponse(from: source, to: target))
        reply(head, isReplay: verdict == .replay, on: &port)
    }

    /// Whether naming the account explains the refusal: the sentence alone doesn't say which of the
    /// two is meant.
    private static func isAboutAnAccount(_ refused: Refusal) -> Bool {
        switch refused.reason {
        case .skuNotFound, .warehouseNotFound, .insufficientStock, .quantityOutOfRange: true
        default: false
        }
    }

    private mutating func form(
        of request: SetStockPolicyRequest, in message: Span<UInt8>
    ) throws(FormFault) -> SetStockPolicyCommand {
        let id = try Form.id(request.requestID, "request_id", in: message)
        let codes = try Form.key(request.key, isPresent: request.hasKey, in: message)
        try Form.figure(request.safety, "safety")
        try Form.figure(request.backorderLimit, "backorder_limit")
        try Form.figure(request.lowWater, "low_water")
        try Form.figure(request.highWater, "high_water")
        guard request.lowWater <= request.highWater
        else { throw FormFault("low_water", "must not be above high_water") }
        var policy = CoreStockPolicy()
        policy.safety = request.safety
        policy.backorderLimit = request.backorderLimit
        policy.lowWater = request.lowWater
        policy.highWater = request.highWater
        policy.holdTimeToLiveMilliseconds = try Form.timeToLive(
            request.holdTTLMilliseconds, "hold_ttl_ms")
        return SetStockPolicyCommand(
            request: id, codes: codes, policy: policy,
            fingerprint: fingerprint.of(request, in: message))
    }

    private mutating func form(
        of request: TransferStockRequest, in message: Span<UInt8>
    ) throws(FormFault) -> TransferStockCommand {
        let id = try Form.id(request.requestID, "request_id", in: message)
        try Form.code(request.brand, "brand", in: message)
        try Form.code(request.sku, "sku", in: message)
        try Form.code(request.fromWarehouse, "from_warehouse", in: message)
        try Form.code(request.toWarehouse, "to_warehouse", in: message)
        guard !Form.areEqual(request.fromWarehouse, request.toWarehouse, in: message)
        else { throw FormFault("to_warehouse", "must be another than from_warehouse") }
        try Form.quantity(request.quantity)
        return TransferStockCommand(
            request: id, brand: request.brand, sku: request.sku,
            fromWarehouse: request.fromWarehouse, toWarehouse: request.toWarehouse,
            quantity: request.quantity, fingerprint: fingerprint.of(request, in: message))
    }
}
