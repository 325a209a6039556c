// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import Testing

@testable import Audit

/// The same of orders at once and of holds, cancellations, extensions, policies and transfers.
@Suite struct PlantedOrderTests {
    typealias Plant = PlantedViolationTests.Plant

    /// Lines split over warehouses, orders cancelled in part and in whole, a hold that lives longer.
    static func goodHistory() -> Bookkeeper {
        var book = Bookkeeper()
        book.define(5, kind: 3, "south")
        book.define(6, kind: 4, "D2")
        book.set(7, to: 100)
        book.set(9, to: 50)
        book.set(11, to: 20)
        book.tick += 10
        book.setPolicy(
            7,
            StockPolicy(
                safety: 10, backorderLimit: 3, lowWater: 5, highWater: 20,
                holdTimeToLiveMilliseconds: 60_000))
        book.transfer(30, from: 7, to: 11)
        book.order(1, [.init(account: 7, units: 4), .init(account: 9, units: 6)])
        book.order(
            2,
            [
                .init(account: 7, units: 16, number: 4), .init(account: 11, units: 5, number: 4),
                .init(account: 9, units: 3, number: 8),
            ])
        book.reserve(
            10,
            [.init(account: 7, units: 2, number: 1), .init(account: 11, units: 3, number: 1)])
        book.reserve(
            11,
            [
                .init(account: 9, units: 1, isShort: true),
                .init(account: 7, units: 0, isShort: true),
            ], fillMode: 2)
        book.reserve(12, [.init(account: 9, units: 2, number: 5)])
        book.extend(12, to: book.tick + 120_000)
        book.tick += 10
        book.order(3, from: [10, 11])
        book.order(4, from: [12])
        book.cancel(1, [1, 2])
        book.cancel(1)
        book.cancel(3, [0, 3, 0], cause: 0xff)
        book.order(5, [.init(account: 7, units: 42)])
        return book
    }

    @Test func aGoodHistoryHasNone() throws {
        let violations = try PlantedViolationTests.judge(PlantedOrderTests.goodHistory().entries)
        #expect(violations.kept == [])
    }

    @Test(arguments: plants) func eachPlantIsFound(plant: Plant) throws {
        var book = PlantedOrderTests.goodHistory()
        plant.change(&book)
        try PlantedViolationTests.expect(
            plant, in: try PlantedViolationTests.judge(book.entries))
    }

    static let plants: [Plant] =
        figurePlants + orderPlants + holdPlants + cancelPlants + extendPlants + policyPlants
        + transferPlants

    private static let figurePlants = [
        Plant(
            name: "allocated after an order at once", rule: .allocated,
            words: ["ordered at once 4", "make 4"], count: 2
        ) {
            $0.edit(.order, 1) { $0.figures[0].committed = 5 }
        },
        Plant(name: "held after an order at once", rule: .held, words: ["holds 1"], count: 2) {
            $0.edit(.order, 1) { $0.figures[0].held = 1 }
        },
        Plant(
            name: "allocated after an order of holds", rule: .allocated, words: ["confirmed 2"],
            count: 2
        ) {
            $0.edit(.orderFromHolds, 1) { $0.figures[0].committed = 23 }
        },
        Plant(
            name: "allocated after a cancellation", rule: .allocated, words: ["cancelled 1"],
            count: 2
        ) {
            $0.edit(.cancel, 1) { $0.figures[0].committed = 23 }
        },
        Plant(name: "accounts out of order", rule: .accounts, words: ["out of order"]) {
            $0.edit(.order, 2) { $0.figures.reverse() }
        },
        Plant(name: "a cancelled account without figures", rule: .accounts, words: ["no figures"]) {
            $0.edit(.cancel, 3) { $0.figures = [] }
        },
        Plant(name: "ordered more than there is", rule: .oversold, words: ["leave -1"]) {
            $0.edit(.order, 3) {
                $0.legs[0].amount += 1
                $0.figures[0].committed? += 1
            }
        },
        Plant(name: "ordered of the safety stock", rule: .oversold, words: ["safety 11"]) {
            $0.edit(.setPolicy, 1) { $0.stock.safety = 11 }
            $0.edit(.transfer, 1) { $0.stock.safety = 11 }
        },
    ]

    private static let orderPlants = [
        Plant(name: "order id of zeroes", rule: .form, words: ["an order id"]) {
            $0.edit(.order, 3) { $0.id = ClientID(high: 0, low: 0) }
        },
        Plant(
            name: "order twice at once", rule: .orderTwice, words: ["made already"], count: nil
        ) {
            $0.edit(.order, 2) { $0.id = Bookkeeper.id(1) }
        },
        Plant(
            name: "cancelled order made again", rule: .orderTwice, words: ["it was cancelled 0 ms"]
        ) {
            $0.edit(.order, 3) { $0.id = Bookkeeper.id(1) }
        },
        Plant(name: "order's fill mode", rule: .form, words: ["fill mode 3"]) {
            $0.edit(.order, 3) { $0.fillMode = 3 }
        },
        Plant(name: "leg of nothing", rule: .form, words: ["a leg of nothing"]) {
            $0.edit(.order, 3) {
                $0.fillMode = 2
                $0.legs.append(RecordLeg(line: 2, account: 9, amount: 0, isShort: true))
            }
        },
        Plant(name: "line in two places", rule: .form, words: ["same number, 4"]) {
            $0.edit(.order, 2) { $0.legs.swapAt(1, 2) }
        },
        Plant(
            name: "a line twice on an account", rule: .form, words: ["two legs of line 4"],
            count: nil
        ) {
            $0.edit(.order, 2) { $0.legs[1].account = 7 }
        },
        Plant(name: "a line of two SKUs", rule: .form, words: ["line 4 on", "another SKU"]) {
            $0.edit(.order, 2) { $0.legs[2].line = 4 }
        },
        Plant(
            name: "a split line is short before its end", rule: .form, words: ["isn't its last"]
        ) {
            $0.edit(.reserve, 1) {
                $0.fillMode = 2
                $0.legs[0].isShort = true
            }
        },
        Plant(name: "order on an account never set", rule: .account, words: ["account 8"]) {
            $0.edit(.order, 3) {
                $0.legs[0].account = 8
                $0.figures[0].account = 8
            }
        },
        Plant(name: "order's dealer", rule: .code, words: ["as a dealer"]) {
            $0.edit(.order, 3) { $0.dealer = 3 }
        },
    ]

