// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import StockadeAPI
internal import Wire

/// Writes a dealer's requests. The texts of a message lie in one buffer at fixed places: a call writes its
/// ids and digits over those of the call before, and encodes.
struct RequestWriter: ~Copyable {
    private(set) var message: ByteWriter
    private var texts: ByteWriter
    private var lines: FixedList<Line>
    private let brand: ByteRange
    private let warehouse: ByteRange
    private let reservationID: ByteRange
    private let orderID: ByteRange
    private let requestID: ByteRange
    /// An order at once is made of none.
    private let reservationIDs: FixedList<ByteRange>
    private let skus: [ByteRange]
    private let dealerStart: Int
    private let tiers: [[UInt8]]

    private static let dealerDigits = 8

    init(brand: String, tiers: [[UInt8]], linesMax: Int) {
        texts = ByteWriter(capacity: 256 + 32 * linesMax)
        message = ByteWriter(capacity: 512 + 64 * linesMax)
        lines = FixedList(capacity: linesMax)
        self.tiers = tiers
        self.brand = RequestWriter.add(Array(brand.utf8), to: &texts)
        warehouse = RequestWriter.add(Array(SkuCodes.warehouse.utf8), to: &texts)
        let none = [UInt8](repeating: 0, count: ClientID.byteCount)
        reservationID = RequestWriter.add(none, to: &texts)
        orderID = RequestWriter.add(none, to: &texts)
        requestID = RequestWriter.add(none, to: &texts)
        reservationIDs = FixedList(capacity: 1)
        var places: [ByteRange] = []
        for _ in 0..<linesMax {
            places.append(RequestWriter.add(Array(SkuCodes.code(0).utf8), to: &texts))
        }
        skus = places
        dealerStart = texts.count
    }

    private static func add(_ bytes: [UInt8], to texts: inout ByteWriter) -> ByteRange {
        let start = texts.count
        for byte in bytes { texts.append(byte) }
        return ByteRange(start: UInt32(start), count: UInt32(bytes.count))
    }

    /// GetStock of the first line's SKU.
    mutating func getStock(_ lineRows: borrowing FixedTable<LineRow>, from first: Int) {
        put(lineRows[first].sku, at: 0)
        var request = GetStockRequest()
        request.key = StockKey(brand: brand, sku: skus[0], warehouse: warehouse)
        request.hasKey = true
        message.removeAll()
        RequestWriter.encode(request, texts, into: &message)
    }

    /// Reserve of all lines.
    mutating func reserve(
        _ row: JourneyRow, _ id: ClientID, _ lineRows: borrowing FixedTable<LineRow>,
        from first: Int
    ) {
        put(id, at: reservationID)
        putLines(row, lineRows, from: first)
        var request = ReserveRequest()
        request.reservationID = reservationID
        request.brand = brand
        request.dealer = putDealer(row)
        request.lines = ListRange(0..<lines.count)
        request.ttlMilliseconds = row.timeToLive
        if row.isPartial { request.fillMode = OpenEnum(.partial) }
        message.removeAll()
        RequestWriter.encode(request, texts, lines, into: &message)
    }

    /// Confirm of everything that was granted.
    mutating func confirm(_ id: ClientID, into order: ClientID) {
        put(id, at: reservationID)
        put(order, at: orderID)
        var request = ConfirmRequest()
        request.reservationID = reservationID
        request.brand = brand
        request.orderID = orderID
        lines.removeAll()
        message.removeAll()
        RequestWriter.encode(request, texts, lines, into: &message)
    }

    /// Release.
    mutating func release(_ id: ClientID) {
        put(id, at: reservationID)
        var request = ReleaseRequest()
        request.reservationID = reservationID
        request.brand = brand
        message.removeAll()
        RequestWriter.encode(request, texts, into: &message)
    }

    /// CreateOrder of all lines, at once.
    mutating func createOrder(
        _ row: JourneyRow, _ id: ClientID, _ lineRows: borrowing FixedTable<LineRow>,
        from first: Int
    ) {
        put(id, at: orderID)
        putLines(row, lineRows, from: first)
        var request = CreateOrderRequest()
        request.orderID = orderID
        request.brand = brand
        request.dealer = putDealer(row)
        request.lines = ListRange(0..<lines.count)
        request.mode = OpenEnum(.direct)
        if row.isPartial { request.fillMode = OpenEnum(.partial) }
        message.removeAll()
        RequestWriter.encode(request, texts, lines, reservationIDs, into: &message)
    }

