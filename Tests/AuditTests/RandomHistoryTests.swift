// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import Testing

@testable import Audit

/// Histories made by chance: none has a violation, and each has one when any figure of it is off by
/// one.
@Suite struct RandomHistoryTests {
    /// The same numbers for the same seed, always.
    struct Draw: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }

    private static let accounts: [UInt32] = [7, 9, 11]

    @Test(arguments: 1...40 as ClosedRange<UInt64>) func aFigureThatIsOffIsFound(
        seed: UInt64
    ) throws {
        var draw = Draw(state: seed)
        var book = RandomHistoryTests.history(&draw)
        let violations = try PlantedViolationTests.judge(book.entries)
        #expect(violations.kept == [], "seed \(seed)")
        let places = book.entries.indices.filter {
            let record = EditableRecord(book.entries[$0].record)
            return !record.figures.isEmpty || record.stock.version > 0
        }
        let place = try #require(places.randomElement(using: &draw))
        var record = EditableRecord(book.entries[place].record)
        RandomHistoryTests.spoil(&record, &draw)
        book.replace(place, with: record.record)
        let found = try PlantedViolationTests.judge(book.entries)
        #expect(found.count > 0, "seed \(seed), record \(place + 1), \(record)")
    }

    private static func spoil(_ record: inout EditableRecord, _ draw: inout Draw) {
        if record.figures.isEmpty {
            switch Int.random(in: 0..<3, using: &draw) {
            case 0: record.stock.held += 1
            case 1: record.stock.allocated += 1
            default: record.stock.version += 1
            }
            return
        }
        let index = record.figures.indices.randomElement(using: &draw) ?? 0
        switch Int.random(in: 0..<3, using: &draw) {
        case 0: record.figures[index].held += 1
        case 1 where record.figures[index].committed != nil:
            record.figures[index].committed? += 1
        default: record.figures[index].version += 1
        }
    }

    /// Two hundred steps of a shop with three accounts.
    private static func history(_ draw: inout Draw) -> Bookkeeper {
        var book = Bookkeeper()
        book.define(5, kind: 3, "south")
        for account in accounts { book.set(account, to: 1_000) }
        var live: [UInt64] = []
        var orders: [UInt64] = []
        for number in 100..<300 as Range<UInt64> {
            book.tick += UInt64.random(in: 0...20, using: &draw)
            switch Int.random(in: 0..<9, using: &draw) {
            case 0:
                book.reserve(number, lines(&book, &draw))
                live.append(number)
            case 1:
                book.order(number, lines(&book, &draw))
                orders.append(number)
            case 2, 3:
                let count = min(live.count, Int.random(in: 1...3, using: &draw))
                guard count > 0 else { continue }
                book.order(number, from: Array(live.prefix(count)))
                live.removeFirst(count)
                orders.append(number)
            case 4:
                guard let hold = live.popLast() else { continue }
                book.confirm(hold, order: number)
                orders.append(number)
            case 5:
                guard let hold = live.first else { continue }
                book.extend(hold, to: book.tick + 70_000)
            case 6:
                guard let order = orders.randomElement(using: &draw) else { continue }
                cancel(order, in: &book, &draw)
                if book.ordered[order]?.allSatisfy({ $0.amount == 0 }) != false {
                    orders.removeAll { $0 == order }
                }
            case 7:
                book.setPolicy(
                    accounts.randomElement(using: &draw) ?? 7,
                    StockPolicy(safety: Int64.random(in: 0...50, using: &draw), highWater: 9))
            default:
                let back = Bool.random(using: &draw)
                let units = Int64.random(in: 1...9, using: &draw)
                if available(back ? 11 : 7, book) >= units {
                    book.transfer(units, from: back ? 11 : 7, to: back ? 7 : 11)
                }
            }
        }
        return book
    }

    private static func available(_ account: UInt32, _ book: Bookkeeper) -> Int64 {
        let figures = book.figure(account)
        return figures.onHand - figures.held - figures.allocated - figures.safety
    }

    /// A line of one leg, and one that may be split.
    private static func lines(_ book: inout Bookkeeper, _ draw: inout Draw) -> [Bookkeeper.Line] {
        for account in accounts where available(account, book) < 20 {
            book.set(account, to: book.figure(account).onHand + 1_000)
        }
        func units(_ draw: inout Draw) -> UInt32 { UInt32.random(in: 1...9, using: &draw) }
        var lines = [
            Bookkeeper.Line(account: 9, units: units(&draw), number: 7),
            Bookkeeper.Line(account: 7, units: units(&draw), number: 3),
        ]
        if Bool.random(using: &draw) {
            lines.append(Bookkeeper.Line(account: 11, units: units(&draw), number: 3))
        }
        return lines
    }

    /// All that is left, or some of each leg.
    private static func cancel(_ order: UInt64, in book: inout Bookkeeper, _ draw: inout Draw) {
        guard let left = book.ordered[order], Bool.random(using: &draw) else {
            return book.cancel(order)
        }
        let units = left.map { $0.amount > 0 ? UInt32.random(in: 0...$0.amount, using: &draw) : 0 }
        if units.contains(where: { $0 > 0 }) { book.cancel(order, units) }
    }
}
