// SPDX-License-Identifier: Apache-2.0

import Effects
import Journal
import Primitives

/// A good history by chance: records that a server might have written, all types and both brands, with
/// several lines, with ids that are granted again after the retention.
struct RandomHistory {
    static let retention: UInt64 = 20_000
    static let epochWall: Int64 = 1_795_000_000_000

    private struct Account {
        var number: UInt32
        var brand: UInt32
        var sku: UInt32
        var warehouse: UInt32
        var figures = StockFigures(onHand: 0, held: 0, allocated: 0, safety: 0, version: 0)
        var sourceVersion: UInt64 = 0
    }

    private struct Hold {
        var brand: UInt32
        var id: ClientID
        var deadline: UInt64
        var legs: [RecordLeg]
    }

    private struct Key: Hashable {
        var brand: UInt32
        var id: ClientID
    }

    private(set) var records: [SampleRecord] = []
    private var chance: SeededChance
    private let pen = Pen()
    private var tick: UInt64 = 1_000
    private var codeCount: UInt32 = 0
    private var brands: [UInt32] = []
    private var dealers: [UInt32: [UInt32]] = [:]
    private var accounts: [Account] = []
    private var live: [Hold] = []
    /// When an id was used last; absent while it is held.
    private var ended: [Key: UInt64] = [:]
    private var held: Set<Key> = []
    private var orders: UInt64 = 0
    private let linesMax: Int
    private let idsPerBrand: Int
    private let stockMax: Int

    /// With few ids they are granted again and again, with little stock it runs out.
    init(
        seed: UInt64, count: Int, linesMax: Int = 6, idsPerBrand: Int = 400, stockMax: Int = 500
    ) {
        chance = SeededChance(seed: seed)
        self.linesMax = linesMax
        self.idsPerBrand = idsPerBrand
        self.stockMax = stockMax
        for brand in ["ACME", "other"] {
            let number = define(0, .brand, brand)
            brands.append(number)
            dealers[number] = (0..<3).map { define(number, .dealer, "dealer-\($0)") }
        }
        while records.count < count { step() }
    }

    private enum Kind: UInt8 { case brand = 1, sku, warehouse, dealer }

    private mutating func step() {
        if chance.oneIn(200) { tick += UInt64(chance.below(Int(RandomHistory.retention))) }
        if chance.oneIn(3) { tick += 1 }
        switch chance.below(100) {
        case 0..<3: makeAccount()
        case 3..<8: setStock()
        case 8..<14: adjust()
        case 14..<60: reserve()
        default: end()
        }
    }

    private mutating func keep() {
        let sequence = UInt64(records.count + 1)
        records.append(
            SampleRecord(
                bytes: pen.bytes,
                position: RecordPosition(
                    sequence: sequence, tick: Tick(milliseconds: tick),
                    wall: WallTime(milliseconds: RandomHistory.epochWall + Int64(tick)))))
    }

    private mutating func define(_ brand: UInt32, _ kind: Kind, _ text: String) -> UInt32 {
        let number = codeCount
        codeCount += 1
        RecordWriting.define(
            brand: brand, number: number, kind: kind.rawValue, text: Array(text.utf8).span,
            into: &pen.writer)
        keep()
        return number
    }

    // MARK: - Stock

    private mutating func makeAccount() {
        guard accounts.count < 60, let brand = brands.randomElement(using: &chance) else { return }
        let sku = define(brand, .sku, "sku-\(codeCount)")
        let warehouse = define(brand, .warehouse, "wh-\(codeCount)")
        accounts.append(
            Account(
                number: UInt32(accounts.count * 7 % 61 + 1_000 * Int(brand)), brand: brand,
                sku: sku, warehouse: warehouse))
        set(accounts.count - 1)
    }

    private mutating func setStock() {
        guard !accounts.isEmpty else { return makeAccount() }
        set(chance.below(accounts.count))
    }

    private mutating func request(_ brand: UInt32) -> ClientID? {
        let id = ClientID(high: 7, low: UInt64(chance.below(2_000) + 1))
        let key = Key(brand: brand, id: id)
        if let last = ended[key], tick < last + RandomHistory.retention { return nil }
        ended[key] = tick
        return id
    }

    private mutating func set(_ index: Int) {
        guard let request = request(accounts[index].brand) else { return }
        accounts[index].figures.onHand = Int64(chance.below(stockMax))
        accounts[index].figures.version += 1
        let names = chance.oneIn(2)
        if names { accounts[index].sourceVersion += UInt64(chance.below(9) + 1) }
        let account = accounts[index]
        RecordWriting.setStock(
            brand: account.brand, request: request, fingerprint: chance.next(),
            account: account.number, sku: account.sku, warehouse: account.warehouse,
            sourceVersion: names ? account.sourceVersion : 0, figures: account.figures,
            into: &pen.writer)
        keep()
    }

    private mutating func adjust() {
        // One that was made and whose setting had no id left isn't there yet.
        guard let index = accounts.indices.randomElement(using: &chance),
            accounts[index].figures.version > 0
        else { return }
        let delta = Int64(chance.below(100) - 40)
        guard delta != 0, accounts[index].figures.onHand + delta >= 0,
            let request = request(accounts[index].brand)
        else { return }
        accounts[index].figures.onHand += delta
        accounts[index].figures.version += 1
        RecordWriting.adjustStock(
            brand: accounts[index].brand, request: request, fingerprint: chance.next(),
            account: accounts[index].number, delta: delta, figures: accounts[index].figures,
            into: &pen.writer)
        keep()
    }

    // MARK: - Holds

    private mutating func reserve() {
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
        let count = chance.oneIn(3) ? chance.below(linesMax) + 1 : 1
        var taken: [Int: Int64] = [:]
        var legs: [RecordLeg] = []
        for place in 0..<count {
            let index = own[chance.below(own.count)]
            let figures = accounts[index].figures
            let wanted = Int64(chance.below(5) + 1)
            let available = max(figures.available - taken[index, default: 0], 0)
            let amount = min(wanted, available)
            if amount < wanted && !isPartial { return }
            taken[index, default: 0] += amount
            legs.append(
                RecordLeg(
                    line: UInt32(count - place), account: accounts[index].number,
                    amount: UInt32(amount), isShort: amount < wanted))
        }
        guard legs.contains(where: { $0.amount > 0 }) else { return }
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
        live.append(Hold(brand: brand, id: id, deadline: tick + UInt64(timeToLive), legs: legs))
    }

    private mutating func tell(_ index: Int, withCommitted: Bool) {
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

    private mutating func end() {
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
            orders += 1
            RecordWriting.beginConfirm(
                brand: hold.brand, reservation: hold.id,
                order: ClientID(high: 3, low: orders), legCount: legs.count,
                accountCount: moves.count, into: &pen.writer)
        } else {
            RecordWriting.beginEnd(
                isDue ? .expire : .release, brand: hold.brand, reservation: hold.id,
                legCount: legs.count, accountCount: moves.count, into: &pen.writer)
        }
        for leg in legs { pen.writer.append(leg) }
        for index in accounts.indices {
            guard let move = moves[accounts[index].number] else { continue }
            accounts[index].figures.held -= move.held
            accounts[index].figures.allocated += move.allocated
            accounts[index].figures.version += 1
            tell(index, withCommitted: confirms)
        }
        RecordHeader.end(&pen.writer)
        keep()
        let key = Key(brand: hold.brand, id: hold.id)
        held.remove(key)
        ended[key] = tick
    }
}
