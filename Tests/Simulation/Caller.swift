// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import ReservationCore
import Synchronization
import Testing

/// One thread's way to the core.
struct Caller: ~Copyable {
    let rush: Rush
    private let thread: Int
    var chance: SeededGenerator
    var context = DecisionContext()
    var lines = FixedList<LineAsk>(capacity: CoreLimits.linesPerDecisionMax)
    private var request = 0

    init(_ rush: Rush, thread: Int) {
        self.rush = rush
        self.thread = thread
        chance = SeededGenerator(
            seed: SeededGenerator.mix(rush.seed) &+ UInt64(bitPattern: Int64(thread)))
    }

    /// Ticks differ between threads by the length of a turn.
    mutating func now() -> DecisionTime {
        let tick = max(rush.tick.load(ordering: .relaxed) - chance.below(5), 1)
        return DecisionTime(
            tick: Tick(milliseconds: UInt64(tick)),
            wall: WallTime(milliseconds: 1_700_000_000_000 + Int64(tick)))
    }

    /// One random call.
    mutating func step() {
        if chance.oneIn(4) { rush.tick.add(1, ordering: .relaxed) }
        if chance.oneIn(20_000) { rush.tick.add(1_500, ordering: .relaxed) }
        let brand = chance.below(2)
        // The ids move on with time, so that all threads want the same ones.
        let id = rush.tick.load(ordering: .relaxed) / 40 % 20_000 + chance.below(20)
        let account = Shop.account(
            brand: brand, sku: chance.oneIn(2) ? 0 : chance.below(3), warehouse: 0)
        switch chance.below(27) {
        case 0..<8:
            _ = reserve(
                brand: brand, id: id, quantity: id % 3 + 1, account: account,
                lines: id % 4 == 0 ? 3 : 1)
        case 8..<11: confirm(brand: brand, id: id)
        case 11..<14: release(brand: brand, id: id)
        case 14: read(brand: brand, id: id)
        case 15: setStock(account, to: chance.below(80))
        case 16, 17: adjust(account)
        case 18, 19: turnWheels()
        default: stepOfOrders(brand: brand, id: id, account: account)
        }
    }

    mutating func reserve(
        brand: Int, id: Int, quantity: Int, account: Int, lines count: Int = 1
    ) -> Verdict {
        let (now, shop) = (now(), rush.shop)
        lines.removeAll()
        for line in 0..<count {
            lines.append(
                LineAsk(
                    sku: shop.sku((Shop.sku(of: account) + line) % 3), warehouse: shop.warehouse(0),
                    quantity: Int64(quantity), line: UInt32(line + 1)))
        }
        let command = ReserveCommand(
            id: Shop.id(id), brand: shop.brand(brand), dealer: shop.dealer(id % Shop.dealers),
            timeToLiveMilliseconds: UInt64(1_000 + id % 7 * 100),
            fillMode: id % 3 == 0 ? .partial : .allOrNothing,
            fingerprint: UInt64(account * 10 + quantity))
        let verdict = rush.core.reserve(
            command, lines: lines, texts: shop.texts.span, at: now, in: &context)
        if verdict == .done { rush.granted.add(1, ordering: .relaxed) }
        return verdict
    }

    private mutating func confirm(brand: Int, id: Int) {
        let (now, shop) = (now(), rush.shop)
        lines.removeAll()
        if id % 5 == 0 {
            lines.append(LineAsk(sku: .empty, warehouse: .empty, quantity: 1, line: 1))
        }
        let order = id * 2 % Shop.idsPerBrand + chance.below(2)
        let verdict = rush.core.confirm(
            ConfirmCommand(id: Shop.id(id), brand: shop.brand(brand), order: Shop.id(order)),
            lines: lines, texts: shop.texts.span, at: now, in: &context)
        if verdict == .done { rush.confirmed.add(1, ordering: .relaxed) }
    }

    private mutating func release(brand: Int, id: Int) {
        let (now, shop) = (now(), rush.shop)
        _ = rush.core.release(
            ReleaseCommand(id: Shop.id(id), brand: shop.brand(brand)), texts: shop.texts.span,
            at: now, in: &context)
    }

    private mutating func read(brand: Int, id: Int) {
        let (now, shop) = (now(), rush.shop)
        let verdict = rush.core.readReservation(
            Shop.id(id), brand: shop.brand(brand), texts: shop.texts.span, at: now, in: &context)
        if verdict == .done, context.hold.state == .held, context.hold.deadline <= now.tick {
            Issue.record("read a due hold as held")
        }
    }

    mutating func setStock(_ account: Int, to onHand: Int) {
        let (now, shop) = (now(), rush.shop)
        let command = SetStockCommand(
            request: nextRequest(), codes: shop.codes(account), onHand: Int64(onHand),
            sourceVersion: chance.oneIn(2) ? 0 : chance.next() >> 40,
            fingerprint: UInt64(account * 1_000 + onHand))
        _ = rush.core.setStock(command, texts: shop.texts.span, at: now, in: &context)
    }

    private mutating func adjust(_ account: Int) {
        let (now, shop) = (now(), rush.shop)
        let command = AdjustStockCommand(
            request: nextRequest(), codes: shop.codes(account),
            delta: Int64(chance.oneIn(2) ? 5 : -3), expectedVersion: nil,
            fingerprint: UInt64(account))
        _ = rush.core.adjustStock(command, texts: shop.texts.span, at: now, in: &context)
    }

    /// Half of all requests have an id that another thread uses too.
    mutating func nextRequest() -> ClientID {
        request += 1
        return Shop.id(chance.oneIn(2) ? request : request + (thread + 3) * 10_000_000)
    }

    mutating func turnWheels() {
        let now = now()
        let loop = chance.below(2)
        rush.core.turnWheels(loop: loop, of: 2, at: now, in: &context)
    }
}