    private static let holdPlants = [
        Plant(name: "another dealer's hold", rule: .dealer, words: ["\"D2\"", "\"D1\""]) {
            $0.edit(.reserve, 3) { $0.dealer = 6 }
        },
        Plant(name: "a hold of no order", rule: .notHeld, words: ["orders", "never"], count: 2) {
            // And what was to end is live, which the recount tells.
            $0.edit(.orderFromHolds, 2) { $0.holds[0].reservation = Bookkeeper.id(77) }
        },
        Plant(name: "a hold in two orders", rule: .notHeld, words: ["was confirmed"], count: nil) {
            $0.edit(.orderFromHolds, 2) { $0.holds[0].reservation = Bookkeeper.id(10) }
        },
        Plant(name: "orders less than was granted", rule: .legs, words: ["orders 1"], count: 2) {
            $0.edit(.orderFromHolds, 1) { $0.legs[0].amount = 1 }
        },
        Plant(name: "numbers a line wrong", rule: .legs, words: ["as 7 of the order"]) {
            $0.edit(.orderFromHolds, 1) { $0.legs[2].line = 7 }
        },
        Plant(name: "numbers what it has nothing of", rule: .legs, words: ["must be 0"]) {
            $0.edit(.orderFromHolds, 1) { $0.legs[3].line = 3 }
        },
        Plant(name: "numbers the only hold's line anew", rule: .legs, words: ["must be 5"]) {
            $0.edit(.orderFromHolds, 2) { $0.legs[0].line = 1 }
        },
        Plant(name: "ordered too late", rule: .deadline, words: ["though it was due"], count: 2) {
            $0.delay(from: .orderFromHolds, 1, by: 60_000)
        },
        Plant(name: "more holds than one order has", rule: .form, words: ["17 reservations"]) {
            for number in 20...36 as ClosedRange<UInt64> {
                $0.reserve(number, [.init(account: 9, units: 1)])
            }
            $0.order(6, from: Array(20...36))
        },
        Plant(name: "an order of no holds", rule: .form, words: ["0 reservations"], count: 3) {
            $0.order(6, from: [])
        },
    ]

    private static let cancelPlants = [
        Plant(name: "cancels no order", rule: .notOrdered, words: ["never made"], count: 2) {
            $0.edit(.cancel, 3) { $0.id = Bookkeeper.id(77) }
        },
        Plant(name: "cancels twice", rule: .notOrdered, words: ["was cancelled by"], count: 2) {
            $0.edit(.cancel, 3) { $0.id = Bookkeeper.id(1) }
        },
        Plant(name: "cancels more", rule: .legs, words: ["7 of line 2", "6 are left"], count: nil) {
            $0.edit(.cancel, 1) { $0.legs[1].amount = 7 }
        },
        Plant(name: "cancels another line", rule: .legs, words: ["doesn't have"], count: 2) {
            $0.edit(.cancel, 3) { $0.legs[0].line = 9 }
        },
        Plant(name: "cancels out of order", rule: .legs, words: ["or not there"], count: nil) {
            $0.edit(.cancel, 1) { $0.legs.swapAt(0, 1) }
        },
        Plant(name: "cancels nothing", rule: .form, words: ["cancels nothing"]) {
            $0.cancel(5, [0])
        },
        Plant(name: "cancellation's request", rule: .requestTwice, words: ["second effect"]) {
            $0.edit(.cancel, 3) { $0.request = Bookkeeper.id(1) }
        },
    ]

    // MARK: - Retention

    @Test(arguments: [-6_000, 0] as [Int64]) func aCancelledOrdersIdIsFreeAfterTheRetention(
        slack: Int64
    ) throws {
        var book = PlantedOrderTests.goodHistory()
        book.tick = UInt64(Int64(book.tick + PlantedViolationTests.retention) + slack)
        book.order(1, [.init(account: 9, units: 1)])
        let violations = try PlantedViolationTests.judge(book.entries)
        #expect(violations.kept.map(\.rule) == (slack < 0 ? [.orderTwice] : []))
    }

    @Test func whatIsLeftOfAnOrderIsNeverForgotten() throws {
        var book = PlantedOrderTests.goodHistory()
        book.tick += 2 * PlantedViolationTests.retention
        book.cancel(3)
        book.order(2, [.init(account: 9, units: 1)])
        let violations = try PlantedViolationTests.judge(book.entries)
        #expect(violations.kept.map(\.rule) == [.orderTwice])
    }

    @Test func cancelledOrdersGiveTheirMemoryBack() throws {
        var book = Bookkeeper()
        book.set(7, to: 10)
        for number in 1...1_000 as ClosedRange<UInt64> {
            book.reserve(number, [.init(account: 7, units: 1)])
            book.order(number, from: [number])
            book.cancel(number)
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
        #expect(model.orders.count < 20 && model.orderRows.count < 20)
        #expect(model.holds.count < 20)
    }
}
