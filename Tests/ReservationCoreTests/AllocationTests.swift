// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import Testing

@testable import ReservationCore

/// Lines that leave the warehouse to the core.
@Suite struct AllocationTests {
    private static func stocked() -> Desk {
        var desk = Desk()
        _ = desk.set("pen", 5)
        _ = desk.set("pen", 9, at: "south")
        _ = desk.set("pen", 7, at: "west")
        return desk
    }

    @Test func theFullestWarehouseTakesTheLine() {
        var desk = AllocationTests.stocked()
        #expect(desk.reserve(1, [.init(sku: "pen", quantity: 9, warehouse: "")]) == .done)
        #expect(desk.holdLegs == ["1 south 9"])
    }

    @Test func whatItLacksComesFromTheNext() {
        var desk = AllocationTests.stocked()
        #expect(desk.reserve(1, [.init(sku: "pen", quantity: 18, warehouse: "")]) == .done)
        #expect(desk.holdLegs == ["1 south 9", "1 west 7", "1 north 2"])
        #expect(desk.confirm(1, order: 2) == .done)
        #expect(desk.readOrder(2) == .done)
        #expect(desk.orderLegs == ["1 south 9-0", "1 west 7-0", "1 north 2-0"])
        #expect(desk.core.audit() == [])
    }

    @Test func confirmingPartOfASpreadLineTakesItsLegsInOrder() {
        var desk = AllocationTests.stocked()
        _ = desk.reserve(1, [.init(sku: "pen", quantity: 18, warehouse: "")])
        let part: [Desk.Line] = [.init(sku: "pen", quantity: 12, warehouse: "", number: 1)]
        #expect(desk.confirm(1, order: 2, part) == .done)
        #expect(desk.readOrder(2) == .done)
        #expect(desk.orderLegs == ["1 south 9-0", "1 west 3-0"])
        #expect(desk.confirm(1, order: 2, part) == .replay)
        #expect(desk.confirm(1, order: 2).reason == .alreadyConfirmed)
        #expect(desk.core.audit() == [])
    }

    @Test func moreThanAllWarehousesHaveIsRefused() {
        var desk = AllocationTests.stocked()
        let refusal = desk.reserve(1, [.init(sku: "pen", quantity: 22, warehouse: "")]).refusal
        #expect(refusal?.reason == .insufficientStock)
        #expect(refusal?.requested == 22)
        #expect(refusal?.available == 21)
        #expect(desk.available("pen") == 5)
    }

    @Test func linesWithAWarehouseAreServedFirst() {
        var desk = AllocationTests.stocked()
        let verdict = desk.reserve(
            1,
            [
                .init(sku: "pen", quantity: 9, warehouse: ""),
                .init(sku: "pen", quantity: 8, warehouse: "south"),
            ])
        #expect(verdict == .done)
        #expect(desk.holdLegs == ["1 west 7", "1 north 2", "2 south 8"])
        #expect(desk.core.audit() == [])
    }

