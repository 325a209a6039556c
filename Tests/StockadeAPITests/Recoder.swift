// SPDX-License-Identifier: Apache-2.0

import Primitives
import StockadeAPI
import Wire

/// Decodes a message of one type and encodes it again.
struct Recoder: Sendable {
    /// One type's way there and back.
    typealias Recode = @Sendable ([UInt8]) throws(WireError) -> [UInt8]

    /// The type's name in the `.proto`, without the package.
    let name: String
    let recode: Recode

    init(_ name: String, _ recode: @escaping Recode) {
        self.name = name
        self.recode = recode
    }

    /// Every type.
    static let all: [Recoder] = [
        Recoder("StockKey", flat(StockKey.self)),
        Recoder("Stock", flat(Stock.self)),
        Recoder("Line", flat(Line.self)),
        Recoder("Allocation", flat(Allocation.self)),
        Recoder("GetStockRequest", flat(GetStockRequest.self)),
        Recoder("GetStockResponse", flat(GetStockResponse.self)),
        Recoder("SetStockRequest", flat(SetStockRequest.self)),
        Recoder("SetStockResponse", flat(SetStockResponse.self)),
        Recoder("AdjustStockRequest", flat(AdjustStockRequest.self)),
        Recoder("AdjustStockResponse", flat(AdjustStockResponse.self)),
        Recoder("ReleaseRequest", flat(ReleaseRequest.self)),
        Recoder("GetReservationRequest", flat(GetReservationRequest.self)),
        Recoder("HealthCheckRequest", flat(HealthCheckRequest.self)),
        Recoder("HealthCheckResponse", flat(HealthCheckResponse.self)),
        Recoder("StockPolicy", flat(StockPolicy.self)),
        Recoder("BatchGetStockResult", flat(BatchGetStockResult.self)),
        Recoder("SetStockPolicyRequest", flat(SetStockPolicyRequest.self)),
        Recoder("SetStockPolicyResponse", flat(SetStockPolicyResponse.self)),
        Recoder("TransferStockRequest", flat(TransferStockRequest.self)),
        Recoder("TransferStockResponse", flat(TransferStockResponse.self)),
        Recoder("ListMovementsRequest", flat(ListMovementsRequest.self)),
        Recoder("Movement", flat(Movement.self)),
        Recoder("ExtendRequest", flat(ExtendRequest.self)),
        Recoder("ListReservationsRequest", flat(ListReservationsRequest.self)),
        Recoder("ShipTo", flat(ShipTo.self)),
        Recoder("GetOrderRequest", flat(GetOrderRequest.self)),
        Recoder("GetOrderTimelineRequest", flat(GetOrderTimelineRequest.self)),
        Recoder("ListOrdersRequest", flat(ListOrdersRequest.self)),
        Recoder("OrderLine", flat(OrderLine.self)),
        Recoder("OrderEvent", flat(OrderEvent.self)),
        Recoder("BatchGetStockRequest", batchGetStockRequest),
        Recoder("BatchGetStockResponse", batchGetStockResponse),
        Recoder("ListMovementsResponse", listMovementsResponse),
        Recoder("BatchReserveRequest", batchReserveRequest),
        Recoder("BatchReserveResult", batchReserveResult),
        Recoder("BatchReserveResponse", batchReserveResponse),
        Recoder("ExtendResponse", reply),
        Recoder("ListReservationsResponse", listReservationsResponse),
        Recoder("Order", order),
        Recoder("CreateOrderRequest", createOrderRequest),
        Recoder("CreateOrderResponse", orderReply),
        Recoder("GetOrderResponse", orderReply),
        Recoder("CancelOrderRequest", cancelOrderRequest),
        Recoder("CancelOrderResponse", orderReply),
        Recoder("ListOrdersResponse", listOrdersResponse),
        Recoder("GetOrderTimelineResponse", timeline),
        Recoder("LineResult", lineResult),
        Recoder("Reservation", reservation),
        Recoder("ReserveRequest", reserve),
        Recoder("ConfirmRequest", confirm),
        Recoder("ReserveResponse", reply),
        Recoder("ConfirmResponse", reply),
        Recoder("ReleaseResponse", reply),
        Recoder("GetReservationResponse", reply),
    ]

