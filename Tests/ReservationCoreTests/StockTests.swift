// SPDX-License-Identifier: Apache-2.0

import Effects
import Testing

@testable import ReservationCore

/// SetStock and AdjustStock.
@Suite struct StockTests {
    @Test func settingMakesTheAccount() {
        var desk = Desk()
        #expect(desk.stock("pen") == nil)
        #expect(desk.set("pen", 5) == .done)
        #expect(
            desk.stock("pen")
                == StockFigures(onHand: 5, held: 0, allocated: 0, safety: 0, version: 1))
        #expect(desk.ledger.types == [.define, .define, .define, .setStock])
    }

    @Test func theSourcesVersionMustGrow() {
        var desk = Desk()
        #expect(desk.set("pen", 5, version: 10) == .done)
        for version in [10, 9, 1] as [UInt64] {
            let records = desk.ledger.records.count
            #expect(desk.set("pen", 99, version: version) == .done)
            #expect(!desk.context.stock.wasApplied)
            #expect(desk.context.stock.figures.onHand == 5)
            #expect(desk.ledger.records.count == records, "stale leaves no trace")
        }
        #expect(desk.set("pen", 6, version: 0) == .done)
        #expect(desk.context.stock.wasApplied, "unversioned is always applied")
        #expect(desk.context.stock.sourceVersion == 10, "and leaves the version")
        #expect(desk.set("pen", 7, version: 11) == .done)
        #expect(desk.context.stock.figures.version == 3)
    }

    @Test func staleLeavesTheRequestIDFree() {
        var desk = Desk()
        _ = desk.set("pen", 5, version: 10)
        _ = desk.set("pen", 6, version: 9, request: 77)
        #expect(desk.set("pen", 6, version: 11, request: 77, content: 2) == .done)
        #expect(desk.context.stock.wasApplied)
    }

    @Test func aRequestCountsOnce() {
        var desk = Desk()
        #expect(desk.set("pen", 5, request: 1) == .done)
        _ = desk.adjust("pen", 3)
        #expect(desk.set("pen", 5, request: 1) == .replay)
        #expect(desk.context.stock.figures.onHand == 8, "the stock of now")
        #expect(desk.set("pen", 6, request: 1, content: 2).reason == .idempotencyKeyReused)
        #expect(desk.adjust("pen", 6, request: 1, content: 3).reason == .idempotencyKeyReused)
        #expect(desk.adjust("pen", -2, request: 2) == .done)
        #expect(desk.adjust("pen", -2, request: 2) == .replay)
        #expect(desk.stock("pen")?.onHand == 6)
    }

    @Test func nothingFallsBelowZero() {
        var desk = Desk()
        _ = desk.set("pen", 5)
        let refusal = desk.adjust("pen", -6, request: 1).refusal
        #expect(refusal?.reason == .insufficientStock)
        #expect(refusal?.requested == 6)
        #expect(refusal?.available == 5)
        _ = desk.set("pen", 9)
        #expect(desk.adjust("pen", -6, request: 1).refusal?.isReplay == true)
        #expect(desk.adjust("pen", -9, request: 2) == .done)
        #expect(desk.stock("pen")?.onHand == 0)
    }

    @Test func theExpectedVersionIsCheckedAndNotRemembered() {
        var desk = Desk()
        _ = desk.set("pen", 5)
        let refusal = desk.adjust("pen", 1, expecting: 2, request: 1).refusal
        #expect(refusal?.reason == .versionMismatch)
        #expect(refusal?.available == 1)
        _ = desk.set("pen", 5)
        #expect(desk.adjust("pen", 1, expecting: 2, request: 1) == .done)
    }

    @Test func nobodyAdjustsWhatIsNotThere() {
        var desk = Desk()
        #expect(desk.adjust("pen", 1).reason == .skuNotFound)
        _ = desk.set("pen", 5)
        #expect(desk.adjust("ink", 1).reason == .skuNotFound)
        #expect(desk.adjust("pen", 1, at: "south").reason == .warehouseNotFound)
    }

    @Test func aRefusedAccountLeavesNothingBehind() {
        var desk = Desk { $0.accountsMax = 1 }
        #expect(desk.set("pen", 5) == .done)
        let records = desk.ledger.records.count
        for (sku, warehouse, brand) in [
            ("ink", "south", "other"), ("ink", "south", "acme"), ("pen", "south", "acme"),
        ] {
            let refusal = desk.set(sku, 1, at: warehouse, brand: brand).refusal
            #expect(refusal?.reason == .tableFull)
            #expect(refusal?.limit == .accounts)
        }
        #expect(desk.ledger.records.count == records)
        #expect(desk.core.codes.definedCount == 3)
        #expect(desk.set("pen", 6) == .done, "what is there goes on")
        #expect(desk.core.audit() == [])
    }

    @Test func theCodesOfAnAccountAreDefinedTogetherOrNotAtAll() {
        var desk = Desk { $0.codesMax = 4 }
        #expect(desk.set("pen", 5) == .done)
        let records = desk.ledger.records.count
        #expect(desk.set("ink", 1, at: "south").refusal?.limit == .codes)
        #expect(desk.set("ink", 1, brand: "other").refusal?.limit == .codes)
        #expect(desk.ledger.records.count == records)
        #expect(desk.set("ink", 1) == .done, "one code more fits")
    }

    @Test func longTextsHaveRoomTogetherOrNotAtAll() {
        var desk = Desk {
            $0.accountsMax = 100
            $0.codesMax = 100
        }
        func long(_ number: Int) -> String {
            String(repeating: "x", count: 61) + "\(100 + number)"
        }
        // The room for long texts is 4,096 bytes.
        for number in 0..<63 { #expect(desk.set(long(number), 1) == .done) }
        let records = desk.ledger.records.count
        #expect(desk.set(long(63), 1, at: long(64)).refusal?.limit == .codes)
        #expect(desk.ledger.records.count == records)
        #expect(desk.set(long(63), 1) == .done)
        #expect(desk.set(long(64), 1).refusal?.limit == .codes)
        #expect(desk.set("short", 1) == .done)
    }

    @Test func sumsStayInRange() {
        var desk = Desk()
        _ = desk.set("pen", CoreLimits.onHandMax)
        let refusal = desk.adjust("pen", 1).refusal
        #expect(refusal?.reason == .quantityOutOfRange)
        #expect(refusal?.limit == .onHand)
        #expect(desk.adjust("pen", -1) == .done)
        #expect(desk.adjust("pen", 1) == .done)
    }

    @Test func aPhysicalLossIsShownAndNothingIsTakenBack() {
        var desk = Desk()
        _ = desk.set("pen", 5)
        _ = desk.reserve(1, [.init(sku: "pen", quantity: 4)])
        #expect(desk.adjust("pen", -3) == .done)
        #expect(desk.context.stock.figures.available == -2)
        #expect(desk.context.stock.figures.deficit == 2)
        #expect(desk.release(1) == .done)
        #expect(desk.available("pen") == 2)
    }
}
