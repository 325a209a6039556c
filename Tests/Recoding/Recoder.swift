// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import StockadeAPI
public import Wire

/// Decodes a message of one type and encodes it again: for the codec's tests here and those in other
/// languages.
public struct Recoder: Sendable {
    /// One type's way there and back.
    public typealias Recode = @Sendable ([UInt8]) throws(WireError) -> [UInt8]

    /// The type's full name.
    public let name: String
    /// Its way there and back.
    public let recode: Recode

    /// Names a type.
    public init(_ name: String, _ recode: @escaping Recode) {
        self.name = name
        self.recode = recode
    }

    /// Every type that the codec reads and writes.
    public static let all: [Recoder] = [
        Recoder("stockade.v1.StockKey", flat(StockKey.self)),
        Recoder("stockade.v1.Stock", flat(Stock.self)),
        Recoder("stockade.v1.Line", flat(Line.self)),
        Recoder("stockade.v1.Allocation", flat(Allocation.self)),
        Recoder("stockade.v1.LineResult", lineResult),
        Recoder("stockade.v1.Reservation", reservation),
        Recoder("stockade.v1.GetStockRequest", flat(GetStockRequest.self)),
        Recoder("stockade.v1.GetStockResponse", flat(GetStockResponse.self)),
        Recoder("stockade.v1.SetStockRequest", flat(SetStockRequest.self)),
        Recoder("stockade.v1.SetStockResponse", flat(SetStockResponse.self)),
        Recoder("stockade.v1.AdjustStockRequest", flat(AdjustStockRequest.self)),
        Recoder("stockade.v1.AdjustStockResponse", flat(AdjustStockResponse.self)),
        Recoder("stockade.v1.ReserveRequest", reserveRequest),
        Recoder("stockade.v1.ReserveResponse", reply),
        Recoder("stockade.v1.ConfirmRequest", confirmRequest),
        Recoder("stockade.v1.ConfirmResponse", reply),
        Recoder("stockade.v1.ReleaseRequest", flat(ReleaseRequest.self)),
        Recoder("stockade.v1.ReleaseResponse", reply),
        Recoder("stockade.v1.GetReservationRequest", flat(GetReservationRequest.self)),
        Recoder("stockade.v1.GetReservationResponse", reply),
        Recoder("stockade.v1.StockPolicy", flat(StockPolicy.self)),
        Recoder("stockade.v1.BatchGetStockResult", flat(BatchGetStockResult.self)),
        Recoder("stockade.v1.SetStockPolicyRequest", flat(SetStockPolicyRequest.self)),
        Recoder("stockade.v1.SetStockPolicyResponse", flat(SetStockPolicyResponse.self)),
        Recoder("stockade.v1.TransferStockRequest", flat(TransferStockRequest.self)),
        Recoder("stockade.v1.TransferStockResponse", flat(TransferStockResponse.self)),
        Recoder("stockade.v1.ListMovementsRequest", flat(ListMovementsRequest.self)),
        Recoder("stockade.v1.Movement", flat(Movement.self)),
        Recoder("stockade.v1.ExtendRequest", flat(ExtendRequest.self)),
        Recoder("stockade.v1.ListReservationsRequest", flat(ListReservationsRequest.self)),
        Recoder("stockade.v1.ShipTo", flat(ShipTo.self)),
        Recoder("stockade.v1.GetOrderRequest", flat(GetOrderRequest.self)),
        Recoder("stockade.v1.GetOrderTimelineRequest", flat(GetOrderTimelineRequest.self)),
        Recoder("stockade.v1.ListOrdersRequest", flat(ListOrdersRequest.self)),
        Recoder("stockade.v1.OrderLine", flat(OrderLine.self)),
        Recoder("stockade.v1.OrderEvent", flat(OrderEvent.self)),
        Recoder("stockade.v1.BatchGetStockRequest", batchGetStockRequest),
        Recoder("stockade.v1.BatchGetStockResponse", batchGetStockResponse),
        Recoder("stockade.v1.ListMovementsResponse", listMovementsResponse),
        Recoder("stockade.v1.BatchReserveRequest", batchReserveRequest),
        Recoder("stockade.v1.BatchReserveResult", batchReserveResult),
        Recoder("stockade.v1.BatchReserveResponse", batchReserveResponse),
        Recoder("stockade.v1.ExtendResponse", reply),
        Recoder("stockade.v1.ListReservationsResponse", listReservationsResponse),
        Recoder("stockade.v1.Order", order),
        Recoder("stockade.v1.CreateOrderRequest", createOrderRequest),
        Recoder("stockade.v1.CreateOrderResponse", orderReply),
        Recoder("stockade.v1.GetOrderResponse", orderReply),
        Recoder("stockade.v1.CancelOrderRequest", cancelOrderRequest),
        Recoder("stockade.v1.CancelOrderResponse", orderReply),
        Recoder("stockade.v1.ListOrdersResponse", listOrdersResponse),
        Recoder("stockade.v1.GetOrderTimelineResponse", timeline),
        Recoder("grpc.health.v1.HealthCheckRequest", flat(HealthCheckRequest.self)),
        Recoder("grpc.health.v1.HealthCheckResponse", flat(HealthCheckResponse.self)),
    ]