    /// The type of a golden message: "reserve_request_full" is a ReserveRequest.
    static func ofGolden(_ name: String) -> Recoder? {
        let flattened = name.replacing("_", with: "")
        return all.filter { flattened.hasPrefix($0.name.lowercased()) }
            .max { $0.name.count < $1.name.count }
    }

    private static func flat<Message: FlatMessage>(_: Message.Type) -> Recode {
        { (bytes: [UInt8]) throws(WireError) -> [UInt8] in
            let message = try Message.decode(bytes.span)
            return written { message.encode(into: &$0, texts: bytes.span) }
        }
    }

    private static func reserve(_ bytes: [UInt8]) throws(WireError) -> [UInt8] {
        var lines = FixedList<Line>(capacity: bytes.count + 1)
        let request = try ReserveRequest.decode(bytes.span, lines: &lines)
        var writer = ByteWriter(capacity: 1 << 20)
        request.encode(into: &writer, texts: bytes.span, lines: lines)
        return writer.withBytes { bytes in bytes.indices.map { bytes[$0] } }
    }

    private static func confirm(_ bytes: [UInt8]) throws(WireError) -> [UInt8] {
        var lines = FixedList<Line>(capacity: bytes.count + 1)
        let request = try ConfirmRequest.decode(bytes.span, lines: &lines)
        var writer = ByteWriter(capacity: 1 << 20)
        request.encode(into: &writer, texts: bytes.span, lines: lines)
        return writer.withBytes { bytes in bytes.indices.map { bytes[$0] } }
    }

    private static func reply(_ bytes: [UInt8]) throws(WireError) -> [UInt8] {
        var lines = FixedList<LineResult>(capacity: bytes.count + 1)
        var allocations = FixedList<Allocation>(capacity: bytes.count + 1)
        let reply = try ReservationReply.decode(
            bytes.span, lines: &lines, allocations: &allocations)
        var writer = ByteWriter(capacity: 1 << 20)
        reply.encode(
            into: &writer, texts: bytes.span, lines: lines, allocations: allocations)
        return writer.withBytes { bytes in bytes.indices.map { bytes[$0] } }
    }

    private static func reservation(_ bytes: [UInt8]) throws(WireError) -> [UInt8] {
        var lines = FixedList<LineResult>(capacity: bytes.count + 1)
        var allocations = FixedList<Allocation>(capacity: bytes.count + 1)
        var reservation = Reservation()
        try reservation.merge(
            bytes.span, within: ByteRange(start: 0, count: UInt32(bytes.count)), lines: &lines,
            allocations: &allocations)
        var writer = ByteWriter(capacity: 1 << 20)
        reservation.encode(
            into: &writer, texts: bytes.span, lines: lines, allocations: allocations)
        return writer.withBytes { bytes in bytes.indices.map { bytes[$0] } }
    }

    private static func lineResult(_ bytes: [UInt8]) throws(WireError) -> [UInt8] {
        var allocations = FixedList<Allocation>(capacity: bytes.count + 1)
        var line = LineResult()
        try line.merge(
            bytes.span, within: ByteRange(start: 0, count: UInt32(bytes.count)),
            allocations: &allocations)
        var writer = ByteWriter(capacity: 1 << 20)
        line.encode(into: &writer, texts: bytes.span, allocations: allocations)
        return writer.withBytes { bytes in bytes.indices.map { bytes[$0] } }
    }

    static func writer(for bytes: [UInt8]) -> ByteWriter {
        ByteWriter(capacity: 1_024 + 2 * bytes.count)
    }

    static func list<Element>(for bytes: [UInt8]) -> FixedList<Element> {
        FixedList(capacity: bytes.count + 1)
    }

    static func whole(_ bytes: [UInt8]) -> ByteRange {
        ByteRange(start: 0, count: UInt32(bytes.count))
    }
}

extension ByteWriter {
    /// What was written; the test's own room must have sufficed.
    var contents: [UInt8] {
        borrowing get {
            precondition(!overflowed)
            return withBytes { bytes in bytes.indices.map { bytes[$0] } }
        }
    }
}
