// SPDX-License-Identifier: Apache-2.0

import Primitives
import StockadeAPI
import Wire

/// The same messages as in Protocols/golden/make_golden.py, written by our own codec.
enum GoldenMessages {
    /// Every message by its name.
    static let all: [String: [UInt8]] = [
        flat, withLists, stockMessages, batchMessages, orderMessages,
    ].reduce(into: [:]) { $0.merge($1) { _, _ in preconditionFailure() } }

    static let reservationID = (1...16).map { UInt8($0) }
    static let orderID = (0xf0...0xff).map { UInt8($0) }
    static let requestID = Array(repeating: UInt8(0xa5), count: 16)

    static func encoded(
        _ message: some FlatMessage, _ texts: Texts
    ) -> [UInt8] {
        written { message.encode(into: &$0, texts: texts.bytes.span) }
    }

    private static let flat: [String: [UInt8]] = {
        var texts = Texts()
        let brand = texts.add("acme")
        let key = StockKey(brand: brand, sku: texts.add("WIDGET-1"), warehouse: texts.add("north"))
        var made: [String: [UInt8]] = ["stock_key": encoded(key, texts)]
        let foreign = StockKey(
            brand: texts.add("品牌"), sku: texts.add("Größe 😀"), warehouse: texts.add("é"))
        made["stock_key_utf8"] = encoded(foreign, texts)

        let stock = figures(of: key)
        made["stock"] = encoded(stock, texts)
        var extremes = Stock()
        extremes.onHand = .max
        extremes.held = .min
        extremes.available = -1
        extremes.version = .max
        extremes.sourceVersion = 1 << 63
        extremes.updatedMilliseconds = -1
        made["stock_extremes"] = encoded(extremes, texts)
        made["stock_empty_key"] = encoded(Stock(of: StockKey()), texts)
        let line = Line(
            sku: key.sku, warehouse: key.warehouse, quantity: 1_000_000_000, lineNumber: .max)
        made["line"] = encoded(line, texts)
        made["allocation"] = encoded(Allocation(warehouse: key.warehouse, quantity: 3), texts)

        var get = GetStockRequest()
        get.key = key
        get.hasKey = true
        made["get_stock_request"] = encoded(get, texts)
        made["get_stock_response"] = encoded(GetStockResponse(stock), texts)
        var set = SetStockRequest()
        set.requestID = texts.add(requestID)
        set.key = key
        set.hasKey = true
        set.onHand = 1_000_000_000_000
        set.source = texts.add("wms")
        set.sourceVersion = 7
        set.appliedShipment = 9
        made["set_stock_request"] = encoded(set, texts)
        made["set_stock_response"] = encoded(SetStockResponse(stock, .stale), texts)
        var adjust = AdjustStockRequest()
        adjust.requestID = set.requestID
        adjust.expectedVersion = 0
        made["adjust_stock_request_version_0"] = encoded(adjust, texts)
        adjust.key = key
        adjust.hasKey = true
        adjust.delta = -5
        adjust.reason = texts.add("damage")
        adjust.expectedVersion = 41
        made["adjust_stock_request"] = encoded(adjust, texts)
        made["adjust_stock_response"] = encoded(AdjustStockResponse(stock), texts)

        var release = ReleaseRequest()
        release.reservationID = texts.add(reservationID)
        release.brand = brand
        release.cause = texts.add("basket-emptied")
        made["release_request"] = encoded(release, texts)
        var read = GetReservationRequest()
        read.reservationID = release.reservationID
        read.brand = brand
        made["get_reservation_request"] = encoded(read, texts)
        var check = HealthCheckRequest()
        check.service = texts.add("stockade.v1.ReservationService")
        made["health_check_request"] = encoded(check, texts)
        made["health_check_response"] = encoded(HealthCheckResponse(.notServing), texts)
        made["status_sold_out"] = soldOut()
        return made
    }()

    static func figures(of key: StockKey) -> Stock {
        var stock = Stock(of: key)
        stock.onHand = 1000
        stock.held = 127
        stock.allocated = 128
        stock.safety = 1
        stock.available = 744
        stock.backorderLimit = 16_383
        stock.deficit = 16_384
        stock.version = 1
        stock.sourceVersion = 300
        stock.updatedMilliseconds = 1_790_000_000_000
        return stock
    }

    private static func soldOut() -> [UInt8] {
        written { writer in
            let text = "sold out: 0 of 5 available".bytes
            let details = ErrorDetails(.insufficientStock, text: text.span, into: &writer)
            details.add(.available, 0, into: &writer)
            details.add(.line, 1, into: &writer)
            details.add(.requested, 5, into: &writer)
            details.add(.sku, "WIDGET-1".bytes.span, into: &writer)
            details.add(.warehouse, "north", into: &writer)
            details.finish(into: &writer)
        }
    }

    private static let withLists: [String: [UInt8]] = requests.merging(replies) { _, _ in
        preconditionFailure()
    }

