// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import Testing

@testable import ReservationCore

/// Who gets stock, and what is answered to who doesn't.
@Suite struct ReserveTests {
    @Test func takesWhatIsThereAndNoMore() {
        var desk = Desk()
        #expect(desk.set("pen", 5) == .done)
        #expect(desk.reserve(1, [.init(sku: "pen", quantity: 5)]) == .done)
        #expect(desk.granted == [5])
        let short = desk.reserve(2, [.init(sku: "pen", quantity: 1)]).refusal
        #expect(short?.reason == .insufficientStock)
        #expect(short?.requested == 1)
        #expect(short?.available == 0)
        #expect(desk.stock("pen")?.held == 5)
    }

    @Test func linesOfOneSKUAreSummed() {
        var desk = Desk()
        _ = desk.set("pen", 5)
        let asked = [
            Desk.Line(sku: "pen", quantity: 3), Desk.Line(sku: "pen", quantity: 3),
        ]
        let short = desk.reserve(1, asked).refusal
        #expect(short?.lineIndex == 0)
        #expect(short?.failingLines == 2)
        #expect(short?.requested == 6)
        #expect(short?.available == 5)
        #expect(desk.reserve(2, asked, mode: .partial) == .done)
        #expect(desk.granted == [3, 2], "in line order")
        let marks = [desk.context.legs[0].isShort, desk.context.legs[1].isShort]
        #expect(marks == [false, true])
    }

    @Test func allOrNothingLeavesNothingBehind() {
        var desk = Desk()
        _ = desk.set("pen", 5)
        _ = desk.set("ink", 1)
        let short = desk.reserve(
            1,
            [
                .init(sku: "pen", quantity: 5), .init(sku: "ink", quantity: 2),
                .init(sku: "ink", quantity: 1),
            ]
        ).refusal
        #expect(short?.lineIndex == 1)
        #expect(short?.failingLines == 2)
        #expect(desk.stock("pen")?.held == 0)
        #expect(desk.stock("pen")?.version == 1)
        #expect(desk.core.liveHoldCount == 0)
    }

