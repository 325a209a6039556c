// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import StockadeAPI
internal import Wire

/// Requests of many parts: each has its own SKU.
extension RequestTemplate {
    /// BatchReserve of so many reservations of one unit of one SKU, each under an id of its own.
    static func batchReserve(brand: String, items: Int) -> RequestTemplate {
        var template = RequestTemplate(ids: items, skus: items)
        var texts = MessageTexts(capacity: 1_024 + 16 * items)
        var requests = FixedList<ReserveRequest>(capacity: items)
        var lines = FixedList<Line>(capacity: items)
        var request = ReserveRequest()
        request.brand = texts.add(brand)
        request.dealer = texts.add(SkuCodes.dealer)
        let line = RequestTemplate.line(0, &texts)
        for item in 0..<items {
            request.reservationID = texts.add(ClientID(high: 1, low: 1))
            request.lines = ListRange(item..<item + 1)
            requests.append(request)
            lines.append(line)
        }
        var batch = BatchReserveRequest()
        batch.items = ListRange(0..<items)
        RequestTemplate.encode(batch, texts, requests, lines, into: &template.bytes)
        requests.removeAll()
        lines.removeAll()
        let places: BatchReserveRequest? = template.bytes.withBytes {
            try? BatchReserveRequest.decode($0, items: &requests, lines: &lines)
        }
        guard places != nil, requests.count == items, lines.count == items
        else { preconditionFailure("a template that we encoded can be decoded") }
        for item in 0..<items {
            template.addPlace(ofID: requests[item].reservationID)
            template.addPlace(ofSKU: lines[item].sku)
        }
        return template
    }

    /// CreateOrder of so many lines of one unit, out of what is available.
    static func createOrder(brand: String, lines count: Int) -> RequestTemplate {
        var template = RequestTemplate(ids: 1, skus: count)
        var texts = MessageTexts()
        var lines = FixedList<Line>(capacity: count)
        var request = CreateOrderRequest()
        request.orderID = texts.add(ClientID(high: 1, low: 1))
        request.brand = texts.add(brand)
        request.dealer = texts.add(SkuCodes.dealer)
        request.mode = OpenEnum(OrderMode.direct)
        let line = RequestTemplate.line(0, &texts)
        for index in 0..<count {
            var numbered = line
            numbered.lineNumber = UInt32(index + 1)
            lines.append(numbered)
        }
        request.lines = ListRange(0..<count)
        RequestTemplate.encode(request, texts, lines, into: &template.bytes)
        lines.removeAll()
        var ids = FixedList<ByteRange>(capacity: 1)
        let places: CreateOrderRequest? = template.bytes.withBytes {
            try? CreateOrderRequest.decode($0, lines: &lines, reservationIDs: &ids)
        }
        guard let places, lines.count == count
        else { preconditionFailure("a template that we encoded can be decoded") }
        template.addPlace(ofID: places.orderID)
        for index in 0..<count { template.addPlace(ofSKU: lines[index].sku) }
        return template
    }

    private static func line(_ number: UInt32, _ texts: inout MessageTexts) -> Line {
        Line(
            sku: texts.add(SkuCodes.code(0)), warehouse: texts.add(SkuCodes.warehouse), quantity: 1,
            lineNumber: number)
    }

    private static func encode(
        _ request: BatchReserveRequest, _ texts: borrowing MessageTexts,
        _ items: borrowing FixedList<ReserveRequest>, _ lines: borrowing FixedList<Line>,
        into bytes: inout ByteWriter
    ) {
        texts.bytes.withBytes {
            request.encode(into: &bytes, texts: $0, items: items, lines: lines)
        }
    }

    private static func encode(
        _ request: CreateOrderRequest, _ texts: borrowing MessageTexts,
        _ lines: borrowing FixedList<Line>, into bytes: inout ByteWriter
    ) {
        let none = FixedList<ByteRange>(capacity: 1)
        texts.bytes.withBytes {
            request.encode(into: &bytes, texts: $0, lines: lines, reservationIDs: none)
        }
    }
}