    private static let requests: [String: [UInt8]] = {
        var texts = Texts()
        var lines = FixedList<Line>(capacity: 500)
        var reserve = ReserveRequest()
        reserve.reservationID = texts.add(reservationID)
        reserve.brand = texts.add("acme")
        reserve.dealer = texts.add("dealer-7")
        let north = texts.add("north")
        let first = texts.add("WIDGET-1")
        lines.append(Line(sku: first, warehouse: north, quantity: 1, lineNumber: 0))
        reserve.lines = ListRange(0..<1)
        var made = ["reserve_request": encoded(reserve, texts, lines)]

        lines.removeAll()
        lines.append(Line(sku: first, warehouse: north, quantity: 1, lineNumber: 1))
        lines.append(
            Line(
                sku: texts.add("WIDGET-2"), warehouse: texts.add("south"), quantity: 300,
                lineNumber: 2))
        var full = reserve
        full.lines = ListRange(0..<2)
        full.ttlMilliseconds = 900_000
        full.fillMode = OpenEnum(.partial)
        full.region = texts.add("EU")
        full.clientReference = texts.add("PO-1")
        made["reserve_request_full"] = encoded(full, texts, lines)

        lines.removeAll()
        for number in 1...500 {
            let sku = texts.add("SKU-\(number)")
            lines.append(
                Line(sku: sku, warehouse: north, quantity: Int64(number), lineNumber: 0))
        }
        reserve.lines = ListRange(0..<500)
        made["reserve_request_500_lines"] = encoded(reserve, texts, lines)

        lines.removeAll()
        for number in 1...2 {
            lines.append(
                Line(
                    sku: .empty, warehouse: .empty, quantity: Int64(number),
                    lineNumber: UInt32(number)))
        }
        var confirm = ConfirmRequest()
        confirm.reservationID = reserve.reservationID
        confirm.brand = reserve.brand
        confirm.orderID = texts.add(orderID)
        confirm.lines = ListRange(0..<2)
        made["confirm_request"] = written {
            confirm.encode(into: &$0, texts: texts.bytes.span, lines: lines)
        }
        return made
    }()

    private static func encoded(
        _ request: ReserveRequest, _ texts: Texts, _ lines: borrowing FixedList<Line>
    ) -> [UInt8] {
        var writer = ByteWriter(capacity: 1 << 16)
        request.encode(into: &writer, texts: texts.bytes.span, lines: lines)
        return writer.withBytes { bytes in bytes.indices.map { bytes[$0] } }
    }

    private static let replies: [String: [UInt8]] = {
        var texts = Texts()
        var lists = ReplyLists()
        var held = Reservation()
        held.reservationID = texts.add(reservationID)
        held.brand = texts.add("acme")
        held.dealer = texts.add("dealer-7")
        held.state = OpenEnum(.held)
        held.createdMilliseconds = 1_790_000_000_000
        held.deadlineMilliseconds = 1_790_000_900_000
        let north = texts.add("north")
        lists.add(line: 1, granted: 1, at: [Allocation(warehouse: north, quantity: 1)])
        held.lines = ListRange(0..<1)
        let reply = lists.encoded(ReserveResponse(held), texts)
        // A message with only its field 1 of less than 128 bytes: one tag and one byte of length.
        var made = ["reserve_response": reply, "reservation": Array(reply.dropFirst(2))]

        lists.add(
            line: 2, granted: 4,
            at: [
                Allocation(warehouse: north, quantity: 1),
                Allocation(warehouse: texts.add("south"), quantity: 3),
            ])
        lists.lines[1].backordered = 1
        lists.lines[1].available = 4
        lists.lines[1].reason = OpenEnum(.insufficientStock)
        lists.add(line: 3, granted: 0, at: [])
        lists.lines[2].reason = OpenEnum(.insufficientStock)
        var confirmed = held
        confirmed.dealer = texts.add("dealer-of-the-northern-region")
        confirmed.state = OpenEnum(.confirmed)
        confirmed.deadlineMilliseconds = 0
        confirmed.lines = ListRange(0..<3)
        confirmed.orderID = texts.add(orderID)
        made["confirm_response"] = lists.encoded(ConfirmResponse(confirmed), texts)
        made["line_result"] = lists.encodedLine(1, texts)

        lists = ReplyLists()
        lists.add(line: 0, granted: 0, at: [])
        lists.lines[0].reason = OpenEnum(rawValue: -1)
        var unknown = Reservation()
        unknown.reservationID = held.reservationID
        unknown.state = OpenEnum(rawValue: 99)
        unknown.lines = ListRange(0..<1)
        made["release_response"] = lists.encoded(ReleaseResponse(unknown), texts)

        lists = ReplyLists()
        let hall = texts.add("north-warehouse-hall-2")
        for number in 1...500 {
            lists.add(
                line: UInt32(number), granted: Int64(number),
                at: [Allocation(warehouse: hall, quantity: Int64(number))])
        }
        var expired = held
        expired.state = OpenEnum(.expired)
        expired.createdMilliseconds = 0
        expired.deadlineMilliseconds = 0
        expired.lines = ListRange(0..<500)
        made["get_reservation_response_500_lines"] = lists.encoded(
            GetReservationResponse(expired), texts)
        return made
    }()
}
