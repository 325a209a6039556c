// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import Testing

@testable import Audit

/// A good history has no violation; each planted one is found, by its rule and in words.
@Suite struct PlantedViolationTests {
    static let retention: UInt64 = 3_600_000

    /// Every type of record, holds of one and two lines, short lines and part confirmations.
    private static func goodHistory() -> Bookkeeper {
        var book = Bookkeeper()
        book.set(7, to: 100, sourceVersion: 5)
        book.set(9, to: 50)
        book.tick += 10
        book.adjust(7, by: -10)
        book.reserve(1, [.init(account: 7, units: 4)])
        book.reserve(2, [.init(account: 7, units: 5), .init(account: 9, units: 6)])
        book.reserve(
            3,
            [
                .init(account: 9, units: 44, isShort: true),
                .init(account: 9, units: 0, isShort: true),
            ], timeToLive: 1_000, fillMode: 2)
        book.tick += 10
        book.confirm(1, order: 1)
        book.confirm(2, order: 2, [5, 1])
        book.reserve(4, [.init(account: 7, units: 1)])
        book.release(4)
        book.tick += 1_000
        book.expire(3)
        book.set(7, to: 95, sourceVersion: 6)
        book.reserve(5, [.init(account: 7, units: 86)])
        return book
    }

    static func judge(
        _ entries: [Bookkeeper.Entry], finishes: Bool = true
    ) throws -> ViolationList {
        var model = LedgerModel(retention: retention, keepsForgotten: false)
        for (index, entry) in entries.enumerated() {
            try model.apply(
                RecordBytes.of(entry.record).span,
                at: LedgerModel.Place(
                    sequence: UInt64(index + 1), tick: entry.tick, wall: entry.wall))
        }
        if finishes { model.finish(at: entries.last?.tick ?? 0) }
        return model.violations
    }

    @Test func aGoodHistoryHasNone() throws {
        let violations = try PlantedViolationTests.judge(
            PlantedViolationTests.goodHistory().entries)
        #expect(violations.kept == [])
    }

    /// What is changed in the good history, the rule that must be broken, and words that a person must
    /// read.
    struct Plant: Sendable, CustomTestStringConvertible {
        var name: String
        var rule: Violation.Rule
        var words: [String]
        /// Violations in all: one fault is told once, and once more where what follows contradicts it.
        /// Nil: whatever follows makes no sense any more.
        var count: Int? = 1
        var change: @Sendable (inout Bookkeeper) -> Void

        var testDescription: String { name }
    }

    @Test(arguments: plants) func eachPlantIsFound(plant: Plant) throws {
        var book = PlantedViolationTests.goodHistory()
        plant.change(&book)
        let violations = try PlantedViolationTests.judge(book.entries)
        try PlantedViolationTests.expect(plant, in: violations)
    }

    /// The plant's rule is broken first, in its words, and as often as it says.
    static func expect(_ plant: Plant, in violations: ViolationList) throws {
        let first = try #require(violations.kept.first, "nothing was found")
        #expect(first.rule == plant.rule, "\(first.explanation)")
        for word in plant.words {
            #expect(first.explanation.contains(word), "\(first.explanation)")
        }
        guard let count = plant.count else { return }
        #expect(violations.count == count, "\(violations.kept.map(\.explanation))")
    }

    static let plants: [Plant] = figurePlants + identityPlants + legPlants + codePlants + formPlants

    private static let figurePlants = [
        Plant(name: "held too low", rule: .held, words: ["holds 3", "make 4", "\"pen\""], count: 2)
        {
            $0.edit(.reserve, 1) { $0.figures[0].held -= 1 }
        },
        Plant(name: "held too high for good", rule: .held, words: ["granted"], count: 3) {
            // The server goes on with its wrong figure, so the live holds don't add up at the end.
            $0.editAll { record in
                guard record.figureList.contains(where: { $0.account == 9 }) else { return }
                record.figures = record.figureList.map {
                    var figure = $0
                    if figure.account == 9 { figure.held += 1 }
                    return figure
                }
            }
        },
        Plant(name: "allocated", rule: .allocated, words: ["5 allocated", "make 4"], count: 2) {
            $0.edit(.confirm, 1) { $0.figures[0].committed = 5 }
        },
        Plant(name: "on hand after an adjustment", rule: .onHand, words: ["make 90"]) {
            $0.edit(.adjustStock, 1) { $0.stock.onHand = 91 }
        },
        Plant(name: "adjustment's amount", rule: .onHand, words: ["make 91"]) {
            $0.edit(.adjustStock, 1) { $0.delta = -9 }
        },
        Plant(name: "safety", rule: .safety, words: ["safety stock"]) {
            $0.edit(.setStock, 3) { $0.stock.safety = 1 }
            $0.edit(.reserve, 5) { $0.lowerAll(by: 1) }
        },
        Plant(name: "version stands still", rule: .version, words: ["version"], count: 2) {
            $0.edit(.reserve, 1) { $0.figures[0].version -= 1 }
        },
        Plant(name: "oversold", rule: .oversold, words: ["aren't there", "leave -1"]) {
            $0.edit(.reserve, 5) { $0.lowerAll(by: -1) }
        },
        Plant(name: "negative", rule: .range, words: ["-1 on hand"], count: 2) {
            // Set to -1, then a grant of it all is oversold.
            $0.edit(.setStock, 3) { $0.stock.onHand = -1 }
        },
        Plant(name: "source version", rule: .sourceVersion, words: ["source version 5", "5"]) {
            $0.edit(.setStock, 3) { $0.sourceVersion = 5 }
        },
    ]

