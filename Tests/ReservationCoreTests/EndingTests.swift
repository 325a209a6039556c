// SPDX-License-Identifier: Apache-2.0

import Effects
import Testing

@testable import ReservationCore

/// Of confirm, release and expiry exactly one wins.
@Suite struct EndingTests {
    private static func desk() -> Desk {
        var desk = Desk()
        _ = desk.set("pen", 10)
        _ = desk.set("ink", 10)
        _ = desk.reserve(
            1, [.init(sku: "pen", quantity: 4), .init(sku: "ink", quantity: 3)], ttl: 5_000)
        return desk
    }

    @Test func confirmingAllMovesAll() {
        var desk = Self.desk()
        #expect(desk.confirm(1, order: 7) == .done)
        #expect(desk.context.hold.state == .confirmed)
        #expect(desk.context.hold.order == Desk.id(7))
        #expect(desk.stock("pen")?.held == 0)
        #expect(desk.stock("pen")?.allocated == 4)
        #expect(desk.stock("ink")?.allocated == 3)
    }

    @Test func whatIsNotConfirmedReturns() {
        var desk = Self.desk()
        #expect(desk.confirm(1, order: 7, [.init(sku: "pen", quantity: 1, number: 1)]) == .done)
        #expect(desk.granted == [4, 3], "what was granted stays told")
        #expect(desk.stock("pen")?.allocated == 1)
        #expect(desk.available("pen") == 9)
        #expect(desk.available("ink") == 10)
    }

    @Test func confirmingAgainIsAReplayOfTheSameOnly() {
        var desk = Self.desk()
        let lines = [Desk.Line(sku: "", quantity: 2, warehouse: "", number: 2)]
        #expect(desk.confirm(1, order: 7, lines) == .done)
        let records = desk.ledger.records.count
        #expect(desk.confirm(1, order: 7, lines) == .replay)
        let other = [Desk.Line(sku: "", quantity: 1, warehouse: "", number: 2)]
        #expect(desk.confirm(1, order: 7, other).reason == .alreadyConfirmed)
        #expect(desk.confirm(1, order: 7).reason == .alreadyConfirmed)
        #expect(desk.confirm(1, order: 8, lines).refusal?.state == .confirmed)
        #expect(desk.ledger.records.count == records)
    }

    @Test func allLinesNamedIsTheSameAsNone() {
        var desk = Self.desk()
        #expect(desk.confirm(1, order: 7) == .done)
        let all = [
            Desk.Line(sku: "ink", quantity: 3, number: 2),
            Desk.Line(sku: "pen", quantity: 4, number: 1),
        ]
        #expect(desk.confirm(1, order: 7, all) == .replay)
    }

