// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives

@testable import ReservationCore

extension Desk {
    mutating func order(
        _ id: UInt64, _ asked: [Line], mode: FillMode = .allOrNothing, dealer: String = "dan",
        content: UInt64 = 1
    ) -> Verdict {
        begin()
        let command = CreateOrderCommand(
            id: Desk.id(id), brand: text("acme"), dealer: text(dealer), fillMode: mode,
            fingerprint: content)
        add(asked)
        let (now, texts) = (now, texts)
        return core.createOrder(command, lines: lines, texts: texts.span, at: now, in: &context)
    }

    mutating func order(
        _ id: UInt64, from reservations: [UInt64], dealer: String = "dan", content: UInt64 = 1
    ) -> Verdict {
        begin()
        let command = CreateOrderCommand(
            id: Desk.id(id), brand: text("acme"), dealer: text(dealer), fillMode: .allOrNothing,
            fingerprint: content)
        var ids = FixedList<ClientID>(capacity: CoreLimits.reservationsPerOrderMax)
        for id in reservations { ids.append(Desk.id(id)) }
        let (now, texts) = (now, texts)
        return core.createOrder(command, from: ids, texts: texts.span, at: now, in: &context)
    }

    mutating func cancel(
        _ order: UInt64, _ asked: [Line] = [], request: UInt64? = nil, cause: UInt8 = 1,
        content: UInt64 = 1
    ) -> Verdict {
        begin()
        let command = CancelOrderCommand(
            request: nextRequest(request), order: Desk.id(order), brand: text("acme"),
            cause: cause, fingerprint: content)
        add(asked)
        let (now, texts) = (now, texts)
        return core.cancelOrder(command, lines: lines, texts: texts.span, at: now, in: &context)
    }

    mutating func readOrder(_ id: UInt64) -> Verdict {
        begin()
        let brand = text("acme")
        let (now, texts) = (now, texts)
        return core.readOrder(Desk.id(id), brand: brand, texts: texts.span, at: now, in: &context)
    }

    mutating func extend(
        _ id: UInt64, by milliseconds: UInt64, request: UInt64? = nil, content: UInt64 = 1
    ) -> Verdict {
        begin()
        let command = ExtendCommand(
            request: nextRequest(request), reservation: Desk.id(id), brand: text("acme"),
            timeToLiveMilliseconds: milliseconds, fingerprint: content)
        let (now, texts) = (now, texts)
        return core.extend(command, texts: texts.span, at: now, in: &context)
    }

    mutating func policy(
        _ sku: String, _ policy: StockPolicy, at warehouse: String = "north",
        request: UInt64? = nil, content: UInt64 = 1
    ) -> Verdict {
        begin()
        let command = SetStockPolicyCommand(
            request: nextRequest(request), codes: codes("acme", sku, warehouse), policy: policy,
            fingerprint: content)
        let (now, texts) = (now, texts)
        return core.setStockPolicy(command, texts: texts.span, at: now, in: &context)
    }

    mutating func transfer(
        _ sku: String, _ quantity: Int64, from: String, to: String, request: UInt64? = nil,
        content: UInt64 = 1
    ) -> Verdict {
        begin()
        let command = TransferStockCommand(
            request: nextRequest(request), brand: text("acme"), sku: text(sku),
            fromWarehouse: text(from), toWarehouse: text(to), quantity: quantity,
            fingerprint: content)
        let (now, texts) = (now, texts)
        return core.transferStock(command, texts: texts.span, at: now, in: &context)
    }

    /// The ids of a page of reservations, or of orders, as the small numbers that they are.
    mutating func list(
        _ state: HoldState? = nil, dealer: String = "", sku: String = "",
        before: UInt64? = nil, from cursor: inout ListCursor, limit: Int = 1_000
    ) -> (ids: [UInt64], progress: ListProgress) {
        begin()
        let filter = ReservationFilter(
            brand: text("acme"), state: state, dealer: text(dealer), sku: text(sku),
            expiringBefore: before.map { Tick(milliseconds: $0) })
        let (now, texts) = (now, texts)
        let progress = core.listReservations(
            filter, from: &cursor, limit: limit, texts: texts.span, at: now, in: &context)
        return (listed, progress)
    }

