// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives

/// What the records come to in the tables: which rows each of them makes or finishes.
///
/// It believes the figures in the records; `LedgerModel` judges them. A record that it can't make
/// sense of makes no rows.
struct JournalImage {
    /// An account as its row must be.
    struct Account {
        var number: UInt32
        var brand: UInt32
        var brandText: TableValue
        var sku: TableValue
        var warehouse: TableValue
        var figures = StockFigures(onHand: 0, held: 0, allocated: 0, safety: 0, version: 0)
        var sourceVersion: UInt64 = 0
        var policy = StockPolicy()
        var sequence: UInt64 = 0
        var wall: Int64 = 0
    }

    /// A reservation that is held.
    struct Held {
        var granted: LedgerModel.Place
        var dealer: UInt32
        var timeToLive: UInt64
        var deadline: UInt64
        var fillMode: UInt8
        var legs: [RecordLeg]
    }

    /// An order that will change.
    struct Ordered {
        struct Line {
            var leg: RecordLeg
            var cancelled: UInt64 = 0
        }

        var made: LedgerModel.Place
        var dealer: UInt32
        var reservation: ClientID?
        var lines: [Line]
        var changed: LedgerModel.Place
    }

    /// For each order that the tables say was changed, by the record that made it: the record that
    /// changed it last. So only these have to be remembered; where the tables are wrong there, rows
    /// are missing and too many.
    let changedOrders: [UInt64: UInt64]

    private var texts: [UInt32: TableValue] = [:]
    private var accounts: [UInt32: Account] = [:]
    var held: [EntryKey: Held] = [:]
    var ordered: [EntryKey: Ordered] = [:]
    /// Of the record that was applied last.
    var rows: [ExpectedRow] = []
    private(set) var place = LedgerModel.Place(sequence: 0, tick: 0, wall: 0)

    init(changedOrders: [UInt64: UInt64] = [:]) { self.changedOrders = changedOrders }

    /// Applies one more record; `rows` are then what it makes.
    mutating func apply(_ record: Record, at place: LedgerModel.Place) {
        self.place = place
        rows.removeAll(keepingCapacity: true)
        switch record {
        case .define(let brand, let number, let kind, let text):
            define(number, kind: kind, of: brand, String(decoding: text, as: UTF8.self))
        case .setStock(
            let brand, let request, _, let number, let sku, let warehouse, let version,
            let figures):
            if accounts[number] == nil {
                accounts[number] = Account(
                    number: number, brand: brand, brandText: text(brand), sku: text(sku),
                    warehouse: text(warehouse))
            }
            if version > 0 { accounts[number]?.sourceVersion = version }
            change(number, "SET", line: 0, reference: request) { $0 = figures }
            settle(request, "SetStock", on: number)
        case .adjustStock(_, let request, _, let number, _, let figures):
            change(number, "ADJUST", line: 0, reference: request) { $0 = figures }
            settle(request, "AdjustStock", on: number)
        case .setPolicy(_, let request, _, let number, let policy, let figures):
            change(number, "POLICY", line: 0, reference: request) { $0 = figures }
            accounts[number]?.policy = policy
            settle(request, "SetStockPolicy", on: number)
        case .transfer(_, let request, _, _, let from, let to, let fromFigures, let toFigures):
            change(from, "TRANSFER", line: 0, reference: request) { $0 = fromFigures }
            change(to, "TRANSFER", line: 1, reference: request) { $0 = toFigures }
            settle(request, "TransferStock", on: from, to: to)
        case .reserve, .confirm, .release, .expire, .extend: applyHold(record)
        case .order, .orderFromHolds, .cancel: applyOrder(record)
        }
    }

    func text(_ code: UInt32) -> TableValue { texts[code] ?? .null }

    private mutating func define(
        _ number: UInt32, kind: UInt8, of brand: UInt32, _ text: String
    ) {
        texts[number] = .text(text)
        let (sequence, number) = (Int64(clamping: place.sequence), Int64(number))
        rows.append(
            ExpectedRow(
                .codes, TableKey(sequence, number),
                [
                    .integer(sequence), .integer(number), .integer(Int64(kind)),
                    brand == 0 ? .null : .integer(Int64(brand)), .text(text),
                ]))
    }

