// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import StockadeAPI
internal import Transport
internal import Wire

/// grpc.health.v1: a stress tag doesn't matter here, nothing is touched.
extension StockadeService {
    mutating func checkHealth(
        _ head: CallHead, _ message: Span<UInt8>, on port: inout LoopPort
    ) throws(WireError) {
        let request = try HealthCheckRequest.decode(message)
        guard isServed(message.extracting(request.service.indices)) else {
            refusal.write(textOnly: "no such service")
            return port.refuse(
                head.id, status: .notFound, text: refusal.text, details: refusal.details,
                trailers: ReplyTrailers(), after: 0)
        }
        scratch.encode(HealthCheckResponse(port.isDraining ? .notServing : .serving))
        port.reply(head.id, message: scratch.reply, trailers: ReplyTrailers(), after: 0)
    }

    private func isServed(_ service: Span<UInt8>) -> Bool {
        service.isEmpty || reads(service, "stockade.v1.InventoryService")
            || reads(service, "stockade.v1.ReservationService")
            || reads(service, "stockade.v1.OrderService")
    }

    private func reads(_ bytes: Span<UInt8>, _ text: StaticString) -> Bool {
        guard bytes.count == text.utf8CodeUnitCount else { return false }
        for index in 0..<bytes.count {
            // SAFETY: index is below the literal's length.
            guard unsafe bytes[index] == text.utf8Start[index] else { return false }
        }
        return true
    }
}