    mutating func listOrders(
        _ state: OrderState? = nil, dealer: String = "", from cursor: inout ListCursor,
        limit: Int = 1_000
    ) -> (ids: [UInt64], progress: ListProgress) {
        begin()
        let filter = OrderFilter(
            brand: text("acme"), state: state, dealer: text(dealer), createdAfter: nil,
            createdBefore: nil)
        let (now, texts) = (now, texts)
        let progress = core.listOrders(
            filter, from: &cursor, limit: limit, texts: texts.span, at: now, in: &context)
        return (listed, progress)
    }

    private var listed: [UInt64] { (0..<context.listed.count).map { context.listed[$0].low } }

    /// The legs of the last order: line, warehouse, quantity and what was cancelled.
    var orderLegs: [String] {
        (0..<context.orderLegs.count).map { index in
            let leg = context.orderLegs[index]
            var writer = ByteWriter(capacity: 64)
            core.copyWarehouse(of: leg.account, into: &writer)
            let name = writer.withBytes { bytes in
                String(decoding: (0..<bytes.count).map { bytes[$0] }, as: UTF8.self)
            }
            return "\(leg.line) \(name) \(leg.quantity)-\(leg.cancelled)"
        }
    }

    /// The legs of the last hold: line, warehouse, granted.
    var holdLegs: [String] {
        (0..<context.legs.count).map { index in
            let leg = context.legs[index]
            var writer = ByteWriter(capacity: 64)
            core.copyWarehouse(of: leg.account, into: &writer)
            let name = writer.withBytes { bytes in
                String(decoding: (0..<bytes.count).map { bytes[$0] }, as: UTF8.self)
            }
            return "\(leg.line) \(name) \(leg.granted)\(leg.isShort ? " short" : "")"
        }
    }

    /// What happened to the last order.
    var events: [OrderEvent] { (0..<context.orderEvents.count).map { context.orderEvents[$0] } }

    /// The reservations of the last order.
    var orderReservations: [UInt64] {
        (0..<context.orderReservations.count).map { context.orderReservations[$0].low }
    }

    /// Everything that the last answer says of an order.
    var orderText: String {
        "\(context.order) \(orderLegs) \(events) \(orderReservations)"
    }

    /// A little of everything that orders and policies can do, on a desk with pens and ink.
    mutating func ordersAndPolicies() {
        _ = set("pen", 40)
        _ = set("pen", 30, at: "south")
        _ = set("ink", 200)
        _ = order(22, [.init(sku: "pen", quantity: 3), .init(sku: "ink", quantity: 2)])
        _ = cancel(22, [.init(sku: "", quantity: 1, warehouse: "", number: 2)])
        _ = order(23, [.init(sku: "pen", quantity: 60, warehouse: "")], mode: .partial)
        _ = cancel(23, request: 71)
        _ = reserve(8, [.init(sku: "pen", quantity: 1)])
        _ = reserve(
            9,
            [
                .init(sku: "pen", quantity: 50, warehouse: ""),
                .init(sku: "ink", quantity: 70, warehouse: ""),
            ], mode: .partial)
        _ = order(24, from: [8, 9])
        _ = reserve(10, [.init(sku: "ink", quantity: 1)], ttl: 1_000)
        _ = extend(10, by: 60_000)
        _ = order(25, from: [10])
        _ = policy(
            "pen",
            StockPolicy(
                safety: 1, backorderLimit: 1_000_000_000_000, lowWater: 7, highWater: 9,
                holdTimeToLiveMilliseconds: 86_400_000))
        _ = set("pen", 90, at: "south")
        _ = transfer("pen", 1, from: "south", to: "north")
        _ = reserve(11, [.init(sku: "ink", quantity: 1)], ttl: 2_000)
        _ = extend(11, by: 5_000)
    }
}