    @Test func moreThanHeldChangesNothing() {
        var desk = Self.desk()
        let asked = [
            Desk.Line(sku: "", quantity: 4, warehouse: "", number: 1),
            Desk.Line(sku: "", quantity: 4, warehouse: "", number: 2),
            Desk.Line(sku: "", quantity: 1, warehouse: "", number: 9),
        ]
        let refusal = desk.confirm(1, order: 7, asked).refusal
        #expect(refusal?.reason == .exceedsReservation)
        #expect(refusal?.lineIndex == 1)
        #expect(refusal?.failingLines == 2)
        #expect(refusal?.available == 3)
        #expect(
            desk.confirm(1, order: 7, [.init(sku: "ink", quantity: 1, number: 1)]).reason
                == .invalidField)
        #expect(
            desk.confirm(
                1, order: 7,
                [
                    .init(sku: "", quantity: 1, warehouse: "south", number: 1)
                ]
            ).reason == .invalidField)
        #expect(desk.stock("pen")?.held == 4)
    }

    @Test func anOrderIDIsUsedOnce() {
        var desk = Self.desk()
        _ = desk.reserve(2, [.init(sku: "pen", quantity: 1)])
        #expect(desk.confirm(1, order: 7) == .done)
        #expect(desk.confirm(2, order: 7).reason == .idempotencyKeyReused)
        #expect(desk.confirm(2, order: 8) == .done)
    }

    @Test func theDeadlineItselfIsTooLate() {
        for (late, reason) in [(0, nil), (1, RefusalReason.reservationExpired)]
            as [(UInt64, RefusalReason?)]
        {
            var desk = Self.desk()
            desk.tick += 4_999 + late
            #expect(desk.confirm(1, order: 7).reason == reason, "\(late) ms after the last one")
        }
    }

    @Test func whateverMeetsADueHoldExpiresItFirst() {
        for call in 0..<4 {
            var desk = Self.desk()
            desk.tick += 5_000
            switch call {
            case 0: #expect(desk.read(1) == .done)
            case 1: #expect(desk.release(1) == .done)
            case 2: #expect(desk.confirm(1, order: 1).refusal?.state == .expired)
            default:
                #expect(
                    desk.reserve(
                        1, [.init(sku: "pen", quantity: 4), .init(sku: "ink", quantity: 3)])
                        == .replay)
            }
            if call != 2 { #expect(desk.context.hold.state == .expired) }
            #expect(desk.ledger.types.last == .expire, "call \(call)")
            #expect(desk.available("pen") == 10)
        }
    }

    @Test func whoIsShortCollectsWhatIsDue() {
        var desk = Self.desk()
        desk.tick += 5_000
        #expect(desk.reserve(2, [.init(sku: "pen", quantity: 10)]) == .done)
        #expect(desk.ledger.types.suffix(2) == [.expire, .reserve])
    }

    @Test func atMost256AtATime() {
        var desk = Desk()
        _ = desk.set("pen", 300)
        for id in 1...300 as ClosedRange<UInt64> {
            _ = desk.reserve(id, [.init(sku: "pen", quantity: 1)], ttl: 1_000)
        }
        desk.tick += 1_000
        desk.turn()
        #expect(desk.available("pen") == 256)
        desk.turn()
        #expect(desk.available("pen") == 300)
        #expect(desk.core.audit() == [])
    }

    /// Items of a batch that are short of stock collect once between them, at most 256.
    @Test func aBatchCollectsOnce() {
        var desk = Desk()
        _ = desk.set("pen", 600)
        for id in 1...600 as ClosedRange<UInt64> {
            _ = desk.reserve(id, [.init(sku: "pen", quantity: 1)], ttl: 1_000)
        }
        desk.tick += 1_000
        desk.context.beginBatch()
        #expect(desk.reserve(1_001, [.init(sku: "pen", quantity: 300)]).reason != nil)
        #expect(desk.available("pen") == 256)
        #expect(desk.reserve(1_002, [.init(sku: "pen", quantity: 300)]).reason != nil)
        #expect(desk.available("pen") == 256)
        #expect(desk.reserve(1_003, [.init(sku: "pen", quantity: 200)]) == .done)
        desk.context.endBatch()
        #expect(desk.reserve(1_004, [.init(sku: "pen", quantity: 300)]) == .done)
        #expect(desk.available("pen") == 12, "of the 256, 200 went; of 256 more, 300")
        #expect(desk.core.audit() == [])
    }

    @Test func releasingIsIdempotentByState() {
        var desk = Self.desk()
        #expect(desk.release(1) == .done)
        #expect(desk.release(1) == .replay)
        #expect(desk.context.hold.state == .released)
        #expect(desk.confirm(1, order: 7).reason == .alreadyReleased)
        desk.tick += 10_000
        desk.turn()
        #expect(desk.read(1) == .done)
        #expect(desk.context.hold.state == .released, "the deadline comes too late")
        _ = desk.reserve(2, [.init(sku: "pen", quantity: 1)])
        _ = desk.confirm(2, order: 8)
        #expect(desk.release(2).refusal?.reason == .alreadyConfirmed)
    }

    @Test func whatHasEndedIsForgottenAfterTheRetention() {
        var desk = Desk { $0.retentionMilliseconds = 2_000 }
        _ = desk.set("pen", 10)
        _ = desk.reserve(1, [.init(sku: "pen", quantity: 1)], ttl: 1_000)
        _ = desk.reserve(2, [.init(sku: "pen", quantity: 1)], ttl: 1_000)
        _ = desk.release(1)
        _ = desk.confirm(2, order: 2)
        desk.tick += 1_999
        #expect(desk.read(1) == .done)
        #expect(desk.core.idCount == 4)
        desk.tick += 1
        #expect(desk.read(1).reason == .reservationNotFound)
        #expect(desk.confirm(2, order: 2).reason == .reservationNotFound)
        desk.turn()
        #expect(desk.core.idCount == 1, "the order hasn't ended and stays")
        #expect(desk.reserve(1, [.init(sku: "pen", quantity: 1)], content: 9) == .done)
        _ = desk.reserve(3, [.init(sku: "pen", quantity: 1)])
        #expect(desk.confirm(3, order: 2).reason == .idempotencyKeyReused)
        #expect(desk.core.audit() == [])
    }

    /// Every way to end gives the cells of its legs back, neither too few nor too many.
    @Test func legCellsComeBack() {
        var desk = Desk { $0.retentionMilliseconds = 1_000 }
        _ = desk.set("pen", 100_000)
        let three = [Desk.Line](repeating: .init(sku: "pen", quantity: 1), count: 3)
        for round in 1...100 as ClosedRange<UInt64> {
            for way in 0..<4 as Range<UInt64> {
                #expect(desk.reserve(4 * round + way, three, ttl: 1_000) == .done)
            }
            let one = [Desk.Line(sku: "", quantity: 1, warehouse: "", number: 2)]
            #expect(desk.confirm(4 * round, order: 4 * round, one) == .done)
            if round <= 10 { #expect(desk.confirm(4 * round + 1, order: 4 * round + 1) == .done) }
            #expect(desk.release(4 * round + 2) == .done)
            desk.tick += 1_000
            desk.turn()
        }
        desk.tick += 2_000
        desk.turn()
        // Orders of several legs keep theirs: ten of three.
        let most = desk.core.configuration.legCellsMax - 30
        #expect(desk.core.holds.legs.promise(most) == true)
        #expect(desk.core.holds.legs.promise(1) == false)
        desk.core.holds.legs.withdraw(most)
        #expect(desk.core.audit() == [])
    }
}
