// SPDX-License-Identifier: Apache-2.0

import ReservationCore

/// Draws the operations of a history. Looks into the model only to ask for what makes sense.
struct OperationSource {
    let epoch: Epoch
    private var tick = 0
    private var newestHold = 0
    var newestOrder = 0
    var newestRequest = 0
    private var content: UInt64 = 0
    private var reserves: [Int: ReserveAsk] = [:]
    private var confirms: [Int: ConfirmAsk] = [:]
    private var sets: [Int: SetAsk] = [:]
    private var adjusts: [Int: AdjustAsk] = [:]
    var orders: [Int: ReserveAsk] = [:]
    var ordersFromHolds: [Int: OrderAsk] = [:]
    var cancels: [CancelAsk] = []
    var extends: [ExtendAsk] = []
    var policies: [PolicyAsk] = []
    var transfers: [TransferAsk] = []

    init(_ epoch: Epoch) { self.epoch = epoch }

    /// The first operations of an epoch: some stock, so that there is something to fight for.
    mutating func opening(_ chance: inout SeededGenerator) -> [Operation] {
        (0..<20).map { _ in .setStock(newSet(&chance)) }
    }

    /// The next operation, at `tick`.
    mutating func next(
        _ model: ShopModel, at tick: Int, _ chance: inout SeededGenerator
    ) -> Operation {
        self.tick = tick
        if chance.oneIn(150), let wait = waitForDeadline(model, &chance) { return wait }
        if chance.oneIn(5) { return nextOfOrders(model, &chance) }
        switch chance.below(1_000) {
        case 0..<330: return .reserve(newReserve(&chance))
        case 330..<380: return .reserve(repeatedReserve(&chance))
        case 380..<410:
            var ask = repeatedReserve(&chance)
            let other = newReserve(&chance, keepsID: true)
            ask.content = other.content
            ask.lines = other.lines
            ask.fillMode = other.fillMode
            return .reserve(ask)
        case 410..<540: return .confirm(newConfirm(model, &chance))
        case 540..<580: return .confirm(repeatedConfirm(model, &chance))
        case 580..<680: return .release(brand: brand(&chance), id: recentHold(&chance))
        case 680..<695:
            // Overtakes its Reserve, which may come later.
            newestHold = (newestHold + 1) % Shop.idsPerBrand
            return .release(brand: brand(&chance), id: newestHold)
        case 695..<750: return .readReservation(brand: brand(&chance), id: recentHold(&chance))
        case 750..<790: return .readStock(account: anyAccount(&chance))
        case 790..<820: return .setStock(newSet(&chance))
        case 820..<832: return .setStock(repeatedSet(&chance))
        case 832..<872: return .adjustStock(newAdjust(model, &chance))
        case 872..<884: return .adjustStock(repeatedAdjust(model, &chance))
        case 884..<950: return .wait(milliseconds: chance.within(1...12))
        case 950..<954: return .wait(milliseconds: chance.within(1...epoch.jumpMax))
        default:
            guard epoch.turnsWheels else { return .wait(milliseconds: chance.within(1...12)) }
            let loops = chance.within(1...3)
            return .turnWheels(loop: chance.below(loops), loops: loops)
        }
    }

    /// Time goes by up to the very tick of a deadline.
    private func waitForDeadline(
        _ model: ShopModel, _ chance: inout SeededGenerator
    ) -> Operation? {
        guard let hold = model.holds[brand(&chance) * Shop.idsPerBrand + recentHold(&chance)],
            hold.state == .held, hold.deadline > tick, hold.deadline - tick <= epoch.jumpMax
        else { return nil }
        return .wait(milliseconds: hold.deadline - tick)
    }

    // MARK: - Ids and codes

    func brand(_ chance: inout SeededGenerator) -> Int {
        chance.oneIn(100) ? Shop.unknownBrand : chance.oneIn(4) ? 1 : 0
    }

    func recentHold(_ chance: inout SeededGenerator) -> Int {
        let back = chance.oneIn(10) ? chance.below(Shop.idsPerBrand) : chance.below(40)
        return (newestHold + Shop.idsPerBrand - back) % Shop.idsPerBrand
    }

    func account(_ chance: inout SeededGenerator) -> Int {
        // Half of all calls want the same thing: that is what a rush is.
        if chance.oneIn(2) { return Shop.account(brand: 0, sku: 0, warehouse: 0) }
        let sku = chance.oneIn(60) ? Shop.unknownSKU : chance.below(Shop.skus - 1)
        let warehouse = chance.oneIn(60) ? Shop.unknownWarehouse : chance.below(3)
        return Shop.account(brand: brand(&chance), sku: sku, warehouse: warehouse)
    }

