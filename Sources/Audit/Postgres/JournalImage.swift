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
        var sequence: UInt64 = 0
        var wall: Int64 = 0
    }

    /// A reservation that is held.
    struct Held {
        var granted: LedgerModel.Place
        var dealer: UInt32
        var timeToLive: UInt32
        var fillMode: UInt8
        var legs: [RecordLeg]
    }

    private var texts: [UInt32: TableValue] = [:]
    private var accounts: [UInt32: Account] = [:]
    private var held: [EntryKey: Held] = [:]
    /// Of the record that was applied last.
    private(set) var rows: [ExpectedRow] = []
    private var place = LedgerModel.Place(sequence: 0, tick: 0, wall: 0)

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
        case .reserve(
            let brand, let id, _, let dealer, let timeToLive, let fillMode, let legs, let figures):
            held[EntryKey(id: id, brand: brand)] = Held(
                granted: place, dealer: dealer, timeToLive: timeToLive, fillMode: fillMode,
                legs: legs)
            change(figures, "RESERVE", id)
        case .confirm(let brand, let id, let order, let legs, let figures):
            end(EntryKey(id: id, brand: brand), "CONFIRMED", legs, order)
            change(figures, "CONFIRM", id)
        case .release(let brand, let id, let legs, let figures):
            end(EntryKey(id: id, brand: brand), "RELEASED", legs, nil)
            change(figures, "RELEASE", id)
        case .expire(let brand, let id, let legs, let figures):
            end(EntryKey(id: id, brand: brand), "EXPIRED", legs, nil)
            change(figures, "EXPIRE", id)
        case .order, .orderFromHolds, .cancel, .extend, .setPolicy, .transfer: break
        }
    }

    private func text(_ code: UInt32) -> TableValue { texts[code] ?? .null }

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

    private mutating func change(
        _ figures: [Record.Figure], _ kind: String, _ reservation: ClientID
    ) {
        for (line, told) in figures.enumerated() {
            change(told.account, kind, line: line, reference: reservation) { figures in
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
                ]))
    }

    private mutating func settle(_ request: ClientID, _ call: String, on number: UInt32) {
        guard let account = accounts[number] else { return }
        let sequence = Int64(clamping: place.sequence)
        rows.append(
            ExpectedRow(
                .outcomes, TableKey(sequence),
                [
                    .integer(sequence), account.brandText, .id(request), .text(call),
                    account.sku, account.warehouse, .wall(place.wall),
                ]))
    }

    // MARK: - Reservations and orders

    private mutating func end(
        _ key: EntryKey, _ state: String, _ legs: [RecordLeg], _ order: ClientID?
    ) {
        guard let hold = held.removeValue(forKey: key) else { return }
        finish(key, hold, state, legs, order)
        guard let order else { return }
        let sequence = Int64(clamping: place.sequence)
        rows.append(
            ExpectedRow(
                .orders, TableKey(sequence),
                [
                    .integer(sequence), text(key.brand), .id(order), text(hold.dealer),
                    .id(key.id), .text("ACCEPTED"), .text("ALLOCATED"), .text("UNPAID"),
                    .wall(place.wall),
                ]))
        for leg in legs.sorted(by: { $0.line < $1.line }) where leg.amount > 0 {
            rows.append(
                ExpectedRow(
                    .orderLines, TableKey(sequence, Int64(leg.line)),
                    [
                        .integer(sequence), .integer(Int64(leg.line)), text(key.brand),
                        .id(order), accounts[leg.account]?.sku ?? .null,
                        accounts[leg.account]?.warehouse ?? .null,
                        .integer(Int64(leg.amount)),
                    ]))
        }
    }

    /// A reservation's rows; without an end those of one that is held.
    private mutating func finish(
        _ key: EntryKey, _ hold: Held, _ state: String, _ legs: [RecordLeg]?, _ order: ClientID?
    ) {
        let ended = legs == nil ? nil : Int64(clamping: place.sequence)
        let granted = Int64(clamping: hold.granted.sequence)
        let endedValue = ended.map(TableValue.integer) ?? .null
        let deadline = Tick(milliseconds: hold.granted.tick)
            .advanced(byMilliseconds: UInt64(hold.timeToLive))
        rows.append(
            ExpectedRow(
                .reservations, TableKey(ended, granted),
                [
                    endedValue, .integer(granted), text(key.brand), .id(key.id),
                    text(hold.dealer),
                    .text(hold.fillMode == 1 ? "ALL_OR_NOTHING" : "PARTIAL"), .text(state),
                    .wall(hold.granted.wall), .integer(Int64(hold.timeToLive)),
                    .number(deadline.milliseconds), ended == nil ? .null : .wall(place.wall),
                    ended == nil ? .null : .number(place.tick),
                    order.map(TableValue.id) ?? .null,
                ]))
        for leg in hold.legs.sorted(by: { $0.line < $1.line }) {
            rows.append(
                ExpectedRow(
                    .reservationLines, TableKey(ended, granted, Int64(leg.line)),
                    [
                        endedValue, .integer(granted), .integer(Int64(leg.line)),
                        text(key.brand), .id(key.id), accounts[leg.account]?.sku ?? .null,
                        accounts[leg.account]?.warehouse ?? .null,
                        .integer(Int64(leg.amount)), .bool(leg.isShort),
                    ]))
        }
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
            finish(key, hold, "HELD", nil, nil)
            try body(rows)
        }
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
                ])
        }
    }
}
