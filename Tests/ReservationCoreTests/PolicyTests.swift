// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import Testing

@testable import ReservationCore

/// Policies, transfers, extensions and lists.
@Suite struct PolicyTests {
    @Test func aPolicyIsKeptInWhole() {
        var desk = Desk()
        _ = desk.set("pen", 10)
        let policy = StockPolicy(
            safety: 4, backorderLimit: 1_000_000_000_000, lowWater: 999_999_999_999,
            highWater: 1_000_000_000_000, holdTimeToLiveMilliseconds: 86_400_000)
        #expect(desk.policy("pen", policy, request: 5) == .done)
        #expect(desk.context.stock.policy == policy)
        #expect(desk.available("pen") == 6)
        #expect(desk.context.stock.policy == policy)
        #expect(desk.policy("pen", policy, request: 5) == .replay)
        #expect(desk.policy("pen", policy, request: 5, content: 2).reason == .idempotencyKeyReused)
        #expect(desk.policy("ink", policy).reason == .skuNotFound)
        #expect(desk.policy("pen", policy, at: "moon").reason == .warehouseNotFound)
        #expect(desk.reserve(1, [.init(sku: "pen", quantity: 7)]).reason == .insufficientStock)
    }

    @Test func aLongChainOfWarehousesKeepsItsPolicies() {
        var desk = Desk {
            $0.accountsMax = 100
            $0.codesMax = 200
        }
        for number in 0..<60 {
            _ = desk.set("pen", 1, at: "w\(number)")
            _ = desk.policy("pen", StockPolicy(highWater: Int64(number)), at: "w\(number)")
        }
        for number in 0..<60 {
            _ = desk.stock("pen", at: "w\(number)")
            #expect(desk.context.stock.policy == StockPolicy(highWater: Int64(number)))
        }
        #expect(desk.reserve(1, [.init(sku: "pen", quantity: 60, warehouse: "")]) == .done)
    }

    @Test func theShortestPolicySaysHowLongAHoldLives() {
        var desk = Desk()
        _ = desk.set("pen", 10)
        _ = desk.set("ink", 10)
        _ = desk.policy("pen", StockPolicy(holdTimeToLiveMilliseconds: 5_000))
        _ = desk.policy("ink", StockPolicy(holdTimeToLiveMilliseconds: 3_000))
        _ = desk.reserve(
            1, [.init(sku: "pen", quantity: 1), .init(sku: "ink", quantity: 1)], ttl: 0)
        #expect(desk.context.hold.deadline.milliseconds == desk.tick + 3_000)
        _ = desk.reserve(2, [.init(sku: "pen", quantity: 1)], ttl: 9_000)
        #expect(desk.context.hold.deadline.milliseconds == desk.tick + 9_000)
        _ = desk.set("cap", 1)
        _ = desk.reserve(3, [.init(sku: "cap", quantity: 1)], ttl: 0)
        #expect(desk.context.hold.deadline.milliseconds == desk.tick + 900_000)
    }