    mutating func newContent() -> UInt64 {
        content += 1
        return SeededGenerator.mix(content)
    }

    // MARK: - Reserve

    mutating func newReserve(
        _ chance: inout SeededGenerator, keepsID: Bool = false
    ) -> ReserveAsk {
        if !keepsID { newestHold = (newestHold + 1) % Shop.idsPerBrand }
        let account = account(&chance)
        let brand = Shop.brand(of: account)
        var count = 1
        if chance.oneIn(3) { count = chance.within(2...5) }
        if chance.oneIn(200) { count = chance.within(6...40) }
        if chance.oneIn(5_000) { count = 500 }
        let isWide = newestHold % 150 == 100
        if isWide { count = 500 }
        var lines: [LineOfReserve] = []
        let firstLine = chance.oneIn(10) ? chance.within(2...4_000_000) : 1
        for index in 0..<count {
            var line = LineOfReserve(
                sku: Shop.sku(of: account), warehouse: Shop.warehouse(of: account),
                quantity: chance.within(1...4), line: firstLine + index)
            if index > 0, !chance.oneIn(3) {
                let other = self.account(&chance)
                line.sku = Shop.sku(of: other)
                line.warehouse = Shop.warehouse(of: other)
            }
            if chance.oneIn(12) { line.warehouse = nil }
            if chance.oneIn(30) { line.quantity = chance.within(1...epoch.stockUsual) }
            if chance.oneIn(300) { line.quantity = 1_000_000_000 }
            lines.append(line)
        }
        if isWide {
            // All of one SKU, from wherever: each line that is split is a leg too many.
            for index in lines.indices {
                lines[index].sku = Shop.sku(of: account)
                lines[index].warehouse = nil
                lines[index].quantity = 1 + index % (1 + newestHold / 150 % 2)
            }
            lines[chance.below(count)].quantity = chance.within(1...2 * epoch.stockUsual)
        }
        let dealer = chance.below(Shop.dealers)
        let fillMode: FillMode = chance.oneIn(3) ? .partial : .allOrNothing
        if fillMode == .allOrNothing, chance.oneIn(8), count < 400 {
            for account in specials(brand, dealer, &chance) {
                lines.append(
                    LineOfReserve(
                        sku: 0, warehouse: nil, quantity: chance.within(1...5),
                        line: firstLine + lines.count, special: account))
            }
        }
        if chance.oneIn(10) { lines.reverse() }
        let ask = ReserveAsk(
            brand: brand, id: newestHold, dealer: dealer, timeToLive: timeToLive(&chance),
            fillMode: fillMode, lines: lines, content: newContent())
        if !keepsID { reserves[brand * Shop.idsPerBrand + newestHold] = ask }
        return ask
    }

    /// The dealer's credit, or a purchase limit, or both.
    private func specials(
        _ brand: Int, _ dealer: Int, _ chance: inout SeededGenerator
    ) -> [Int] {
        let credit = Shop.credit(brand: brand, dealer: dealer % 3)
        let quota = Shop.quota(brand: brand, dealer: dealer % 3)
        return chance.pick([[credit], [quota], [credit, quota]])
    }

    /// Any account, of whichever kind.
    func anyAccount(_ chance: inout SeededGenerator) -> Int {
        guard chance.oneIn(3) else { return account(&chance) }
        return specials(brand(&chance), chance.below(3), &chance)[0]
    }

    func timeToLive(_ chance: inout SeededGenerator) -> Int {
        if chance.oneIn(25) { return 0 }
        let day = Int(CoreLimits.timeToLiveMaxMilliseconds)
        if chance.oneIn(20) { return chance.within(1_000...day) }
        if chance.oneIn(12) {
            // Shortly before a binary round number, where a wheel changes its level.
            let boundary = ((tick >> 20) + chance.within(1...2)) << 20
            return max(boundary - chance.below(1_100) - tick, 1_000)
        }
        return chance.within(1_000...epoch.timeToLiveUsual)
    }

    private mutating func repeatedReserve(_ chance: inout SeededGenerator) -> ReserveAsk {
        reserves[brand(&chance) * Shop.idsPerBrand + recentHold(&chance)] ?? newReserve(&chance)
    }

    // MARK: - Confirm