    @Test func partialTakesWhatThereIs() {
        var desk = AllocationTests.stocked()
        let verdict = desk.reserve(
            1,
            [
                .init(sku: "pen", quantity: 30, warehouse: ""),
                .init(sku: "pen", quantity: 1, warehouse: ""),
            ], mode: .partial)
        #expect(verdict == .done)
        #expect(
            desk.holdLegs == ["1 south 9", "1 west 7", "1 north 5 short", "2 north 0 short"])
        #expect(
            desk.reserve(2, [.init(sku: "pen", quantity: 1, warehouse: "")], mode: .partial)
                .reason == .insufficientStock)
        #expect(desk.core.audit() == [])
    }

    @Test func dueHoldsAreCollectedBeforeALineIsShort() {
        var desk = AllocationTests.stocked()
        _ = desk.reserve(1, [.init(sku: "pen", quantity: 21, warehouse: "")], ttl: 1_000)
        desk.tick += 1_000
        #expect(desk.reserve(2, [.init(sku: "pen", quantity: 20, warehouse: "")]) == .done)
        #expect(desk.core.audit() == [])
    }

    @Test func whatIsUnknownSaysSo() {
        var desk = AllocationTests.stocked()
        let unknown = desk.reserve(1, [.init(sku: "ink", quantity: 1, warehouse: "")])
        #expect(unknown.reason == .skuNotFound)
    }

    @Test func aSKUHasAtMostSixtyFourWarehouses() {
        var desk = Desk {
            $0.accountsMax = 100
            $0.codesMax = 200
        }
        for number in 0..<64 { #expect(desk.set("pen", 1, at: "w\(number)") == .done) }
        let refusal = desk.set("pen", 1, at: "one more").refusal
        #expect(refusal?.reason == .tableFull)
        #expect(refusal?.limit == .warehousesPerSku)
        #expect(desk.reserve(1, [.init(sku: "pen", quantity: 64, warehouse: "")]) == .done)
        #expect(desk.context.legs.count == 64)
    }

    @Test func aDecisionHasAtMostFiveHundredLegs() {
        var desk = Desk {
            $0.accountsMax = 700
            $0.codesMax = 800
            $0.accountStripes = 64
        }
        for sku in 0..<10 {
            for place in 0..<60 { _ = desk.set("s\(sku)", 1, at: "w\(place)") }
        }
        let lines = (0..<10).map { Desk.Line(sku: "s\($0)", quantity: 60, warehouse: "") }
        let refusal = desk.reserve(1, lines).refusal
        #expect(refusal?.reason == .batchTooLarge)
        #expect(refusal?.limit == .legsPerDecision)
        #expect(desk.reserve(2, Array(lines.prefix(8))) == .done)
        #expect(desk.context.legs.count == 480)
        #expect(desk.core.audit() == [])
    }

    @Test func safetyStockIsLeftAlone() {
        var desk = AllocationTests.stocked()
        _ = desk.policy("pen", StockPolicy(safety: 8), at: "south")
        _ = desk.reserve(1, [.init(sku: "pen", quantity: 13, warehouse: "")])
        #expect(desk.holdLegs == ["1 west 7", "1 north 5", "1 south 1"])
    }

    @Test func whatDoesNotFitIsShortWherePartsWillDo() {
        var desk = Desk()
        _ = desk.set("pen", 1)
        _ = desk.set("pen", 999, at: "south")
        let lines = [Desk.Line](
            repeating: .init(sku: "pen", quantity: 2, warehouse: ""), count: 500)
        #expect(desk.reserve(1, lines).reason == .batchTooLarge)
        #expect(desk.reserve(2, lines, mode: .partial) == .done)
        #expect(desk.granted.reduce(0, +) >= 999)
        #expect(desk.core.audit() == [])
    }

    /// Two warehouses that have `count` pens together, one of them only one.
    private static func crowded(_ count: Int64) -> Desk {
        var desk = Desk()
        _ = desk.set("pen", 1)
        _ = desk.set("pen", count - 1, at: "south")
        return desk
    }

    private static let pair = Desk.Line(sku: "pen", quantity: 2, warehouse: "")

    @Test func whatDoesNotFitNamesItsLineAndIsNotRemembered() {
        var desk = AllocationTests.crowded(1_000)
        let lines = [Desk.Line](repeating: AllocationTests.pair, count: 500)
        let refusal = desk.reserve(1, lines).refusal
        #expect(refusal?.reason == .batchTooLarge)
        #expect(refusal?.lineIndex == 499)
        #expect(refusal?.failingLines == 1)
        #expect(refusal?.requested == 0)
        #expect(desk.reserve(1, lines).refusal?.isReplay == false)
        #expect(desk.reserve(1, Array(lines.dropLast()), content: 2) == .done)
        #expect(desk.core.audit() == [])
    }

    @Test(arguments: [0, 499])
    func aShortLineIsNamedBeforeOnesThatDoNotFit(place: Int) {
        var desk = AllocationTests.crowded(998)
        _ = desk.set("ink", 3)
        var lines = [Desk.Line](repeating: AllocationTests.pair, count: 499)
        lines.insert(.init(sku: "ink", quantity: 5, warehouse: ""), at: place)
        let refusal = desk.reserve(1, lines).refusal
        #expect(refusal?.reason == .insufficientStock)
        #expect(refusal?.lineIndex == Int32(place))
        #expect(refusal?.failingLines == 1)
        #expect(refusal?.requested == 5)
        #expect(refusal?.available == 3)
        _ = desk.set("ink", 9)
        #expect(desk.reserve(1, lines).refusal?.isReplay == true)
        #expect(desk.reserve(1, lines, content: 2).reason == .idempotencyKeyReused)
    }

    @Test func dueHoldsAreCollectedBeforeLinesDoNotFit() {
        var desk = Desk()
        _ = desk.set("pen", 2)
        _ = desk.set("pen", 999, at: "south")
        _ = desk.reserve(1, [.init(sku: "pen", quantity: 1)], ttl: 1_000)
        let lines = [Desk.Line](repeating: AllocationTests.pair, count: 500)
        #expect(desk.reserve(2, lines).reason == .batchTooLarge)
        desk.tick += 1_000
        #expect(desk.reserve(2, lines) == .done, "what came back makes one warehouse do")
        #expect(desk.core.audit() == [])
    }

    @Test func oneDecisionChoosesAmongSoManyAccounts() {
        var desk = Desk {
            $0.accountsMax = 5_000
            $0.codesMax = 5_000
            $0.idsMax = 20_000
        }
        for sku in 0..<70 {
            for place in 0..<64 { _ = desk.set("s\(sku)", 1, at: "w\(place)") }
        }
        let lines = (0..<70).map { Desk.Line(sku: "s\($0)", quantity: 1, warehouse: "") }
        let refusal = desk.reserve(1, lines).refusal
        #expect(refusal?.reason == .batchTooLarge)
        #expect(refusal?.limit == .candidates)
        #expect(desk.reserve(2, Array(lines.prefix(64))) == .done)
    }

    @Test func aRefusedWarehouseLeavesNoCodeBehind() {
        var desk = Desk {
            $0.accountsMax = 100
            $0.codesMax = 70
        }
        for number in 0..<64 { _ = desk.set("pen", 1, at: "w\(number)") }
        let records = desk.ledger.entries.count
        for number in 64..<80 { _ = desk.set("pen", 1, at: "w\(number)") }
        #expect(desk.ledger.entries.count == records)
        #expect(desk.set("ink", 1, at: "w0") == .done)
    }
}