    /// Room for what a message of `bytes` becomes. Only enums grow: the five bytes of 2^32 - 1
    /// are -1 to us, which takes ten.
    static func writer(for bytes: [UInt8]) -> ByteWriter {
        ByteWriter(capacity: 1_024 + 2 * bytes.count)
    }

    /// A list that no message of `bytes` can fill.
    static func list<Element>(for bytes: [UInt8]) -> FixedList<Element> {
        FixedList(capacity: bytes.count + 1)
    }

    private static func flat<Message: FlatMessage>(_: Message.Type) -> Recode {
        { (bytes: [UInt8]) throws(WireError) -> [UInt8] in
            let message = try Message.decode(bytes.span)
            var writer = writer(for: bytes)
            message.encode(into: &writer, texts: bytes.span)
            return writer.contents
        }
    }

    private static func lineResult(_ bytes: [UInt8]) throws(WireError) -> [UInt8] {
        var allocations: FixedList<Allocation> = list(for: bytes)
        var line = LineResult()
        try line.merge(bytes.span, within: whole(bytes), allocations: &allocations)
        var writer = writer(for: bytes)
        line.encode(into: &writer, texts: bytes.span, allocations: allocations)
        return writer.contents
    }

    private static func reservation(_ bytes: [UInt8]) throws(WireError) -> [UInt8] {
        var lines: FixedList<LineResult> = list(for: bytes)
        var allocations: FixedList<Allocation> = list(for: bytes)
        var reservation = Reservation()
        try reservation.merge(
            bytes.span, within: whole(bytes), lines: &lines, allocations: &allocations)
        var writer = writer(for: bytes)
        reservation.encode(
            into: &writer, texts: bytes.span, lines: lines, allocations: allocations)
        return writer.contents
    }

    private static func reply(_ bytes: [UInt8]) throws(WireError) -> [UInt8] {
        var lines: FixedList<LineResult> = list(for: bytes)
        var allocations: FixedList<Allocation> = list(for: bytes)
        let reply = try ReservationReply.decode(
            bytes.span, lines: &lines, allocations: &allocations)
        var writer = writer(for: bytes)
        reply.encode(into: &writer, texts: bytes.span, lines: lines, allocations: allocations)
        return writer.contents
    }

    private static func reserveRequest(_ bytes: [UInt8]) throws(WireError) -> [UInt8] {
        var lines: FixedList<Line> = list(for: bytes)
        let request = try ReserveRequest.decode(bytes.span, lines: &lines)
        var writer = writer(for: bytes)
        request.encode(into: &writer, texts: bytes.span, lines: lines)
        return writer.contents
    }

    private static func confirmRequest(_ bytes: [UInt8]) throws(WireError) -> [UInt8] {
        var lines: FixedList<Line> = list(for: bytes)
        let request = try ConfirmRequest.decode(bytes.span, lines: &lines)
        var writer = writer(for: bytes)
        request.encode(into: &writer, texts: bytes.span, lines: lines)
        return writer.contents
    }

    static func whole(_ bytes: [UInt8]) -> ByteRange {
        ByteRange(start: 0, count: UInt32(bytes.count))
    }
}

extension ByteWriter {
    /// What was written; the room above must have sufficed.
    var contents: [UInt8] {
        borrowing get {
            precondition(!overflowed)
            return withBytes { bytes in bytes.indices.map { bytes[$0] } }
        }
    }
}
