// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives
internal import ReservationCore
internal import StockadeAPI
internal import Transport
internal import Wire

/// InventoryService.
extension StockadeService {
    mutating func getStock(
        _ head: CallHead, _ message: Span<UInt8>, _ time: DecisionTime, on port: inout LoopPort
    ) throws(WireError) {
        let request = try GetStockRequest.decode(message)
        if refuseStressTag(head, on: &port) { return }
        let codes: StockCodes
        do {
            codes = try Form.key(request.key, isPresent: request.hasKey, in: message)
        } catch { return refuse(head, error, on: &port) }
        switch core.readStock(codes, texts: message, in: &context) {
        case .refused(let refused): refuse(head, refused, in: message, on: &port)
        case .done, .replay:
            scratch.encode(
                GetStockResponse(
                    stock(context.stock, codes, in: message), policy(context.stock)))
            reply(head, isReplay: false, on: &port)
        }
    }

    mutating func setStock(
        _ head: CallHead, _ message: Span<UInt8>, _ time: DecisionTime, on port: inout LoopPort
    ) throws(WireError) {
        let request = try SetStockRequest.decode(message)
        if refuseStressTag(head, on: &port) { return }
        let command: SetStockCommand
        do {
            command = try form(of: request, in: message)
        } catch { return refuse(head, error, on: &port) }
        let verdict = core.setStock(command, texts: message, at: time, in: &context)
        if case .refused(let refused) = verdict {
            return refuse(head, refused, in: message, on: &port)
        }
        scratch.encode(
            SetStockResponse(
                stock(context.stock, command.codes, in: message),
                context.stock.wasApplied ? .applied : .stale))
        reply(head, isReplay: verdict == .replay, on: &port)
    }

    mutating func adjustStock(
        _ head: CallHead, _ message: Span<UInt8>, _ time: DecisionTime, on port: inout LoopPort
    ) throws(WireError) {
        let request = try AdjustStockRequest.decode(message)
        if refuseStressTag(head, on: &port) { return }
        let command: AdjustStockCommand
        do {
            command = try form(of: request, in: message)
        } catch { return refuse(head, error, on: &port) }
        let verdict = core.adjustStock(command, texts: message, at: time, in: &context)
        if case .refused(let refused) = verdict {
            return refuse(head, refused, about: .adjustment, in: message, on: &port)
        }
        scratch.encode(StockReply(stock(context.stock, command.codes, in: message)))
        reply(head, isReplay: verdict == .replay, on: &port)
    }

    private mutating func form(
        of request: SetStockRequest, in message: Span<UInt8>
    ) throws(FormFault) -> SetStockCommand {
        let id = try Form.id(request.requestID, "request_id", in: message)
        let codes = try Form.key(request.key, isPresent: request.hasKey, in: message)
        try Form.figure(request.onHand, "on_hand")
        try Form.text(request.source, "source", in: message)
        guard request.appliedShipment == 0 else {
            throw FormFault("applied_shipment", "must be 0: nothing has been shipped yet")
        }
        return SetStockCommand(
            request: id, codes: codes, onHand: request.onHand,
            sourceVersion: request.sourceVersion,
            fingerprint: fingerprint.of(request, in: message))
    }

    private mutating func form(
        of request: AdjustStockRequest, in message: Span<UInt8>
    ) throws(FormFault) -> AdjustStockCommand {
        let id = try Form.id(request.requestID, "request_id", in: message)
        let codes = try Form.key(request.key, isPresent: request.hasKey, in: message)
        guard request.delta != 0, request.delta.magnitude <= UInt64(Form.quantityMax) else {
            throw FormFault(
                "delta", "must be -1000000000 to 1000000000 and not 0", reason: .qtyOutOfRange)
        }
        try Form.text(request.reason, "reason", in: message)
        guard request.expectedVersion != 0 else {
            throw FormFault("expected_version", "must be 1 or more, or absent")
        }
        return AdjustStockCommand(
            request: id, codes: codes, delta: request.delta,
            expectedVersion: request.expectedVersion,
            fingerprint: fingerprint.of(request, in: message))
    }
}