    /// CancelOrder: without lines all that is left, else a part of each line.
    mutating func cancelOrder(
        _ row: JourneyRow, _ id: ClientID, request key: ClientID,
        _ lineRows: borrowing FixedTable<LineRow>, from first: Int
    ) {
        put(id, at: orderID)
        put(key, at: requestID)
        lines.removeAll()
        if row.cancelPart > 0 {
            for index in 0..<Int(row.lineCount) {
                let units = lineRows[first + index].cancelled(part: row.cancelPart)
                guard units > 0 else { continue }
                var line = Line()
                line.quantity = Int64(units)
                line.lineNumber = UInt32(index + 1)
                lines.append(line)
            }
        }
        var request = CancelOrderRequest()
        request.requestID = requestID
        request.orderID = orderID
        request.brand = brand
        request.lines = ListRange(0..<lines.count)
        request.cause = OpenEnum(.dealer)
        message.removeAll()
        RequestWriter.encode(request, texts, lines, into: &message)
    }

    private mutating func putLines(
        _ row: JourneyRow, _ lineRows: borrowing FixedTable<LineRow>, from first: Int
    ) {
        lines.removeAll()
        for index in 0..<Int(row.lineCount) {
            let line = lineRows[first + index]
            put(line.sku, at: index)
            lines.append(
                Line(
                    sku: skus[index], warehouse: row.leavesWarehouse ? .empty : warehouse,
                    quantity: Int64(line.requested), lineNumber: 0))
        }
    }

    private mutating func put(_ id: ClientID, at range: ByteRange) {
        let start = Int(range.start)
        for index in 0..<8 {
            let shift = UInt64(56 - 8 * index)
            texts[start + index] = UInt8(truncatingIfNeeded: id.high >> shift)
            texts[start + 8 + index] = UInt8(truncatingIfNeeded: id.low >> shift)
        }
    }

    private mutating func put(_ sku: UInt32, at line: Int) {
        let end = Int(skus[line].start + skus[line].count)
        putDigits(sku, SkuCodes.digitCount, before: end)
    }

    private mutating func putDealer(_ row: JourneyRow) -> ByteRange {
        texts.truncate(to: dealerStart)
        let name = tiers[Int(row.tier)]
        for index in name.indices { texts.append(name[index]) }
        for _ in 0..<RequestWriter.dealerDigits { texts.append(0x30) }
        putDigits(row.dealer, RequestWriter.dealerDigits, before: texts.count)
        return ByteRange(
            start: UInt32(dealerStart), count: UInt32(texts.count - dealerStart))
    }

    private mutating func putDigits(_ number: UInt32, _ count: Int, before end: Int) {
        var rest = number
        for index in 1...count {
            texts[end - index] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }

    private static func encode(
        _ request: some FlatMessage, _ texts: borrowing ByteWriter, into message: inout ByteWriter
    ) {
        texts.withBytes { request.encode(into: &message, texts: $0) }
    }

    private static func encode(
        _ request: ReserveRequest, _ texts: borrowing ByteWriter,
        _ lines: borrowing FixedList<Line>,
        into message: inout ByteWriter
    ) {
        texts.withBytes { request.encode(into: &message, texts: $0, lines: lines) }
    }

    private static func encode(
        _ request: ConfirmRequest, _ texts: borrowing ByteWriter,
        _ lines: borrowing FixedList<Line>,
        into message: inout ByteWriter
    ) {
        texts.withBytes { request.encode(into: &message, texts: $0, lines: lines) }
    }

    private static func encode(
        _ request: CreateOrderRequest, _ texts: borrowing ByteWriter,
        _ lines: borrowing FixedList<Line>, _ reservationIDs: borrowing FixedList<ByteRange>,
        into message: inout ByteWriter
    ) {
        texts.withBytes {
            request.encode(
                into: &message, texts: $0, lines: lines, reservationIDs: reservationIDs)
        }
    }

    private static func encode(
        _ request: CancelOrderRequest, _ texts: borrowing ByteWriter,
        _ lines: borrowing FixedList<Line>,
        into message: inout ByteWriter
    ) {
        texts.withBytes { request.encode(into: &message, texts: $0, lines: lines) }
    }
}
