// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import StockadeAPI

/// A request that was encoded once, with the places of its ids and of its SKUs' digits: a call patches
/// some 20 bytes for each and encodes nothing.
struct RequestTemplate: ~Copyable {
    var bytes: ByteWriter
    private var ids: FixedList<UInt32>
    private var digits: FixedList<UInt32>

    /// Room for a request of so many ids and SKUs.
    init(ids idCount: Int, skus: Int) {
        bytes = ByteWriter(capacity: 1_024 + RequestTemplate.partBytesMax * skus)
        ids = FixedList(capacity: max(1, idCount))
        digits = FixedList(capacity: skus)
    }

    /// What one more item or line adds at most: its codes, its id and what they are framed with.
    private static let partBytesMax = 256

    /// SKUs that a request names.
    var skuCount: Int { digits.count }
    /// Ids that it brings.
    var idCount: Int { ids.count }

    /// Reserve of one unit of one SKU.
    static func reserve(brand: String) -> RequestTemplate {
        var template = RequestTemplate(ids: 1, skus: 1)
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
        template.addPlace(ofID: places.reservationID)
        template.addPlace(ofSKU: decoded[0].sku)
        return template
    }

    /// GetStock of one SKU.
    static func getStock(brand: String) -> RequestTemplate {
        var template = RequestTemplate(ids: 0, skus: 1)
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
        template.addPlace(ofSKU: places.key.sku)
        return template
    }

    /// The next id lies there.
    mutating func addPlace(ofID range: ByteRange) { ids.append(range.start) }

    /// The next SKU's code lies there; its digits are the last of it.
    mutating func addPlace(ofSKU range: ByteRange) {
        digits.append(range.start + range.count - UInt32(SkuCodes.digitCount))
    }

    /// Gives the `place`th id.
    @inline(__always)
    mutating func patch(id: ClientID, at place: Int) {
        let offset = Int(ids[place])
        for index in 0..<8 {
            let shift = UInt64(56 - 8 * index)
            bytes[offset + index] = UInt8(truncatingIfNeeded: id.high >> shift)
            bytes[offset + 8 + index] = UInt8(truncatingIfNeeded: id.low >> shift)
        }
    }

    /// Gives the `place`th SKU.
    @inline(__always)
    mutating func patch(sku: Int, at place: Int) {
        let offset = Int(digits[place])
        var rest = sku
        for index in Swift.stride(from: SkuCodes.digitCount - 1, through: 0, by: -1) {
            bytes[offset + index] = 0x30 + UInt8(rest % 10)
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
