// SPDX-License-Identifier: Apache-2.0

import Primitives

@testable import Effects

/// Writes a good history: keeps the figures of a shop with one brand and lets each step append the
/// record that a server would. A test then changes one of them.
struct Bookkeeper {
    /// A record and when it was made.
    struct Entry {
        var record: Record
        var tick: UInt64
        var wall: Int64
    }

    /// One line of a reservation: account, units, and whether more was asked for.
    struct Line {
        var account: UInt32
        var units: UInt32
        var isShort = false
        /// Nil: its place.
        var number: UInt32?
    }

    static let brand: UInt32 = 0
    static let dealer: UInt32 = 4
    /// Wall milliseconds at tick 0.
    static let epochWall: Int64 = 1_800_000_000_000

    private(set) var entries: [Entry] = []
    var tick: UInt64 = 1_000
    private(set) var figures: [UInt32: StockFigures] = [:]
    /// Legs of each reservation as they were granted.
    var granted: [UInt64: [RecordLeg]] = [:]
    /// Legs of each order with what is left of them.
    var ordered: [UInt64: [RecordLeg]] = [:]
    private(set) var requests: UInt64 = 0

    /// Brand ACME; SKUs pen (1) and ink (2); warehouse north (3); dealer D1 (4).
    init() {
        for (number, code) in [
            (1, "ACME"), (2, "pen"), (2, "ink"), (3, "north"), (4, "D1"),
        ].enumerated() {
            define(UInt32(number), kind: UInt8(code.0), code.1)
        }
    }

    static func id(_ number: UInt64) -> ClientID { ClientID(high: 0x1d << 56, low: number) }

    mutating func append(_ record: Record) {
        entries.append(
            Entry(record: record, tick: tick, wall: Bookkeeper.epochWall + Int64(tick)))
    }

    mutating func replace(_ place: Int, with record: Record) { entries[place].record = record }

    /// Makes a record and all after it later.
    mutating func delay(from type: RecordType, _ number: Int, by milliseconds: UInt64) {
        guard let place = place(of: type, number)
        else { preconditionFailure("the history has fewer records of type \(type)") }
        for index in place..<entries.count { entries[index].tick += milliseconds }
    }

    mutating func define(_ number: UInt32, kind: UInt8, _ text: String) {
        append(
            .define(
                brand: Bookkeeper.brand, number: number, kind: kind, text: Array(text.utf8)))
    }

    /// The id of the next request.
    mutating func nextRequest() -> ClientID {
        requests += 1
        return Bookkeeper.id(requests)
    }

    /// Sets account 7 (pen), 9 (ink) or 11 (pen in warehouse 5): numbers may have gaps.
    mutating func set(_ account: UInt32, to onHand: Int64, sourceVersion: UInt64 = 0) {
        change(account) { $0.onHand = onHand }
        append(
            .setStock(
                brand: Bookkeeper.brand, request: nextRequest(), fingerprint: 1,
                account: account, sku: account == 7 || account == 11 ? 1 : 2,
                warehouse: account == 11 ? 5 : 3,
                sourceVersion: sourceVersion, figures: figure(account)))
    }

    mutating func adjust(_ account: UInt32, by delta: Int64) {
        change(account) { $0.onHand += delta }
        append(
            .adjustStock(
                brand: Bookkeeper.brand, request: nextRequest(), fingerprint: 1,
                account: account, delta: delta, figures: figure(account)))
    }

    mutating func reserve(
        _ number: UInt64, _ lines: [Line], timeToLive: UInt32 = 60_000, fillMode: UInt8 = 1
    ) {
        let legs = Bookkeeper.legs(lines)
        granted[number] = legs
        append(
            .reserve(
                brand: Bookkeeper.brand, reservation: Bookkeeper.id(number), fingerprint: 2,
                dealer: Bookkeeper.dealer, timeToLive: timeToLive, fillMode: fillMode, legs: legs,
                figures: move(legs) { $0.held += $1 }))
    }

    static func legs(_ lines: [Line]) -> [RecordLeg] {
        lines.enumerated().map {
            RecordLeg(
                line: $0.element.number ?? UInt32($0.offset + 1), account: $0.element.account,
                amount: $0.element.units, isShort: $0.element.isShort)
        }
    }

    /// Confirms `units` per line; nil: all.
    mutating func confirm(_ number: UInt64, order: UInt64, _ units: [UInt32]? = nil) {
        let legs = granted[number] ?? []
        let confirmed = legs.enumerated().map { index, leg in
            let amount = units?[index] ?? leg.amount
            return RecordLeg(
                line: leg.line, account: leg.account, amount: amount,
                isShort: amount < leg.amount)
        }
        for leg in confirmed { figures[leg.account]?.allocated += Int64(leg.amount) }
        ordered[order] = confirmed.filter { $0.amount > 0 }
        let told = moveAllocated(legs) { $0.held -= $1 }
        append(
            .confirm(
                brand: Bookkeeper.brand, reservation: Bookkeeper.id(number),
                order: Bookkeeper.id(order), legs: confirmed, figures: told))
    }

    mutating func release(_ number: UInt64) {
        let legs = granted[number] ?? []
        append(
            .release(
                brand: Bookkeeper.brand, reservation: Bookkeeper.id(number), legs: legs,
                figures: move(legs) { $0.held -= $1 }))
    }

    mutating func expire(_ number: UInt64) {
        let legs = granted[number] ?? []
        append(
            .expire(
                brand: Bookkeeper.brand, reservation: Bookkeeper.id(number), legs: legs,
                figures: move(legs) { $0.held -= $1 }))
    }

    // MARK: - Figures

    func figure(_ account: UInt32) -> StockFigures {
        figures[account]
            ?? StockFigures(onHand: 0, held: 0, allocated: 0, safety: 0, version: 0)
    }

    mutating func change(
        _ account: UInt32, _ change: (inout StockFigures) -> Void
    ) {
        var figures = figure(account)
        change(&figures)
        figures.version += 1
        self.figures[account] = figures
    }

    /// Changes each account by its legs' units, and tells what is allocated too.
    mutating func moveAllocated(
        _ legs: [RecordLeg], _ change: (inout StockFigures, Int64) -> Void
    ) -> [Record.Figure] {
        var told = move(legs, change)
        for index in told.indices {
            told[index].committed = figures[told[index].account]?.allocated
        }
        return told
    }

    /// Changes each account by its legs' units.
    mutating func move(
        _ legs: [RecordLeg], _ change: (inout StockFigures, Int64) -> Void
    ) -> [Record.Figure] {
        var told: [Record.Figure] = []
        for account in Set(legs.map(\.account)).sorted() {
            let units = legs.filter { $0.account == account }.reduce(0) { $0 + Int64($1.amount) }
            guard units > 0 else { continue }
            self.change(account) { change(&$0, units) }
            let figures = figure(account)
            told.append(
                Record.Figure(
                    account: account, held: figures.held, committed: nil,
                    version: figures.version))
        }
        return told
    }
}
