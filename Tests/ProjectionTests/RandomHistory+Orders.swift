// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives

/// Orders, and what else came with them.
extension RandomHistory {
    mutating func stepOfOrders() {
        switch chance.below(100) {
        case 0..<25: order()
        case 25..<50: orderFromHolds()
        case 50..<75: cancel()
        case 75..<85: extend()
        case 85..<92: setPolicy()
        default: transfer()
        }
    }

    private mutating func order() {
        guard let brand = brands.randomElement(using: &chance),
            let dealer = dealers[brand]?.randomElement(using: &chance)
        else { return }
        let own = accounts.indices.filter {
            accounts[$0].brand == brand && accounts[$0].figures.version > 0
        }
        guard !own.isEmpty else { return }
        let isPartial = chance.oneIn(3)
        guard let (asked, taken) = take(own, isPartial: isPartial) else { return }
        let legs = asked.filter { $0.amount > 0 }
        let id = orderID()
        var moves: [UInt32: (held: Int64, allocated: Int64)] = [:]
        for (index, units) in taken where units > 0 { moves[accounts[index].number] = (0, units) }
        RecordWriting.beginOrder(
            brand: brand, order: id, fingerprint: chance.next(), dealer: dealer,
            fillMode: isPartial ? 2 : 1, legCount: legs.count, accountCount: moves.count,
            into: &pen.writer)
        for leg in legs { pen.writer.append(leg) }
        apply(moves, withCommitted: true)
        RecordHeader.end(&pen.writer)
        keep()
        note(brand, id, legs)
    }

    private mutating func orderFromHolds() {
        guard let first = live.randomElement(using: &chance) else { return }
        let count = chance.oneIn(2) ? 1 : chance.below(4) + 1
        let holds = live.filter {
            $0.brand == first.brand && $0.dealer == first.dealer && $0.deadline > tick
        }.shuffled(using: &chance).prefix(count)
        guard !holds.isEmpty else { return }
        var legs: [RecordLeg] = []
        var moves: [UInt32: (held: Int64, allocated: Int64)] = [:]
        var number: UInt32 = 0
        for hold in holds {
            var last: UInt32 = 0
            for var leg in hold.legs {
                if leg.amount > 0, leg.line != last { number += 1 }
                if leg.amount > 0 { last = leg.line }
                if holds.count > 1 { leg.line = number }
                if leg.amount == 0 { leg.line = 0 }
                leg.isShort = false
                legs.append(leg)
                guard leg.amount > 0 else { continue }
                let move = moves[leg.account] ?? (0, 0)
                let units = Int64(leg.amount)
                moves[leg.account] = (move.held + units, move.allocated + units)
            }
        }
        let id = orderID()
        RecordWriting.beginOrderFromHolds(
            brand: first.brand, order: id, fingerprint: chance.next(), dealer: first.dealer,
            holdCount: holds.count, legCount: legs.count, accountCount: moves.count,
            into: &pen.writer)
        for hold in holds {
            pen.writer.append(
                RecordHold(reservation: hold.id, legCount: UInt32(hold.legs.count)))
        }
        for leg in legs { pen.writer.append(leg) }
        apply(moves, withCommitted: true)
        RecordHeader.end(&pen.writer)
        keep()
        note(first.brand, id, legs)
        for hold in holds { forget(hold) }
        let ids = Set(holds.map(\.id))
        live.removeAll { $0.brand == first.brand && ids.contains($0.id) }
    }

    private mutating func cancel() {
        // Of the newest more often: those are in the same batch.
        guard !open.isEmpty else { return }
        let place =
            chance.oneIn(2)
            ? open.count - 1 - chance.below(min(open.count, 3))
            : chance.below(open.count)
        let order = open[place]
        guard let request = request(order.brand) else { return }
        let isWhole = chance.oneIn(2)
        var legs: [RecordLeg] = []
        var moves: [UInt32: (held: Int64, allocated: Int64)] = [:]
        for index in order.legs.indices {
            var leg = order.legs[index]
            if !isWhole { leg.amount = UInt32(chance.below(Int(leg.amount) + 1)) }
            guard leg.amount > 0 else { continue }
            open[place].legs[index].amount -= leg.amount
            leg.isShort = false
            legs.append(leg)
            moves[leg.account, default: (0, 0)].allocated -= Int64(leg.amount)
        }
        guard !legs.isEmpty else { return }
        RecordWriting.beginCancel(
            brand: order.brand, order: order.id, request: request, fingerprint: chance.next(),
            cause: UInt8(chance.below(10)), legCount: legs.count, accountCount: moves.count,
            into: &pen.writer)
        for leg in legs { pen.writer.append(leg) }
        apply(moves, withCommitted: true)
        RecordHeader.end(&pen.writer)
        keep()
        open[place].legs.removeAll { $0.amount == 0 }
        guard open[place].legs.isEmpty else { return }
        open.remove(at: place)
        cancelled.append((id: order.id, tick: tick))
    }

    private mutating func extend() {
        guard let place = live.indices.randomElement(using: &chance), live[place].deadline > tick,
            let request = request(live[place].brand)
        else { return }
        let hold = live[place]
        let latest = hold.granted + 86_400_000
        live[place].deadline = min(latest, hold.deadline + UInt64(chance.below(30_000)))
        RecordWriting.extend(
            brand: hold.brand, reservation: hold.id, request: request, fingerprint: chance.next(),
            deadline: Tick(milliseconds: live[place].deadline), into: &pen.writer)
        keep()
    }

    private mutating func setPolicy() {
        guard let index = accounts.indices.randomElement(using: &chance),
            accounts[index].figures.version > 0, let request = request(accounts[index].brand)
        else { return }
        let low = Int64(chance.below(20))
        let policy = StockPolicy(
            safety: Int64(chance.below(10)), backorderLimit: Int64(chance.below(100)),
            lowWater: low, highWater: low + Int64(chance.below(20)),
            holdTimeToLiveMilliseconds: chance.oneIn(2) ? 0 : UInt64(chance.below(60_000) + 1_000))
        accounts[index].figures.safety = policy.safety
        accounts[index].figures.version += 1
        RecordWriting.setPolicy(
            brand: accounts[index].brand, request: request, fingerprint: chance.next(),
            account: accounts[index].number, policy: policy, figures: accounts[index].figures,
            into: &pen.writer)
        keep()
    }

    private mutating func transfer() {
        guard let from = accounts.indices.randomElement(using: &chance),
            accounts[from].figures.available > 0,
            let to = accounts.indices.filter({
                $0 != from && accounts[$0].brand == accounts[from].brand
                    && accounts[$0].sku == accounts[from].sku && accounts[$0].figures.version > 0
            }).randomElement(using: &chance),
            let request = request(accounts[from].brand)
        else { return }
        let units = Int64(chance.below(Int(accounts[from].figures.available)) + 1)
        accounts[from].figures.onHand -= units
        accounts[from].figures.version += 1
        accounts[to].figures.onHand += units
        accounts[to].figures.version += 1
        RecordWriting.transfer(
            brand: accounts[from].brand, request: request, fingerprint: chance.next(),
            quantity: units, from: accounts[from].number, to: accounts[to].number,
            fromFigures: accounts[from].figures, toFigures: accounts[to].figures,
            into: &pen.writer)
        keep()
    }
}
