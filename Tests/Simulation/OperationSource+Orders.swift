// SPDX-License-Identifier: Apache-2.0

import Effects
import ReservationCore

/// Operations on orders and policies.
extension OperationSource {
    mutating func nextOfOrders(
        _ model: ShopModel, _ chance: inout SeededGenerator
    ) -> Operation {
        switch chance.below(100) {
        case 0..<18: return .order(newOrder(&chance))
        case 18..<22: return .order(repeatedOrder(&chance))
        case 22..<38: return .orderFromHolds(newOrderFromHolds(model, &chance))
        case 38..<42: return .orderFromHolds(repeatedOrderFromHolds(model, &chance))
        case 42..<60: return .cancel(newCancel(model, &chance))
        case 60..<64: return .cancel(repeatedCancel(model, &chance))
        case 64..<70: return .readOrder(brand: brand(&chance), id: recentOrder(&chance))
        case 70..<78: return .extend(newExtend(&chance))
        case 78..<81: return .extend(repeatedExtend(&chance))
        case 81..<87: return .setPolicy(newPolicy(&chance))
        case 87..<88: return .setPolicy(repeatedPolicy(&chance))
        case 88..<97: return .transfer(newTransfer(&chance))
        case 97..<99: return .transfer(repeatedTransfer(&chance))
        default:
            if chance.oneIn(2) {
                let state: HoldState? = chance.pick([nil, .held, .confirmed, .released, .expired])
                return .listReservations(brand: brand(&chance), state: state)
            }
            let state: OrderState? = chance.pick([nil, .accepted, .cancelled])
            return .listOrders(brand: brand(&chance), state: state)
        }
    }

    private func recentOrder(_ chance: inout SeededGenerator) -> Int {
        let back = chance.oneIn(10) ? chance.below(Shop.idsPerBrand) : chance.below(12)
        return (newestOrder + Shop.idsPerBrand - back) % Shop.idsPerBrand
    }

    private mutating func nextRequest() -> Int {
        newestRequest = (newestRequest + 1) % Shop.idsPerBrand
        return newestRequest
    }

    /// One of the last dozen, or nil before the first.
    private func recent<Ask>(_ asks: [Ask], _ chance: inout SeededGenerator) -> Ask? {
        asks.isEmpty ? nil : asks[max(asks.count - 1 - chance.below(12), 0)]
    }

    // MARK: - Orders

    private mutating func newOrder(_ chance: inout SeededGenerator) -> ReserveAsk {
        newestOrder = (newestOrder + 1) % Shop.idsPerBrand
        var ask = newReserve(&chance, keepsID: true)
        ask.id = newestOrder
        orders[ask.brand * Shop.idsPerBrand + ask.id] = ask
        return ask
    }

    private mutating func repeatedOrder(_ chance: inout SeededGenerator) -> ReserveAsk {
        guard var ask = orders[brand(&chance) * Shop.idsPerBrand + recentOrder(&chance)]
        else { return newOrder(&chance) }
        if chance.oneIn(4) { ask.content = newContent() }
        return ask
    }

    private mutating func newOrderFromHolds(
        _ model: ShopModel, _ chance: inout SeededGenerator
    ) -> OrderAsk {
        if !chance.oneIn(10) { newestOrder = (newestOrder + 1) % Shop.idsPerBrand }
        let brand = brand(&chance)
        var reservations = [recentHold(&chance)]
        let first = model.holds[brand * Shop.idsPerBrand + reservations[0]]
        let dealer = first?.dealer ?? chance.below(Shop.dealers)
        if chance.oneIn(2) {
            let count = chance.oneIn(20) ? 16 : chance.within(2...4)
            // Mostly what can be ordered together: live ones of the same dealer.
            let live = model.live.filter { key in
                key / Shop.idsPerBrand == brand && model.holds[key]?.dealer == dealer
            }.sorted()
            for key in live where reservations.count < count {
                reservations.append(key % Shop.idsPerBrand)
            }
            while reservations.count < count, chance.oneIn(3) {
                reservations.append(recentHold(&chance))
            }
        }
        var kept: [Int] = []
        for id in reservations where !kept.contains(id) { kept.append(id) }
        let ask = OrderAsk(
            brand: brand, id: newestOrder,
            dealer: chance.oneIn(20) ? chance.below(Shop.dealers) : dealer, reservations: kept,
            content: newContent())
        ordersFromHolds[brand * Shop.idsPerBrand + ask.id] = ask
        return ask
    }

    private mutating func repeatedOrderFromHolds(
        _ model: ShopModel, _ chance: inout SeededGenerator
    ) -> OrderAsk {
        let key = brand(&chance) * Shop.idsPerBrand + recentOrder(&chance)
        guard var ask = ordersFromHolds[key] else { return newOrderFromHolds(model, &chance) }
        if chance.oneIn(4) { ask.content = newContent() }
        return ask
    }