    private mutating func newConfirm(
        _ model: ShopModel, _ chance: inout SeededGenerator
    ) -> ConfirmAsk {
        let brand = brand(&chance)
        let id = recentHold(&chance)
        if !chance.oneIn(5) { newestOrder = (newestOrder + 1) % Shop.idsPerBrand }
        var ask = ConfirmAsk(brand: brand, id: id, order: newestOrder, lines: [])
        let hold = model.holds[brand * Shop.idsPerBrand + id]
        if let hold, chance.oneIn(2) {
            for leg in hold.legs where hold.legs.count == 1 || !chance.oneIn(3) {
                var line = LineOfConfirm(line: leg.line, quantity: max(leg.granted, 1))
                if chance.oneIn(3) { line.quantity = chance.within(1...max(leg.granted, 1)) }
                if chance.oneIn(40) { line.quantity = leg.granted + chance.within(1...3) }
                if chance.oneIn(3) { line.sku = Shop.sku(of: leg.account) % Shop.skus }
                if chance.oneIn(3) { line.warehouse = Shop.warehouse(of: leg.account) }
                if chance.oneIn(50) { line.sku = chance.below(Shop.skus) }
                if chance.oneIn(50) { line.line += 1_000 }
                ask.lines.append(line)
            }
            if chance.oneIn(5) { ask.lines.reverse() }
        }
        confirms[brand * Shop.idsPerBrand + id] = ask
        return ask
    }

    private mutating func repeatedConfirm(
        _ model: ShopModel, _ chance: inout SeededGenerator
    ) -> ConfirmAsk {
        let key = brand(&chance) * Shop.idsPerBrand + recentHold(&chance)
        guard var ask = confirms[key] else { return newConfirm(model, &chance) }
        switch chance.below(6) {
        case 0: ask.order = (newestOrder + 7) % Shop.idsPerBrand
        case 1: ask.lines = []
        case 2 where !ask.lines.isEmpty: ask.lines[0].quantity += 1
        default: break
        }
        return ask
    }

    // MARK: - Stock

    private mutating func newSet(_ chance: inout SeededGenerator) -> SetAsk {
        newestRequest = (newestRequest + 1) % Shop.idsPerBrand
        var account = anyAccount(&chance)
        // What is unknown stays unknown.
        let isStock = Shop.kind(of: account) == .stock
        if Shop.brand(of: account) == Shop.unknownBrand
            || isStock && Shop.sku(of: account) == Shop.unknownSKU
            || isStock && Shop.warehouse(of: account) == Shop.unknownWarehouse
        {
            account = Shop.account(brand: 0, sku: 1, warehouse: 1)
        }
        let ask = SetAsk(
            request: newestRequest, account: account,
            onHand: chance.oneIn(100) ? ShopModel.onHandMax : chance.below(epoch.stockUsual + 1),
            sourceVersion: chance.oneIn(2) ? 0 : UInt64(chance.below(1_000)),
            content: newContent())
        sets[Shop.brand(of: account) * Shop.idsPerBrand + newestRequest] = ask
        return ask
    }

    private mutating func repeatedSet(_ chance: inout SeededGenerator) -> SetAsk {
        guard var ask = sets[brand(&chance) * Shop.idsPerBrand + recentRequest(&chance)]
        else { return newSet(&chance) }
        if chance.oneIn(3) { ask.content = newContent() }
        return ask
    }

    func recentRequest(_ chance: inout SeededGenerator) -> Int {
        (newestRequest + Shop.idsPerBrand - chance.below(12)) % Shop.idsPerBrand
    }

    private mutating func newAdjust(
        _ model: ShopModel, _ chance: inout SeededGenerator
    ) -> AdjustAsk {
        newestRequest = (newestRequest + 1) % Shop.idsPerBrand
        let account = anyAccount(&chance)
        var delta = chance.within(1...max(epoch.stockUsual / 2, 2))
        if chance.oneIn(2) { delta = -delta }
        if chance.oneIn(50) { delta = chance.oneIn(2) ? 1_000_000_000 : -1_000_000_000 }
        var expected: UInt64?
        if chance.oneIn(4) { expected = model.accounts[account].version }
        if chance.oneIn(12) { expected = UInt64(chance.below(1_000)) }
        let ask = AdjustAsk(
            request: newestRequest, account: account, delta: delta, expectedVersion: expected,
            content: newContent())
        adjusts[Shop.brand(of: account) * Shop.idsPerBrand + newestRequest] = ask
        return ask
    }

    private mutating func repeatedAdjust(
        _ model: ShopModel, _ chance: inout SeededGenerator
    ) -> AdjustAsk {
        guard var ask = adjusts[brand(&chance) * Shop.idsPerBrand + recentRequest(&chance)]
        else { return newAdjust(model, &chance) }
        if chance.oneIn(3) { ask.content = newContent() }
        return ask
    }
}