    // MARK: - Stock

    mutating func change(
        _ figures: [Record.Figure], _ kind: String, _ reference: ClientID
    ) {
        for (line, told) in figures.enumerated() {
            change(told.account, kind, line: line, reference: reference) { figures in
                figures.held = told.held
                figures.allocated = told.committed ?? figures.allocated
                figures.version = told.version
            }
        }
    }

    /// An account stands as `body` makes it: a movement of the difference.
    private mutating func change(
        _ number: UInt32, _ kind: String, line: Int, reference: ClientID,
        _ body: (inout StockFigures) -> Void
    ) {
        guard var account = accounts[number] else { return }
        let before = account.figures
        body(&account.figures)
        account.sequence = place.sequence
        account.wall = place.wall
        accounts[number] = account
        let sequence = Int64(clamping: place.sequence)
        rows.append(
            ExpectedRow(
                .movements, TableKey(sequence, Int64(line)),
                [
                    .integer(sequence), .integer(Int64(line)), .wall(place.wall), .text(kind),
                    account.brandText, account.sku, account.warehouse,
                    .integer(account.figures.onHand &- before.onHand),
                    .integer(account.figures.held &- before.held),
                    .integer(account.figures.allocated &- before.allocated), .id(reference),
                    .integer(Int64(account.number)),
                    .integer(account.figures.safety &- before.safety),
                ]))
    }

    /// An account that is known.
    func account(_ number: UInt32) -> Account? { accounts[number] }

    private mutating func settle(
        _ request: ClientID, _ call: String, on number: UInt32, to other: UInt32? = nil
    ) {
        guard let account = accounts[number] else { return }
        settle(
            request, call, account.brandText,
            [account.sku, account.warehouse, .wall(place.wall)]
                + [other.flatMap { accounts[$0]?.warehouse } ?? .null, .null])
    }

    /// A request about a reservation or an order.
    mutating func settle(_ request: ClientID, _ call: String, about key: EntryKey) {
        settle(
            request, call, text(key.brand),
            [.null, .null, .wall(place.wall), .null, .id(key.id)])
    }

    private mutating func settle(
        _ request: ClientID, _ call: String, _ brand: TableValue, _ rest: [TableValue]
    ) {
        let sequence = Int64(clamping: place.sequence)
        rows.append(
            ExpectedRow(
                .outcomes, TableKey(sequence),
                [.integer(sequence), brand, .id(request), .text(call)] + rest))
    }

    // MARK: - The end

    /// The rows of what is held, one reservation after the other, given to `body`.
    mutating func forEachHeld<Failure: Error>(
        _ body: ([ExpectedRow]) throws(Failure) -> Void
    ) throws(Failure) {
        let keys = held.keys.sorted {
            (held[$0]?.granted.sequence ?? 0) < (held[$1]?.granted.sequence ?? 0)
        }
        for key in keys {
            guard let hold = held[key] else { continue }
            rows.removeAll(keepingCapacity: true)
            finish(key, hold, "HELD", isEnded: false, nil)
            try body(rows)
        }
    }

    /// The rows of orders that the tables say were changed at records that didn't.
    mutating func unchangedOrders() -> [ExpectedRow] {
        rows.removeAll(keepingCapacity: true)
        for (key, order) in ordered.sorted(by: { $0.value.made.sequence < $1.value.made.sequence })
        {
            finish(key, order)
        }
        return rows
    }

    /// The accounts' rows.
    func stock() -> [ExpectedRow] {
        accounts.values.sorted { $0.number < $1.number }.map { account in
            let figures = account.figures
            return ExpectedRow(
                .stock, TableKey(Int64(account.number)),
                [
                    .integer(Int64(account.number)), account.brandText, account.sku,
                    account.warehouse, .integer(figures.onHand), .integer(figures.held),
                    .integer(figures.allocated), .integer(figures.safety),
                    .number(figures.version),
                    account.sourceVersion == 0 ? .null : .text(String(account.sourceVersion)),
                    .number(account.sequence), .wall(account.wall),
                    .integer(account.policy.backorderLimit), .integer(account.policy.lowWater),
                    .integer(account.policy.highWater),
                    .number(account.policy.holdTimeToLiveMilliseconds),
                ])
        }
    }
}