    private static let identityPlants = [
        Plant(
            name: "granted twice", rule: .grantedTwice, words: ["granted it", "is live"], count: nil
        ) {
            $0.edit(.reserve, 2) { $0.id = Bookkeeper.id(1) }
        },
        Plant(name: "granted again after its end", rule: .grantedTwice, words: ["within the"]) {
            $0.edit(.reserve, 5) { $0.id = Bookkeeper.id(4) }
        },
        Plant(name: "release of nothing", rule: .notHeld, words: ["never granted"], count: 2) {
            $0.edit(.release, 1) { $0.id = Bookkeeper.id(77) }
        },
        Plant(name: "two ends", rule: .notHeld, words: ["was confirmed by record"], count: 2) {
            $0.edit(.release, 1) { $0.id = Bookkeeper.id(1) }
        },
        Plant(name: "order twice", rule: .orderTwice, words: ["made already"]) {
            $0.edit(.confirm, 2) { $0.order = Bookkeeper.id(1) }
        },
        Plant(name: "request twice", rule: .requestTwice, words: ["second effect"]) {
            $0.edit(.adjustStock, 1) { $0.id = Bookkeeper.id(1) }
        },
        Plant(name: "expired early", rule: .deadline, words: ["before its deadline"]) {
            $0.edit(.reserve, 3) { $0.timeToLive = 2_000 }
        },
        Plant(name: "confirmed late", rule: .deadline, words: ["though it was due"], count: 2) {
            // The history begins at tick 1,000: everything from the confirmation on comes later.
            $0.delay(from: .confirm, 1, by: 60_000)
        },
    ]

    private static let legPlants = [
        Plant(name: "gives back less", rule: .legs, words: ["gives back 0", "1 were granted"]) {
            $0.edit(.release, 1) { $0.legs[0].amount = 0 }
        },
        Plant(
            name: "confirms more", rule: .legs, words: ["confirms 5", "more than the 4"], count: 4
        ) {
            $0.edit(.confirm, 1) { $0.legs[0].amount = 5 }
        },
        Plant(name: "short mark", rule: .legs, words: ["marks line 1"]) {
            $0.edit(.confirm, 1) { $0.legs[0].isShort = true }
        },
        Plant(name: "other line", rule: .legs, words: ["other lines"]) {
            $0.edit(.release, 1) { $0.legs[0].line = 9 }
        },
        Plant(name: "figure left out", rule: .accounts, words: ["no figures", "\"ink\""], count: 2)
        {
            $0.edit(.reserve, 2) { $0.figures.removeLast() }
        },
        Plant(name: "figure twice", rule: .accounts, words: ["or twice"]) {
            $0.edit(.reserve, 2) { $0.figures.append($0.figures[0]) }
        },
        Plant(name: "account never set", rule: .account, words: ["account 8, never set"]) {
            $0.edit(.reserve, 5) {
                $0.legs[0].account = 8
                $0.figures[0].account = 8
            }
        },
    ]

    private static let codePlants = [
        Plant(name: "code number", rule: .code, words: ["number 6, but 3 is next"]) {
            $0.edit(.define, 4) { $0.number = 6 }
        },
        Plant(name: "code twice", rule: .code, words: ["\"pen\" again"], count: nil) {
            // And what should have been ink is missing: its account is pen's second.
            $0.edit(.define, 3) { $0.text = Array("pen".utf8) }
            $0.edit(.define, 5) { $0.kind = 9 }
        },
        Plant(name: "text", rule: .code, words: ["printable ASCII"]) {
            $0.edit(.define, 2) { $0.text = [0x70, 0xff] }
        },
        Plant(name: "wrong kind of code", rule: .code, words: ["as a dealer"]) {
            $0.edit(.reserve, 1) { $0.dealer = 3 }
        },
        Plant(name: "account of other codes", rule: .account, words: ["under the number"]) {
            $0.edit(.setStock, 3) { $0.sku = 2 }
        },
        Plant(
            name: "codes of another account", rule: .account, words: ["gives number 8"]
        ) {
            $0.set(8, to: 1)
        },
        Plant(name: "adjusted before it was set", rule: .account, words: ["never set"]) {
            $0.adjust(8, by: 1)
        },
    ]

