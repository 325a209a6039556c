// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import StockadeAPI

/// A request that was encoded once, with the places of its id and its SKU's digits: a call patches
/// some 20 bytes and encodes nothing.
struct RequestTemplate: ~Copyable {
    private(set) var bytes = ByteWriter(capacity: 1_024)
    private var idOffset: Int?
    private var digitsOffset = 0

    /// Reserve of one unit of one SKU.
    static func reserve(brand: String) -> RequestTemplate {
        var template = RequestTemplate()
        var texts = MessageTexts()
        var lines = FixedList<Line>(capacity: 1)
        var request = ReserveRequest()
        request.reservationID = texts.add(ClientID(high: 1, low: 1))
        request.brand = texts.add(brand)
        request.dealer = texts.add(SkuCodes.dealer)
        lines.append(
            Line(
                sku: texts.add(SkuCodes.code(0)), warehouse: texts.add(SkuCodes.warehouse),
                quantity: 1, lineNumber: 0))
        request.lines = ListRange(0..<1)
        RequestTemplate.encode(request, texts, lines, into: &template.bytes)
        // Where the fields went is read back from the bytes themselves.
        var decoded = FixedList<Line>(capacity: 1)
        let places: ReserveRequest? = template.bytes.withBytes {
            try? ReserveRequest.decode($0, lines: &decoded)
        }
        guard let places, decoded.count == 1
        else { preconditionFailure("a template that we encoded can be decoded") }
        template.idOffset = Int(places.reservationID.start)
        template.digitsOffset = Int(decoded[0].sku.start) + 4
        return template
    }

    /// GetStock of one SKU.
    static func getStock(brand: String) -> RequestTemplate {
        var template = RequestTemplate()
        var texts = MessageTexts()
        var request = GetStockRequest()
        request.key = StockKey(
            brand: texts.add(brand), sku: texts.add(SkuCodes.code(0)),
            warehouse: texts.add(SkuCodes.warehouse))
        request.hasKey = true
        texts.encode(request, into: &template.bytes)
        let places: GetStockRequest? = template.bytes.withBytes { try? GetStockRequest.decode($0) }
        guard let places
        else { preconditionFailure("a template that we encoded can be decoded") }
        template.digitsOffset = Int(places.key.sku.start) + 4
        return template
    }

    /// Makes it a request for `sku` under `id`.
    mutating func patch(id: ClientID, sku: Int) {
        if let idOffset {
            for index in 0..<8 {
                let shift = UInt64(56 - 8 * index)
                bytes[idOffset + index] = UInt8(truncatingIfNeeded: id.high >> shift)
                bytes[idOffset + 8 + index] = UInt8(truncatingIfNeeded: id.low >> shift)
            }
        }
        var rest = sku
        for index in Swift.stride(from: SkuCodes.digitCount - 1, through: 0, by: -1) {
            bytes[digitsOffset + index] = 0x30 + UInt8(rest % 10)
            rest /= 10
        }
    }

    private static func encode(
        _ request: ReserveRequest, _ texts: borrowing MessageTexts,
        _ lines: borrowing FixedList<Line>, into bytes: inout ByteWriter
    ) {
        texts.bytes.withBytes { request.encode(into: &bytes, texts: $0, lines: lines) }
    }
}
