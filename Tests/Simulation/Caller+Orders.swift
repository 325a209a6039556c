// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import ReservationCore
import Testing

/// Calls on orders and policies, from any thread.
extension Caller {
    mutating func stepOfOrders(brand: Int, id: Int, account: Int) {
        let order = id * 2 % Shop.idsPerBrand + chance.below(2)
        switch chance.below(7) {
        case 0, 1: makeOrder(brand: brand, order: order, account: account)
        case 2: makeOrder(brand: brand, order: order, of: [id, id + 1])
        case 3: cancel(brand: brand, order: order)
        case 4: extend(brand: brand, id: id)
        case 5: transfer(account)
        default: list(brand: brand)
        }
    }

    private mutating func makeOrder(brand: Int, order: Int, account: Int) {
        let (now, shop) = (now(), rush.shop)
        lines.removeAll()
        lines.append(
            LineAsk(
                sku: shop.sku(Shop.sku(of: account)),
                warehouse: chance.oneIn(2) ? .empty : shop.warehouse(0),
                quantity: Int64(order % 3 + 1), line: 1))
        let command = CreateOrderCommand(
            id: Shop.id(order), brand: shop.brand(brand), dealer: shop.dealer(order % Shop.dealers),
            fillMode: .allOrNothing, fingerprint: UInt64(account))
        _ = rush.core.createOrder(
            command, lines: lines, texts: shop.texts.span, at: now, in: &context)
    }

    private mutating func makeOrder(brand: Int, order: Int, of reservations: [Int]) {
        let (now, shop) = (now(), rush.shop)
        var ids = FixedList<ClientID>(capacity: CoreLimits.reservationsPerOrderMax)
        for id in reservations { ids.append(Shop.id(id)) }
        // Two neighbours rarely are of one dealer: then one alone.
        if chance.oneIn(2) { ids.truncate(to: 1) }
        let command = CreateOrderCommand(
            id: Shop.id(order), brand: shop.brand(brand),
            dealer: shop.dealer(reservations[0] % Shop.dealers), fillMode: .allOrNothing,
            fingerprint: UInt64(reservations[0]))
        _ = rush.core.createOrder(
            command, from: ids, texts: shop.texts.span, at: now, in: &context)
    }

    private mutating func cancel(brand: Int, order: Int) {
        let (now, shop) = (now(), rush.shop)
        lines.removeAll()
        if chance.oneIn(2) {
            lines.append(LineAsk(sku: .empty, warehouse: .empty, quantity: 1, line: 1))
        }
        let command = CancelOrderCommand(
            request: nextRequest(), order: Shop.id(order), brand: shop.brand(brand), cause: 1,
            fingerprint: UInt64(order))
        let verdict = rush.core.cancelOrder(
            command, lines: lines, texts: shop.texts.span, at: now, in: &context)
        if verdict == .done {
            for index in 0..<context.orderLegs.count
            where context.orderLegs[index].cancelled > context.orderLegs[index].quantity {
                Issue.record("more is cancelled than was ordered")
            }
        }
    }

    private mutating func extend(brand: Int, id: Int) {
        let (now, shop) = (now(), rush.shop)
        let command = ExtendCommand(
            request: nextRequest(), reservation: Shop.id(id), brand: shop.brand(brand),
            timeToLiveMilliseconds: 2_000, fingerprint: UInt64(id))
        _ = rush.core.extend(command, texts: shop.texts.span, at: now, in: &context)
    }

    private mutating func transfer(_ account: Int) {
        let (now, shop) = (now(), rush.shop)
        let isForth = chance.oneIn(2)
        let command = TransferStockCommand(
            request: nextRequest(), brand: shop.brand(Shop.brand(of: account)),
            sku: shop.sku(Shop.sku(of: account)), fromWarehouse: shop.warehouse(isForth ? 0 : 1),
            toWarehouse: shop.warehouse(isForth ? 1 : 0), quantity: 2,
            fingerprint: UInt64(account * 2 + (isForth ? 1 : 0)))
        _ = rush.core.transferStock(command, texts: shop.texts.span, at: now, in: &context)
    }

    private mutating func list(brand: Int) {
        let (now, shop) = (now(), rush.shop)
        let filter = ReservationFilter(
            brand: shop.brand(brand), state: .held, dealer: .empty, sku: .empty,
            expiringBefore: nil)
        var cursor = ListCursor()
        _ = rush.core.listReservations(
            filter, from: &cursor, limit: 50, texts: shop.texts.span, at: now, in: &context)
    }
}
