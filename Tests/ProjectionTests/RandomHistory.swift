// SPDX-License-Identifier: Apache-2.0

import Effects
import Journal
import Primitives

/// A good history by chance: records that a server might have written, all types and both brands, with
/// several lines, with ids that are granted again after the retention.
///
/// Without `hasOrders` it has what a server of the first milestones wrote: no orders at once or of
/// several reservations, no cancellations, extensions, policies or transfers, and no split lines.
struct RandomHistory {
    static let retention: UInt64 = 20_000
    static let epochWall: Int64 = 1_795_000_000_000

    struct Account {
        var number: UInt32
        var brand: UInt32
        var sku: UInt32
        var warehouse: UInt32
        var figures = StockFigures(onHand: 0, held: 0, allocated: 0, safety: 0, version: 0)
        var sourceVersion: UInt64 = 0
    }

    struct Hold {
        var brand: UInt32
        var id: ClientID
        var dealer: UInt32
        var granted: UInt64
        var deadline: UInt64
        var legs: [RecordLeg]
    }

    /// An order of which something is left.
    struct Order {
        var brand: UInt32
        var id: ClientID
        var legs: [RecordLeg]
    }

    struct Key: Hashable {
        var brand: UInt32
        var id: ClientID
    }

    private(set) var records: [SampleRecord] = []
    var chance: SeededChance
    let pen = Pen()
    var tick: UInt64 = 1_000
    private var codeCount: UInt32 = 0
    var brands: [UInt32] = []
    var dealers: [UInt32: [UInt32]] = [:]
    var accounts: [Account] = []
    var live: [Hold] = []
    var open: [Order] = []
    /// When an id was used last; absent while it is held.
    var ended: [Key: UInt64] = [:]
    var held: Set<Key> = []
    var orders: UInt64 = 0
    /// Orders of which nothing is left, by the time of that.
    var cancelled: [(id: ClientID, tick: UInt64)] = []
    let hasOrders: Bool
    let linesMax: Int
    let idsPerBrand: Int
    private let stockMax: Int

    /// With few ids they are granted again and again, with little stock it runs out.
    init(
        seed: UInt64, count: Int, linesMax: Int = 6, idsPerBrand: Int = 400, stockMax: Int = 500,
        hasOrders: Bool = false
    ) {
        self.hasOrders = hasOrders
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
        if hasOrders, chance.oneIn(3) { return stepOfOrders() }
        switch chance.below(100) {
        case 0..<3: makeAccount()
        case 3..<8: setStock()
        case 8..<14: adjust()
        case 14..<60: reserve()
        default: end()
        }
    }

    mutating func keep() {
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
        let known = accounts.filter { $0.brand == brand }.randomElement(using: &chance)
        let isElsewhere = hasOrders && chance.oneIn(2)
        let sku =
            (isElsewhere ? known?.sku : nil) ?? define(brand, .sku, "sku-\(codeCount)")
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

    mutating func request(_ brand: UInt32) -> ClientID? {
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
}