    private static let formPlants = [
        Plant(name: "id of zeroes", rule: .form, words: ["reservation id"]) {
            $0.edit(.reserve, 5) { $0.id = ClientID(high: 0, low: 0) }
        },
        Plant(name: "fill mode", rule: .form, words: ["fill mode 3"]) {
            $0.edit(.reserve, 5) { $0.fillMode = 3 }
        },
        Plant(name: "time to live", rule: .form, words: ["for 999 ms"]) {
            $0.edit(.reserve, 5) { $0.timeToLive = 999 }
        },
        Plant(name: "short without leave", rule: .form, words: ["all or nothing"]) {
            $0.edit(.reserve, 3) { $0.fillMode = 1 }
        },
        Plant(name: "delta of nothing", rule: .form, words: ["by 0"]) {
            $0.adjust(7, by: 0)
        },
        Plant(name: "order of nothing", rule: .form, words: ["order of nothing"]) {
            $0.confirm(5, order: 5, [0])
        },
    ]

    @Test func everyRuleHasAPlant() {
        let planted = Set((PlantedViolationTests.plants + PlantedOrderTests.plants).map(\.rule))
        // These have tests of their own: below, and with a real Postgres in Tests/Conformance.
        let others: Set<Violation.Rule> = [.liveLegs, .sequence, .tick, .postgres]
        #expect(planted.union(others) == Set(Violation.Rule.allCases))
    }

    @Test func aGapInTheSequencesIsFound() throws {
        var model = LedgerModel(retention: 1_000, keepsForgotten: false)
        let define = RecordBytes.of(PlantedViolationTests.goodHistory().entries[0].record)
        try model.apply(define.span, at: LedgerModel.Place(sequence: 2, tick: 0, wall: 0))
        #expect(model.violations.kept.first?.rule == .sequence)
    }

    @Test func timeThatGoesBackOverARestartIsFound() throws {
        var model = LedgerModel(retention: 1_000, keepsForgotten: false)
        model.begin(epoch: 1, at: 500)
        model.begin(epoch: 2, at: 500)
        #expect(model.violations.count == 0)
        model.begin(epoch: 3, at: 499)
        #expect(model.violations.kept.first?.rule == .tick)
    }

    @Test func whatIsHeldMustBeLiveLegs() throws {
        var book = PlantedViolationTests.goodHistory()
        book.edit(.reserve, 5) { $0.figures[0].held += 1 }
        let violations = try PlantedViolationTests.judge(book.entries)
        #expect(violations.kept.map(\.rule).contains(.liveLegs))
    }

    @Test func violationsAreBoundedAndCounted() throws {
        var book = Bookkeeper()
        for _ in 0..<AuditLimits.violationsKeptMax + 10 { book.adjust(8, by: 1) }
        let violations = try PlantedViolationTests.judge(book.entries)
        #expect(violations.kept.count == AuditLimits.violationsKeptMax)
        #expect(violations.count == AuditLimits.violationsKeptMax + 10)
    }

    // MARK: - Retention

    @Test(arguments: [-6_000, -4_000, 0, 1] as [Int64]) func anIdIsFreeAfterTheRetention(
        slack: Int64
    ) throws {
        var book = PlantedViolationTests.goodHistory()
        // Released at its tick; ticks may step back by a turn between loops.
        let released = try #require(book.place(of: .release, 1).map { book.entries[$0].tick })
        book.tick = UInt64(
            Int64(released) + Int64(PlantedViolationTests.retention) + slack)
        book.expire(5)
        book.reserve(4, [.init(account: 7, units: 1)])
        let violations = try PlantedViolationTests.judge(book.entries)
        #expect(violations.kept.map(\.rule) == (slack < -5_000 ? [.grantedTwice] : []))
    }

    @Test func ordersOutliveTheirHolds() throws {
        var book = PlantedViolationTests.goodHistory()
        book.tick += 2 * PlantedViolationTests.retention
        book.expire(5)
        book.reserve(1, [.init(account: 7, units: 1)])
        book.confirm(1, order: 1)
        let violations = try PlantedViolationTests.judge(book.entries)
        #expect(violations.kept.map(\.rule) == [.orderTwice])
    }

    @Test func whatIsForgottenGivesItsMemoryBack() throws {
        var book = Bookkeeper()
        book.set(7, to: 10)
        for number in 1...1_000 as ClosedRange<UInt64> {
            book.reserve(number, [.init(account: 7, units: 1)])
            book.release(number)
            book.tick += PlantedViolationTests.retention / 10
        }
        var model = LedgerModel(
            retention: PlantedViolationTests.retention, keepsForgotten: false)
        for (index, entry) in book.entries.enumerated() {
            try model.apply(
                RecordBytes.of(entry.record).span,
                at: LedgerModel.Place(
                    sequence: UInt64(index + 1), tick: entry.tick, wall: entry.wall))
        }
        #expect(model.violations.kept == [])
        #expect(model.holds.count < 20)
        #expect(model.holdRows.count < 20)
        #expect(model.outcomes.isEmpty)
    }
}