    @Test func partialOfNothingIsARefusal() {
        var desk = Desk()
        _ = desk.set("pen", 0)
        #expect(
            desk.reserve(1, [.init(sku: "pen", quantity: 1)], mode: .partial).reason
                == .insufficientStock)
    }

    @Test func aDeficitGrantsNothing() {
        var desk = Desk()
        _ = desk.set("pen", 5)
        _ = desk.reserve(1, [.init(sku: "pen", quantity: 5)])
        _ = desk.set("pen", 2)
        #expect(desk.stock("pen")?.deficit == 3)
        for mode in [FillMode.allOrNothing, .partial] {
            let short = desk.reserve(
                2 + UInt64(mode.rawValue), [.init(sku: "pen", quantity: 1)], mode: mode
            ).refusal
            #expect(short?.available == -3)
        }
        #expect(desk.confirm(1, order: 1) == .done, "what was granted is honoured")
    }

    @Test func namesWhatIsMissing() {
        var desk = Desk()
        #expect(desk.reserve(1, [.init(sku: "pen", quantity: 1)]).reason == .skuNotFound)
        _ = desk.set("pen", 5)
        _ = desk.set("ink", 5, at: "south")
        #expect(desk.reserve(1, [.init(sku: "cup", quantity: 1)]).reason == .skuNotFound)
        #expect(desk.reserve(1, [.init(sku: "ink", quantity: 1)]).reason == .warehouseNotFound)
        #expect(
            desk.reserve(1, [.init(sku: "pen", quantity: 1, warehouse: "moon")]).reason
                == .warehouseNotFound)
        #expect(
            desk.reserve(1, [.init(sku: "pen", quantity: 1)], brand: "other").reason
                == .skuNotFound)
        let both = desk.reserve(
            1,
            [
                .init(sku: "pen", quantity: 1), .init(sku: "ink", quantity: 1),
                .init(sku: "cup", quantity: 1),
            ]
        ).refusal
        #expect(both?.lineIndex == 1)
        #expect(both?.failingLines == 2)
        #expect(both?.reason == .warehouseNotFound)
        #expect(desk.reserve(1, [.init(sku: "pen", quantity: 1)]) == .done, "not remembered")
    }

    @Test func theSameAgainIsAReplay() {
        var desk = Desk()
        _ = desk.set("pen", 5)
        _ = desk.reserve(1, [.init(sku: "pen", quantity: 2)])
        let records = desk.ledger.records.count
        #expect(desk.reserve(1, [.init(sku: "pen", quantity: 2)]) == .replay)
        #expect(desk.granted == [2])
        #expect(
            desk.reserve(1, [.init(sku: "pen", quantity: 2)], content: 2).reason
                == .idempotencyKeyReused)
        #expect(desk.ledger.records.count == records)
        _ = desk.release(1)
        #expect(desk.reserve(1, [.init(sku: "pen", quantity: 2)]) == .replay)
        #expect(desk.context.hold.state == .released, "the figures of then, the state of now")
        #expect(desk.granted == [2])
    }

    @Test func brandsAndKindsHaveIDsOfTheirOwn() {
        var desk = Desk()
        _ = desk.set("pen", 5)
        _ = desk.set("pen", 5, brand: "other")
        #expect(desk.reserve(1, [.init(sku: "pen", quantity: 1)]) == .done)
        #expect(desk.reserve(1, [.init(sku: "pen", quantity: 1)], brand: "other") == .done)
        #expect(desk.confirm(1, order: 1) == .done, "an order may have its reservation's bytes")
        #expect(desk.confirm(1, order: 1, brand: "other") == .done)
        #expect(desk.release(2, brand: "third").reason == .reservationNotFound)
    }

    /// Idempotency, then existence, then stock, then room: each call breaks one rule more.
    @Test func precedenceIsFixed() {
        var desk = Desk { $0.holdsMax = 1 }
        _ = desk.set("pen", 5)
        #expect(desk.reserve(1, [.init(sku: "pen", quantity: 1)]) == .done)
        #expect(desk.reserve(2, [.init(sku: "pen", quantity: 1)]).reason == .tooManyHolds)
        #expect(desk.reserve(3, [.init(sku: "pen", quantity: 9)]).reason == .insufficientStock)
        let missing = [Desk.Line(sku: "pen", quantity: 9), Desk.Line(sku: "cup", quantity: 1)]
        #expect(desk.reserve(4, missing).reason == .skuNotFound)
        #expect(desk.reserve(1, missing, content: 2).reason == .idempotencyKeyReused)
        #expect(desk.release(5).reason == .reservationNotFound)
        #expect(desk.reserve(5, missing).reason == .alreadyReleased, "a tombstone is identity")
    }

    @Test func refusalsAreRememberedForAWhile() {
        var desk = Desk { $0.refusalReachMilliseconds = 500 }
        _ = desk.set("pen", 0)
        let first = desk.reserve(1, [.init(sku: "pen", quantity: 1)]).refusal
        #expect(first?.isReplay == false)
        _ = desk.set("pen", 5)
        desk.tick += 499
        let again = desk.reserve(1, [.init(sku: "pen", quantity: 1)]).refusal
        #expect(again?.isReplay == true)
        #expect(again?.available == 0, "the figures of then")
        #expect(
            desk.reserve(1, [.init(sku: "pen", quantity: 1)], content: 2).reason
                == .idempotencyKeyReused)
        desk.tick += 1
        #expect(desk.reserve(1, [.init(sku: "pen", quantity: 1)]) == .done)
    }

    @Test func aReleaseThatOvertakesItsReserveWins() {
        var desk = Desk()
        _ = desk.set("pen", 5)
        #expect(desk.release(1).reason == .reservationNotFound)
        #expect(desk.reserve(1, [.init(sku: "pen", quantity: 1)]).reason == .alreadyReleased)
        #expect(
            desk.reserve(1, [.init(sku: "pen", quantity: 2)], content: 7).reason
                == .alreadyReleased, "it knows no content")
        // And over a refusal that was remembered.
        _ = desk.reserve(2, [.init(sku: "pen", quantity: 9)])
        #expect(desk.release(2).reason == .reservationNotFound)
        #expect(desk.reserve(2, [.init(sku: "pen", quantity: 9)]).reason == .alreadyReleased)
    }

    @Test func fullTablesSaySo() {
        var desk = Desk {
            $0.idsMax = 7
            $0.accountsMax = 2
            $0.codesMax = 5
        }
        #expect(desk.set("pen", 9) == .done)  // acme, pen, north: three codes, one id
        #expect(desk.set("ink", 9) == .done)  // ink: four codes, two ids
        #expect(desk.set("pen", 9, at: "south").refusal?.limit == .accounts)
        #expect(desk.reserve(1, [.init(sku: "pen", quantity: 1)]) == .done)  // dan: five, four ids
        #expect(desk.set("cup", 9).refusal?.limit == .codes)
        #expect(
            desk.reserve(2, [.init(sku: "pen", quantity: 1)], dealer: "eve").refusal?.limit
                == .codes)
    }

    @Test func idsAreCountedWithTheRoomOfTheirEnd() {
        var desk = Desk { $0.idsMax = 6 }
        _ = desk.set("pen", 9)
        #expect(desk.core.idCount == 1)
        #expect(desk.reserve(1, [.init(sku: "pen", quantity: 1)]) == .done)
        #expect(desk.core.idCount == 3, "the hold, and the order that it may become")
        #expect(desk.reserve(2, [.init(sku: "pen", quantity: 1)]) == .done)
        let full = desk.reserve(3, [.init(sku: "pen", quantity: 1)]).refusal
        #expect(full?.reason == .idTableFull)
        #expect(full?.limit == .ids)
        #expect(desk.confirm(1, order: 1) == .done, "ends never find a table full")
        #expect(desk.core.idCount == 5)
        #expect(desk.release(2) == .done)
        #expect(desk.core.idCount == 4)
        #expect(desk.reserve(3, [.init(sku: "pen", quantity: 1)]) == .done)
        #expect(desk.set("pen", 9).reason == .idTableFull)
        #expect(desk.core.audit() == [])
    }

    @Test func onlyAGrantDefinesItsDealer() {
        var desk = Desk { $0.idsMax = 6 }
        _ = desk.set("pen", 5)
        #expect(desk.reserve(1, [.init(sku: "pen", quantity: 1)]) == .done)
        let codes = desk.core.codes.definedCount
        let many: [Desk.Line] = [.init(sku: "pen", quantity: 9)]
        #expect(desk.reserve(2, many, dealer: "eve").reason == .insufficientStock)
        #expect(desk.reserve(1, many, dealer: "eve", content: 2).reason == .idempotencyKeyReused)
        #expect(
            desk.reserve(3, [.init(sku: "ink", quantity: 1)], dealer: "eve").reason
                == .skuNotFound)
        #expect(desk.reserve(4, many, mode: .partial, dealer: "eve") == .done)
        #expect(desk.core.codes.definedCount == codes + 1)
        #expect(desk.granted == [4])
        #expect(desk.context.legs[0].isShort, "defining doesn't change what was settled")
        #expect(desk.set("pen", 50) == .done)
        #expect(desk.core.idCount == 6)
        let records = desk.ledger.records.count
        #expect(
            desk.reserve(5, [.init(sku: "pen", quantity: 1)], dealer: "fay").reason
                == .idTableFull)
        #expect(desk.ledger.records.count == records)
        #expect(desk.core.audit() == [])
    }

    @Test(arguments: [FillMode.allOrNothing, .partial])
    func whereNoDealerFitsNothingIsCounted(mode: FillMode) {
        var desk = Desk {
            $0.codesMax = 4
            $0.legsMax = 4
        }
        _ = desk.set("pen", 5)
        let lines = [Desk.Line](repeating: .init(sku: "pen", quantity: 3), count: 2)
        #expect(desk.reserve(1, [.init(sku: "pen", quantity: 1)], dealer: "dan") == .done)
        let (ids, records) = (desk.core.idCount, desk.ledger.records.count)
        let refusal = desk.reserve(
            2, mode == .partial ? lines : [.init(sku: "pen", quantity: 1)], mode: mode,
            dealer: "eve"
        ).refusal
        #expect(refusal?.reason == .tableFull)
        #expect(refusal?.limit == .codes)
        #expect(desk.core.idCount == ids)
        #expect(desk.core.liveHoldCount == 1)
        #expect(desk.ledger.records.count == records)
        #expect(
            desk.reserve(2, lines, mode: mode, dealer: "eve").reason
                == (mode == .partial ? .tableFull : .insufficientStock), "stock comes before room")
        let rest = [Desk.Line](repeating: .init(sku: "pen", quantity: 2), count: 2)
        #expect(desk.reserve(3, rest) == .done, "the room for legs is there")
        #expect(desk.core.audit() == [])
    }

    @Test func withoutRoomNothingChanges() {
        var desk = Desk()
        _ = desk.set("pen", 5)
        _ = desk.reserve(1, [.init(sku: "pen", quantity: 1)], ttl: 1_000)
        let before = desk.ledger.records.count
        desk.ledger.answer(.stalled)
        #expect(desk.reserve(2, [.init(sku: "pen", quantity: 1)]).reason == .journalStalled)
        #expect(desk.confirm(1, order: 1).reason == .journalStalled)
        #expect(desk.release(1).reason == .journalStalled)
        #expect(desk.set("pen", 6).reason == .journalStalled)
        #expect(desk.adjust("pen", 6).reason == .journalStalled)
        #expect(desk.read(1) == .done, "reading needs no room")
        desk.tick += 1_000
        #expect(desk.read(1).reason == .journalStalled, "unless something is due")
        desk.turn()
        #expect(desk.ledger.records.count == before)
        #expect(desk.stock("pen")?.held == 1)
        desk.ledger.answer(.full, for: [.begins])
        #expect(desk.reserve(2, [.init(sku: "pen", quantity: 1)]).reason == .journalFull)
        #expect(desk.release(1) == .done, "what ends goes on")
        #expect(desk.context.hold.state == .expired)
        desk.ledger.answer(.granted)
        #expect(desk.reserve(2, [.init(sku: "pen", quantity: 5)]) == .done)
    }

    @Test func fiveHundredLinesInOneDecision() {
        var desk = Desk()
        _ = desk.set("pen", 1_000)
        _ = desk.set("ink", 1_000)
        let asked = (0..<500).map { Desk.Line(sku: $0 % 2 == 0 ? "pen" : "ink", quantity: 2) }
        #expect(desk.reserve(1, asked) == .done)
        #expect(desk.granted == [Int64](repeating: 2, count: 500))
        #expect(desk.stock("pen")?.held == 500)
        #expect(
            desk.confirm(1, order: 1, [.init(sku: "", quantity: 1, warehouse: "", number: 500)])
                == .done)
        #expect(desk.stock("pen")?.held == 0)
        #expect(desk.stock("ink")?.allocated == 1)
        #expect(desk.core.audit() == [])
    }
}
