// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives

/// Reservations.
extension RandomHistory {
    mutating func reserve() {
        guard let brand = brands.randomElement(using: &chance),
            let dealer = dealers[brand]?.randomElement(using: &chance)
        else { return }
        let id = ClientID(high: 9 << 56, low: UInt64(chance.below(idsPerBrand) + 1))
        let key = Key(brand: brand, id: id)
        guard !held.contains(key) else { return }
        if let last = ended[key], tick < last + RandomHistory.retention { return }
        let own = accounts.indices.filter {
            accounts[$0].brand == brand && accounts[$0].figures.version > 0
        }
        guard !own.isEmpty else { return }
        let isPartial = chance.oneIn(3)
        guard let (legs, taken) = take(own, isPartial: isPartial) else { return }
        let timeToLive = UInt32(1_000 + chance.below(60_000))
        RecordWriting.beginReserve(
            brand: brand, reservation: id, fingerprint: chance.next(), dealer: dealer,
            timeToLive: timeToLive, fillMode: isPartial ? 2 : 1, legCount: legs.count,
            accountCount: taken.values.count { $0 > 0 }, into: &pen.writer)
        for leg in legs { pen.writer.append(leg) }
        for (index, units) in taken.sorted(by: { $0.key < $1.key }) where units > 0 {
            accounts[index].figures.held += units
            accounts[index].figures.version += 1
            tell(index, withCommitted: false)
        }
        RecordHeader.end(&pen.writer)
        keep()
        held.insert(key)
        live.append(
            Hold(
                brand: brand, id: id, dealer: dealer, granted: tick,
                deadline: tick + UInt64(timeToLive), legs: legs))
    }

    /// Units of some lines, and how many of each account; nil when there isn't enough.
    mutating func take(
        _ own: [Int], isPartial: Bool
    ) -> (legs: [RecordLeg], taken: [Int: Int64])? {
        let count = chance.oneIn(3) ? chance.below(linesMax) + 1 : 1
        var taken: [Int: Int64] = [:]
        var legs: [RecordLeg] = []
        for place in 0..<count {
            let index = own[chance.below(own.count)]
            let isSplit = hasOrders && chance.oneIn(3)
            let wanted = Int64(chance.below(isSplit ? 200 : 5) + 1)
            let from =
                isSplit
                ? own.filter { accounts[$0].sku == accounts[index].sku }.shuffled(using: &chance)
                : [index]
            var left = wanted
            var parts: [RecordLeg] = []
            for index in from where left > 0 {
                let available = accounts[index].figures.available - taken[index, default: 0]
                let amount = min(left, max(available, 0))
                if amount == 0 && (index != from.last || !parts.isEmpty) { continue }
                left -= amount
                taken[index, default: 0] += amount
                parts.append(
                    RecordLeg(
                        line: UInt32(count - place), account: accounts[index].number,
                        amount: UInt32(amount), isShort: false))
            }
            if left > 0 && !isPartial { return nil }
            parts[parts.count - 1].isShort = left > 0
            legs += parts
        }
        return legs.contains { $0.amount > 0 } ? (legs, taken) : nil
    }

    mutating func tell(_ index: Int, withCommitted: Bool) {
        let account = accounts[index]
        if withCommitted {
            RecordWriting.addHeldAndCommitted(
                account: account.number, held: account.figures.held,
                committed: account.figures.allocated, version: account.figures.version,
                into: &pen.writer)
        } else {
            RecordWriting.addHeld(
                account: account.number, held: account.figures.held,
                version: account.figures.version, into: &pen.writer)
        }
    }

    mutating func end() {
        guard !live.isEmpty else { return }
        let place = chance.below(live.count)
        let hold = live.remove(at: place)
        if chance.oneIn(6) { tick = max(tick, hold.deadline) }
        let isDue = tick >= hold.deadline
        let confirms = !isDue && !chance.oneIn(4)
        var legs = hold.legs
        if confirms {
            for index in legs.indices {
                let granted = hold.legs[index].amount
                let less = chance.oneIn(4) ? UInt32(chance.below(Int(granted) + 1)) : 0
                legs[index].amount = granted - less
                legs[index].isShort = less > 0
            }
            // An order of nothing isn't made.
            if !legs.contains(where: { $0.amount > 0 }) {
                for index in legs.indices {
                    legs[index].amount = hold.legs[index].amount
                    legs[index].isShort = false
                }
            }
        }
        var moves: [UInt32: (held: Int64, allocated: Int64)] = [:]
        for (granted, leg) in zip(hold.legs, legs) where granted.amount > 0 {
            var move = moves[granted.account] ?? (0, 0)
            move.held += Int64(granted.amount)
            if confirms { move.allocated += Int64(leg.amount) }
            moves[granted.account] = move
        }
        if confirms {
            let order = orderID()
            note(hold.brand, order, legs)
            RecordWriting.beginConfirm(
                brand: hold.brand, reservation: hold.id, order: order, legCount: legs.count,
                accountCount: moves.count, into: &pen.writer)
        } else {
            RecordWriting.beginEnd(
                isDue ? .expire : .release, brand: hold.brand, reservation: hold.id,
                legCount: legs.count, accountCount: moves.count, into: &pen.writer)
        }
        for leg in legs { pen.writer.append(leg) }
        apply(moves, withCommitted: confirms)
        RecordHeader.end(&pen.writer)
        keep()
        forget(hold)
    }

    /// Changes accounts' figures, and tells them.
    mutating func apply(
        _ moves: [UInt32: (held: Int64, allocated: Int64)], withCommitted: Bool
    ) {
        for index in accounts.indices {
            guard let move = moves[accounts[index].number] else { continue }
            accounts[index].figures.held -= move.held
            accounts[index].figures.allocated += move.allocated
            accounts[index].figures.version += 1
            tell(index, withCommitted: withCommitted)
        }
    }

    mutating func forget(_ hold: Hold) {
        let key = Key(brand: hold.brand, id: hold.id)
        held.remove(key)
        ended[key] = tick
    }

    /// A new order's id: now and then one that was cancelled long ago.
    mutating func orderID() -> ClientID {
        if hasOrders, let old = cancelled.first, tick >= old.tick + RandomHistory.retention {
            return cancelled.removeFirst().id
        }
        orders += 1
        return ClientID(high: 3, low: orders)
    }

    mutating func note(_ brand: UInt32, _ order: ClientID, _ legs: [RecordLeg]) {
        guard hasOrders else { return }
        open.append(Order(brand: brand, id: order, legs: legs.filter { $0.amount > 0 }))
    }
}