    private mutating func newCancel(
        _ model: ShopModel, _ chance: inout SeededGenerator
    ) -> CancelAsk {
        let brand = brand(&chance)
        let id = recentOrder(&chance)
        var ask = CancelAsk(
            request: nextRequest(), brand: brand, order: id, lines: [],
            cause: UInt8(chance.below(256)), content: newContent())
        if let order = model.orders[brand * Shop.idsPerBrand + id], !chance.oneIn(3) {
            var seen: Set<Int> = []
            for leg in order.legs where seen.insert(leg.line).inserted && !chance.oneIn(3) {
                let left = order.legs.reduce(0) { $0 + ($1.line == leg.line ? $1.left : 0) }
                var line = LineOfConfirm(line: leg.line, quantity: chance.within(1...max(left, 1)))
                if chance.oneIn(30) { line.quantity += left }
                if chance.oneIn(4) { line.sku = Shop.sku(of: leg.account) % Shop.skus }
                if chance.oneIn(6) { line.warehouse = Shop.warehouse(of: leg.account) }
                if chance.oneIn(60) { line.sku = chance.below(Shop.skus) }
                if chance.oneIn(60) { line.line += 1_000 }
                ask.lines.append(line)
            }
            if chance.oneIn(5) { ask.lines.reverse() }
        }
        cancels.append(ask)
        return ask
    }

    private mutating func repeatedCancel(
        _ model: ShopModel, _ chance: inout SeededGenerator
    ) -> CancelAsk {
        guard var ask = recent(cancels, &chance)
        else { return newCancel(model, &chance) }
        if chance.oneIn(4) { ask.content = newContent() }
        return ask
    }

    // MARK: - Extensions, policies, transfers

    private mutating func newExtend(_ chance: inout SeededGenerator) -> ExtendAsk {
        let brand = brand(&chance)
        var timeToLive = chance.within(1_000...epoch.timeToLiveUsual)
        // Close to a day: often just too much.
        if chance.oneIn(6) { timeToLive = 86_400_000 - chance.below(2_000) }
        let ask = ExtendAsk(
            request: nextRequest(), brand: brand, id: recentHold(&chance),
            timeToLive: timeToLive, content: newContent())
        extends.append(ask)
        return ask
    }

    private mutating func repeatedExtend(_ chance: inout SeededGenerator) -> ExtendAsk {
        guard var ask = recent(extends, &chance)
        else { return newExtend(&chance) }
        if chance.oneIn(4) { ask.content = newContent() }
        return ask
    }

    private mutating func newPolicy(_ chance: inout SeededGenerator) -> PolicyAsk {
        let account = anyAccount(&chance)
        let high = chance.below(epoch.stockUsual + 1)
        let policy = StockPolicy(
            safety: chance.oneIn(2) ? 0 : Int64(chance.below(epoch.stockUsual / 2 + 2)),
            backorderLimit: chance.oneIn(20) ? 1_000_000_000_000 : Int64(chance.below(100)),
            lowWater: Int64(chance.below(high + 1)), highWater: Int64(high),
            holdTimeToLiveMilliseconds: chance.oneIn(2) ? 0 : UInt64(chance.within(1_000...90_000)))
        let ask = PolicyAsk(
            request: nextRequest(), account: account, policy: policy, content: newContent())
        policies.append(ask)
        return ask
    }

    private mutating func repeatedPolicy(_ chance: inout SeededGenerator) -> PolicyAsk {
        guard var ask = recent(policies, &chance)
        else { return newPolicy(&chance) }
        if chance.oneIn(4) { ask.content = newContent() }
        return ask
    }

    private mutating func newTransfer(_ chance: inout SeededGenerator) -> TransferAsk {
        let from = account(&chance)
        let shift = chance.within(1...Shop.warehouses - 1)
        let to = Shop.account(
            brand: Shop.brand(of: from), sku: Shop.sku(of: from),
            warehouse: (Shop.warehouse(of: from) + shift) % Shop.warehouses)
        var quantity = chance.within(1...max(epoch.stockUsual / 3, 1))
        if chance.oneIn(20) { quantity = 1_000_000_000 }
        let ask = TransferAsk(
            request: nextRequest(), from: from, to: to, quantity: quantity, content: newContent())
        transfers.append(ask)
        return ask
    }

    private mutating func repeatedTransfer(_ chance: inout SeededGenerator) -> TransferAsk {
        guard var ask = recent(transfers, &chance)
        else { return newTransfer(&chance) }
        if chance.oneIn(4) { ask.content = newContent() }
        return ask
    }
}
