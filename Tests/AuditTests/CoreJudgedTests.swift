// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import Testing

@testable import Audit
@testable import ReservationCore

/// The checker agrees with a real core, whatever is asked of that: rules stated twice.
@Suite struct CoreJudgedTests {
    private typealias Line = JudgedDesk.Line

    private static let warehouses = ["north", "south", "west"]
    private static let skus = ["pen", "ink"]

    @Test func theCheckerFindsNothing() throws {
        var types: Set<RecordType> = []
        for seed in 1...20 as ClosedRange<UInt64> {
            types.formUnion(try CoreJudgedTests.typesOfASale(seed))
        }
        #expect(types == Set(RecordType.allCases).subtracting([.adjustStock]))
    }

    /// Judges one, and says what was in it.
    private static func typesOfASale(_ seed: UInt64) throws -> Set<RecordType> {
        var draw = RandomHistoryTests.Draw(state: seed)
        var desk = JudgedDesk()
        var types: Set<RecordType> = []
        CoreJudgedTests.sell(&desk, &draw)
        var model = LedgerModel(retention: 86_400_000, keepsForgotten: false)
        for (index, entry) in desk.records.entries.enumerated() {
            let record = try Record(entry.bytes.span)
            types.insert(record.type)
            model.apply(
                record,
                at: LedgerModel.Place(
                    sequence: UInt64(index + 1), tick: entry.time.tick.milliseconds,
                    wall: entry.time.wall.milliseconds))
        }
        model.finish(at: desk.tick)
        #expect(model.violations.kept == [], "seed \(seed)")
        return types
    }

    /// Six hundred calls, many of which are refused.
    private static func sell(_ desk: inout JudgedDesk, _ draw: inout RandomHistoryTests.Draw) {
        for sku in skus {
            for warehouse in warehouses { _ = desk.set(sku, at: warehouse, to: 60) }
        }
        for number in 1...600 as ClosedRange<UInt64> {
            desk.tick += UInt64.random(in: 0...100, using: &draw)
            if number % 50 == 0 { desk.turn() }
            // Whether such an id is there decides the core.
            func earlier(_ draw: inout RandomHistoryTests.Draw) -> UInt64 {
                UInt64.random(in: number - min(number - 1, 30)...number, using: &draw)
            }
            let mode: FillMode = Bool.random(using: &draw) ? .partial : .allOrNothing
            switch Int.random(in: 0..<12, using: &draw) {
            case 0, 1, 2: _ = desk.reserve(number, lines(&draw), mode)
            case 3: _ = desk.order(number, lines(&draw), mode)
            case 4: _ = desk.confirm(earlier(&draw), order: number, [])
            case 5: _ = desk.confirm(earlier(&draw), order: number, parts(&draw))
            case 6:
                let some = (0..<Int.random(in: 1...2, using: &draw)).map { _ in earlier(&draw) }
                if Set(some).count == some.count { _ = desk.order(number, from: some) }
            case 7: _ = desk.release(earlier(&draw))
            case 8: _ = desk.extend(earlier(&draw), by: 7_000)
            case 9: _ = desk.cancel(earlier(&draw), [])
            case 10: _ = desk.cancel(earlier(&draw), parts(&draw))
            default: restock(&desk, &draw)
            }
        }
    }

    private static func restock(_ desk: inout JudgedDesk, _ draw: inout RandomHistoryTests.Draw) {
        let sku = skus.randomElement(using: &draw) ?? "pen"
        let places = warehouses.shuffled(using: &draw)
        switch Int.random(in: 0..<3, using: &draw) {
        case 0: _ = desk.set(sku, at: places[0], to: Int64.random(in: 40...90, using: &draw))
        case 1: _ = desk.policy(sku, at: places[0], safety: Int64.random(in: 0...9, using: &draw))
        default:
            _ = desk.transfer(
                sku, Int64.random(in: 1...20, using: &draw), from: places[0], to: places[1])
        }
    }

    /// Two lines, each from somewhere or from anywhere.
    private static func lines(_ draw: inout RandomHistoryTests.Draw) -> [Line] {
        skus.shuffled(using: &draw).enumerated().map { index, sku in
            Line(
                sku: sku,
                warehouse: Bool.random(using: &draw)
                    ? "" : warehouses.randomElement(using: &draw) ?? "north",
                quantity: Int64.random(in: 1...40, using: &draw), number: UInt32(index + 1))
        }
    }

    /// Of the first line, or of both.
    private static func parts(_ draw: inout RandomHistoryTests.Draw) -> [Line] {
        (1...UInt32.random(in: 1...2, using: &draw)).map {
            Line(
                sku: "", warehouse: "", quantity: Int64.random(in: 1...3, using: &draw),
                number: $0)
        }
    }
}