    @Test func aTransferMovesWhatIsAvailable() {
        var desk = Desk()
        _ = desk.set("pen", 10)
        _ = desk.set("pen", 1, at: "south")
        _ = desk.reserve(1, [.init(sku: "pen", quantity: 4)])
        #expect(desk.transfer("pen", 6, from: "north", to: "south", request: 9) == .done)
        #expect(desk.context.stock.figures.onHand == 4)
        #expect(desk.context.otherStock.figures.onHand == 7)
        #expect(desk.transfer("pen", 6, from: "north", to: "south", request: 9) == .replay)
        #expect(desk.context.stock.figures.onHand == 4)
        #expect(desk.context.otherStock.figures.onHand == 7)
        let refusal = desk.transfer("pen", 1, from: "north", to: "south").refusal
        #expect(refusal?.reason == .insufficientStock)
        #expect(refusal?.available == 0)
        #expect(
            desk.transfer("pen", 1, from: "south", to: "moon").refusal?.isOther == true)
        #expect(desk.core.audit() == [])
    }

    @Test func aTransferDoesNotOverfill() {
        var desk = Desk()
        _ = desk.set("pen", 10)
        _ = desk.set("pen", 1_000_000_000_000, at: "south")
        let refusal = desk.transfer("pen", 1, from: "north", to: "south").refusal
        #expect(refusal?.reason == .quantityOutOfRange)
        #expect(refusal?.limit == .onHand)
    }

    @Test func extendingMovesTheDeadlineAwayOnly() {
        var desk = Desk()
        _ = desk.set("pen", 10)
        _ = desk.reserve(1, [.init(sku: "pen", quantity: 1)], ttl: 10_000)
        let granted = desk.tick
        desk.tick += 5_000
        #expect(desk.extend(1, by: 1_000, request: 3) == .done)
        #expect(desk.context.hold.deadline.milliseconds == granted + 10_000)
        #expect(desk.extend(1, by: 20_000, request: 4) == .done)
        #expect(desk.context.hold.deadline.milliseconds == granted + 25_000)
        #expect(desk.extend(1, by: 20_000, request: 4) == .replay)
        desk.tick += 6_000
        desk.turn()
        #expect(desk.read(1) == .done)
        #expect(desk.context.hold.state == .held)
        desk.tick = granted + 25_000
        desk.turn()
        #expect(desk.stock("pen")?.held == 0)
        #expect(desk.extend(1, by: 1_000).reason == .reservationExpired)
    }

    @Test func aHoldLivesADayAtMost() {
        var desk = Desk()
        _ = desk.set("pen", 10)
        _ = desk.reserve(1, [.init(sku: "pen", quantity: 1)], ttl: 80_000_000)
        desk.tick += 1_000
        let refusal = desk.extend(1, by: 86_400_000, request: 3).refusal
        #expect(refusal?.reason == .invalidField)
        #expect(refusal?.limit == .timeToLive)
        #expect(desk.extend(1, by: 86_399_000, request: 3) == .done)
    }

    @Test func whatHasEndedIsNotExtended() {
        var desk = Desk()
        _ = desk.set("pen", 10)
        _ = desk.reserve(1, [.init(sku: "pen", quantity: 1)])
        _ = desk.reserve(2, [.init(sku: "pen", quantity: 1)])
        _ = desk.release(1)
        _ = desk.confirm(2, order: 5)
        #expect(desk.extend(1, by: 1_000).reason == .alreadyReleased)
        #expect(desk.extend(2, by: 1_000).reason == .alreadyConfirmed)
        #expect(desk.extend(3, by: 1_000).reason == .reservationNotFound)
    }

    @Test func aListHasEachOnce() {
        var desk = Desk()
        _ = desk.set("pen", 1_000)
        _ = desk.set("ink", 1_000)
        for id in 1...200 as ClosedRange<UInt64> {
            _ = desk.reserve(
                id, [.init(sku: id % 2 == 0 ? "pen" : "ink", quantity: 1)], ttl: 1_000 + id,
                dealer: id % 3 == 0 ? "eve" : "dan")
        }
        _ = desk.release(7)
        _ = desk.confirm(8, order: 900)
        var found: [UInt64] = []
        var cursor = ListCursor()
        var pages = 0
        while true {
            let page = desk.list(from: &cursor, limit: 7)
            #expect(page.ids.count <= 7)
            found += page.ids
            pages += 1
            if page.progress == .end { break }
        }
        #expect(found.sorted() == Array(1...200))
        #expect(pages >= 28)
        var start = ListCursor()
        #expect(desk.list(.released, from: &start).ids == [7])
        start = ListCursor()
        #expect(desk.list(.confirmed, from: &start).ids == [8])
        start = ListCursor()
        #expect(desk.list(dealer: "eve", from: &start).ids.count == 66)
        start = ListCursor()
        #expect(desk.list(sku: "pen", from: &start).ids.count == 100)
        start = ListCursor()
        #expect(
            desk.list(before: desk.tick + 1_011, from: &start).ids.sorted()
                == [1, 2, 3, 4, 5, 6, 9, 10])
        start = ListCursor()
        #expect(desk.list(dealer: "nobody", from: &start).progress == .end)
        start = ListCursor()
        #expect(desk.listOrders(from: &start).ids == [900])
        desk.tick += 1_050
        start = ListCursor()
        #expect(desk.list(.expired, from: &start).ids.count == 48)
    }

    /// Outcomes of requests lie in slots of the same table, and what a list must wait for isn't read
    /// from them.
    @Test func aListWaitsForNothingThatIsNoEntry() {
        var desk = Desk { $0.holdStripes = 1 }
        for sku in ["pen", "ink", "cup"] {
            _ = desk.set(sku, 10)
            _ = desk.adjust(sku, 1)
        }
        #expect(desk.reserve(1, [.init(sku: "pen", quantity: 1)]) == .done)
        let last = desk.context.sequence
        var cursor = ListCursor()
        #expect(desk.list(from: &cursor).ids == [1])
        #expect(desk.context.sequence == last)
        cursor = ListCursor()
        #expect(desk.listOrders(from: &cursor).ids == [])
        #expect(desk.context.sequence == last)
    }

    @Test func anEmptyPageStillGoesOn() {
        var desk = Desk {
            $0.idsMax = 20_000
            $0.holdsMax = 10_000
            $0.holdStripes = 1
        }
        _ = desk.set("pen", 100_000)
        for id in 1...6_000 as ClosedRange<UInt64> {
            _ = desk.reserve(id, [.init(sku: "pen", quantity: 1)])
        }
        var cursor = ListCursor()
        let page = desk.list(.released, from: &cursor)
        #expect(page.ids == [])
        #expect(page.progress == .more)
        #expect(desk.list(.released, from: &cursor).progress == .end)
    }
}
