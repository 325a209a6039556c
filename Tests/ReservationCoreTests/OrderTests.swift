// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import Testing

@testable import ReservationCore

/// Orders: made at once, made of reservations, cancelled.
@Suite struct OrderTests {
    @Test func anOrderAtOnceAllocates() {
        var desk = Desk()
        _ = desk.set("pen", 10)
        #expect(desk.order(1, [.init(sku: "pen", quantity: 4)]) == .done)
        #expect(desk.orderLegs == ["1 north 4-0"])
        #expect(desk.context.order.state == .accepted)
        #expect(desk.orderReservations == [])
        let figures = desk.stock("pen")
        #expect(figures?.allocated == 4)
        #expect(figures?.held == 0)
        #expect(desk.core.liveHoldCount == 0)
        #expect(desk.core.audit() == [])
    }

    @Test func theSameOrderAgainIsAReplayAndAnotherIsRefused() {
        var desk = Desk()
        _ = desk.set("pen", 10)
        _ = desk.order(1, [.init(sku: "pen", quantity: 4)])
        #expect(desk.order(1, [.init(sku: "pen", quantity: 4)]) == .replay)
        #expect(desk.orderLegs == ["1 north 4-0"])
        let other = desk.order(1, [.init(sku: "pen", quantity: 5)], content: 2)
        #expect(other.reason == .idempotencyKeyReused)
        #expect(desk.stock("pen")?.allocated == 4)
    }

    @Test func anOrderThatIsShortChangesNothingAndIsRemembered() {
        var desk = Desk()
        _ = desk.set("pen", 3)
        _ = desk.set("ink", 9)
        let lines: [Desk.Line] = [
            .init(sku: "ink", quantity: 1), .init(sku: "pen", quantity: 4),
        ]
        let refusal = desk.order(1, lines).refusal
        #expect(refusal?.reason == .insufficientStock)
        #expect(refusal?.lineIndex == 1)
        #expect(refusal?.requested == 4)
        #expect(refusal?.available == 3)
        _ = desk.set("pen", 9)
        #expect(desk.order(1, lines).refusal?.isReplay == true)
        #expect(desk.order(2, lines) == .done)
        #expect(desk.core.audit() == [])
    }

    @Test func aPartialOrderHasOnlyWhatItGot() {
        var desk = Desk()
        _ = desk.set("pen", 3)
        _ = desk.set("ink", 0)
        let verdict = desk.order(
            1, [.init(sku: "ink", quantity: 1), .init(sku: "pen", quantity: 4)], mode: .partial)
        #expect(verdict == .done)
        #expect(desk.orderLegs == ["2 north 3-0"])
        #expect(desk.core.audit() == [])
    }

    @Test func reservationsBecomeOneOrder() {
        var desk = Desk()
        _ = desk.set("pen", 10)
        _ = desk.set("ink", 10)
        _ = desk.reserve(1, [.init(sku: "pen", quantity: 2), .init(sku: "ink", quantity: 3)])
        _ = desk.reserve(2, [.init(sku: "ink", quantity: 1)])
        #expect(desk.order(7, from: [1, 2]) == .done)
        #expect(desk.orderLegs == ["1 north 2-0", "2 north 3-0", "3 north 1-0"])
        #expect(desk.orderReservations == [1, 2])
        #expect(desk.core.liveHoldCount == 0)
        #expect(desk.stock("ink")?.allocated == 4)
        #expect(desk.stock("ink")?.held == 0)
        #expect(desk.order(7, from: [1, 2]) == .replay)
        #expect(desk.orderReservations == [1, 2])
        #expect(desk.read(1) == .done)
        #expect(desk.context.hold.state == .confirmed)
        #expect(desk.context.hold.order == Desk.id(7))
        #expect(desk.core.audit() == [])
    }

    @Test func anOrderOfOneReservationIsWhatConfirmMakes() {
        var desk = Desk()
        _ = desk.set("pen", 10)
        _ = desk.reserve(1, [.init(sku: "pen", quantity: 2, number: 9)])
        #expect(desk.order(7, from: [1]) == .done)
        #expect(desk.orderLegs == ["9 north 2-0"])
        #expect(desk.orderReservations == [1])
        #expect(desk.confirm(1, order: 7) == .replay)
        #expect(desk.confirm(1, order: 8).reason == .alreadyConfirmed)
    }

    @Test func allReservationsOrNothing() {
        var desk = Desk()
        _ = desk.set("pen", 10)
        _ = desk.reserve(1, [.init(sku: "pen", quantity: 2)])
        _ = desk.reserve(2, [.init(sku: "pen", quantity: 2)], ttl: 1_000)
        #expect(desk.order(7, from: [1, 3]).reason == .reservationNotFound)
        #expect(desk.order(7, from: [1, 3]).refusal?.lineIndex == 1)
        #expect(desk.order(8, from: [1, 2], dealer: "eve").reason == .invalidField)
        desk.tick += 1_000
        let expired = desk.order(9, from: [1, 2]).refusal
        #expect(expired?.reason == .reservationExpired)
        #expect(expired?.state == .expired)
        #expect(expired?.lineIndex == 1)
        #expect(desk.order(9, from: [1, 2]).refusal?.state == .expired)
        #expect(desk.stock("pen")?.held == 2)
        #expect(desk.order(10, from: [1]) == .done)
        #expect(desk.order(11, from: [1]).reason == .alreadyConfirmed)
        #expect(desk.core.audit() == [])
    }

    @Test func legsOfReservationsThatGotNothingStayOut() {
        var desk = Desk()
        _ = desk.set("pen", 1)
        _ = desk.set("ink", 5)
        _ = desk.reserve(
            1, [.init(sku: "pen", quantity: 1), .init(sku: "ink", quantity: 2)])
        _ = desk.reserve(
            2, [.init(sku: "pen", quantity: 1), .init(sku: "ink", quantity: 2)], mode: .partial)
        #expect(desk.order(7, from: [1, 2]) == .done)
        #expect(desk.orderLegs == ["1 north 1-0", "2 north 2-0", "3 north 2-0"])
        #expect(desk.core.audit() == [])
    }

    @Test func cancellingGivesTheUnitsBack() {
        var desk = Desk()
        _ = desk.set("pen", 10)
        _ = desk.order(1, [.init(sku: "pen", quantity: 4)])
        #expect(desk.cancel(1, request: 50, cause: 3) == .done)
        #expect(desk.context.order.state == .cancelled)
        #expect(desk.orderLegs == ["1 north 4-4"])
        #expect(desk.available("pen") == 10)
        #expect(desk.cancel(1, request: 50, cause: 3) == .replay)
        let conflict = desk.cancel(1, request: 51).refusal
        #expect(conflict?.reason == .orderStateConflict)
        #expect(conflict?.orderState == .cancelled)
        #expect(desk.cancel(1, request: 50, content: 2).reason == .idempotencyKeyReused)
        #expect(desk.cancel(2, request: 52).reason == .orderNotFound)
        #expect(desk.ledger.spaceSetAside == 0)
        #expect(desk.core.audit() == [])
    }

    @Test func cancellingInPartCountsPerLeg() {
        var desk = Desk()
        _ = desk.set("pen", 10)
        _ = desk.set("pen", 6, at: "south")
        _ = desk.order(
            1,
            [.init(sku: "pen", quantity: 12, warehouse: ""), .init(sku: "pen", quantity: 1)])
        #expect(desk.orderLegs == ["1 north 9-0", "1 south 3-0", "2 north 1-0"])
        let part: [Desk.Line] = [.init(sku: "", quantity: 10, warehouse: "", number: 1)]
        #expect(desk.cancel(1, part, request: 50) == .done)
        #expect(desk.orderLegs == ["1 north 9-9", "1 south 3-1", "2 north 1-0"])
        let tooMuch = desk.cancel(1, part, request: 51).refusal
        #expect(tooMuch?.reason == .exceedsReservation)
        #expect(tooMuch?.requested == 10)
        #expect(tooMuch?.available == 2)
        #expect(tooMuch?.orderLines == 0)
        // Two lines, of which one comes from two warehouses.
        let unknown: [Desk.Line] = [.init(sku: "", quantity: 1, warehouse: "", number: 9)]
        for isReplay in [false, true] {
            let refusal = desk.cancel(1, unknown, request: 59).refusal
            #expect(refusal?.reason == .exceedsReservation)
            #expect(refusal?.orderLines == 2)
            #expect(refusal?.isReplay == isReplay)
        }
        #expect(desk.cancel(1, part, request: 50) == .replay)
        #expect(desk.cancel(1, request: 52) == .done)
        #expect(desk.orderLegs == ["1 north 9-9", "1 south 3-3", "2 north 1-1"])
        #expect(desk.events.map(\.kind) == [.created, .cancelledInPart, .cancelled])
        #expect(desk.events.map(\.units) == [13, 10, 3])
        #expect(desk.stock("pen")?.allocated == 0)
        #expect(desk.core.audit() == [])
    }

    @Test func partsThatTakeTheLastUnitEndTheOrder() {
        var desk = Desk()
        _ = desk.set("pen", 10)
        _ = desk.order(1, [.init(sku: "pen", quantity: 2)])
        let one: [Desk.Line] = [.init(sku: "pen", quantity: 1, number: 1)]
        #expect(desk.cancel(1, one) == .done)
        #expect(desk.context.order.state == .accepted)
        #expect(desk.cancel(1, one) == .done)
        #expect(desk.context.order.state == .cancelled)
    }

    @Test func memoryKeepsTheFirstAndTheLastEvents() {
        var desk = Desk()
        _ = desk.set("pen", 1_000)
        _ = desk.order(1, [.init(sku: "pen", quantity: 200)])
        let one: [Desk.Line] = [.init(sku: "", quantity: 1, warehouse: "", number: 1)]
        for _ in 0..<100 { _ = desk.cancel(1, one) }
        _ = desk.readOrder(1)
        #expect(desk.events.count == CoreLimits.eventsPerOrderMax)
        #expect(desk.events.first?.kind == .created)
        #expect(desk.events.first?.units == 200)
        #expect(!desk.context.order.areEventsComplete)
        let sequences = desk.events.map(\.sequence)
        #expect(sequences == sequences.sorted())
        #expect(sequences.last == desk.context.order.sequence)
        #expect(desk.orderLegs == ["1 north 200-100"])
    }

    @Test func aCancelledOrderIsForgottenInTimeAndAnOpenOneStays() {
        var desk = Desk { $0.retentionMilliseconds = 10_000 }
        _ = desk.set("pen", 10)
        _ = desk.set("ink", 10)
        _ = desk.reserve(1, [.init(sku: "pen", quantity: 1), .init(sku: "ink", quantity: 1)])
        _ = desk.reserve(2, [.init(sku: "pen", quantity: 1)])
        _ = desk.order(7, from: [1, 2])
        _ = desk.order(8, [.init(sku: "pen", quantity: 1)])
        _ = desk.cancel(7)
        let known = desk.core.idCount
        for _ in 0..<30 {
            desk.tick += 1_000
            desk.turn()
        }
        #expect(desk.readOrder(7).reason == .orderNotFound)
        #expect(desk.readOrder(8) == .done)
        #expect(desk.core.idCount < known)
        #expect(desk.core.audit() == [])
        #expect(desk.order(7, [.init(sku: "pen", quantity: 1)]) == .done)
    }

    @Test func cancellingGoesOnWhereNoIdIsLeft() {
        var desk = Desk { $0.idsMax = 40 }
        _ = desk.set("pen", 1_000)
        var made: UInt64 = 0
        while desk.order(made + 1, [.init(sku: "pen", quantity: 1)]) == .done { made += 1 }
        #expect(made > 30)
        #expect(desk.set("ink", 1).reason == .idTableFull)
        #expect(desk.cancel(1) == .done)
        #expect(desk.core.audit() == [])
    }

    @Test func aFullJournalTakesCancellationsInWhole() {
        var desk = Desk()
        _ = desk.set("pen", 10)
        _ = desk.order(1, [.init(sku: "pen", quantity: 4)])
        desk.ledger.answer(.full, for: [.begins])
        let part: [Desk.Line] = [.init(sku: "", quantity: 1, warehouse: "", number: 1)]
        #expect(desk.cancel(1, part).reason == .journalFull)
        #expect(desk.order(2, [.init(sku: "pen", quantity: 1)]).reason == .journalFull)
        #expect(desk.cancel(1) == .done)
    }

    @Test func aLongerRetentionTakesWhatAShorterOneHadForgotten() throws {
        var desk = Desk { $0.retentionMilliseconds = 1_000 }
        _ = desk.set("pen", 10)
        _ = desk.reserve(1, [.init(sku: "pen", quantity: 1)])
        _ = desk.confirm(1, order: 5)
        _ = desk.cancel(5)
        desk.tick += 2_000
        desk.turn()
        _ = desk.reserve(2, [.init(sku: "pen", quantity: 1)])
        #expect(desk.confirm(2, order: 5) == .done)
        var again = try Desk(replaying: desk.ledger.entries, at: desk.tick) {
            $0.retentionMilliseconds = 3_600_000
        }
        #expect(again.readOrder(5) == .done)
        #expect(again.core.audit() == [])
    }

    @Test func eventsThatHaveNoRoomTakeNoneFromReservations() throws {
        var desk = Desk { $0.idsMax = 400 }
        _ = desk.set("pen", 10_000)
        // Cells for notes: 153, of which 77 are for events, two for the first of an order.
        for order in 1...60 as ClosedRange<UInt64> {
            _ = desk.order(order, [.init(sku: "pen", quantity: 3)])
            _ = desk.cancel(
                order, [.init(sku: "", quantity: 1, warehouse: "", number: 1)])
        }
        #expect(desk.readOrder(60) == .done)
        #expect(!desk.context.order.areEventsComplete)
        _ = desk.reserve(1, [.init(sku: "pen", quantity: 1)])
        _ = desk.reserve(2, [.init(sku: "pen", quantity: 1)])
        #expect(desk.order(100, from: [1, 2]) == .done)
        let again = try Desk(replaying: desk.ledger.entries, at: desk.tick) { $0.idsMax = 400 }
        #expect(again.core.audit() == [])
    }

    @Test func partsLeaveTheRoomForWhatIsCancelledInWhole() {
        var desk = Desk { $0.idsMax = 64 }
        _ = desk.set("pen", 1_000)
        _ = desk.order(1, [.init(sku: "pen", quantity: 500)])
        _ = desk.order(2, [.init(sku: "pen", quantity: 1)])
        let one: [Desk.Line] = [.init(sku: "", quantity: 1, warehouse: "", number: 1)]
        var parts = 0
        while desk.cancel(1, one) == .done { parts += 1 }
        #expect(parts > 30)
        #expect(desk.cancel(1, one).reason == .idTableFull)
        #expect(desk.cancel(2) == .done)
    }

    /// Full tables leave room for a forty-eighth and eight more; then cancelling waits until something
    /// is forgotten.
    @Test func whatIsCancelledInWholeBeyondTheBoundIsBounded() {
        var desk = Desk {
            $0.idsMax = 64
            $0.retentionMilliseconds = 1_000
        }
        _ = desk.set("pen", 1_000)
        var orders: UInt64 = 0
        while desk.order(orders + 1, [.init(sku: "pen", quantity: 1)]) == .done { orders += 1 }
        #expect(orders == 63, "and the outcome of setting the stock")
        let most = UInt64(desk.core.configuration.idsForEnds)
        #expect(most == 64 / 48 + 8)
        for order in 1...most { #expect(desk.cancel(order) == .done) }
        let records = desk.ledger.records.count
        #expect(desk.cancel(most + 1).reason == .idTableFull)
        #expect(desk.ledger.records.count == records)
        #expect(desk.readOrder(most + 1) == .done)
        #expect(desk.context.order.state == .accepted, "nothing has happened to it")
        desk.tick += 1_000
        for _ in 0..<3 { desk.turn() }
        #expect(desk.cancel(most + 1) == .done)
        #expect(desk.core.audit() == [])
    }

    @Test func aLostBeginIsNotMadeUp() {
        var desk = Desk { $0.idsMax = 400 }
        _ = desk.set("pen", 10_000)
        let one: [Desk.Line] = [.init(sku: "", quantity: 1, warehouse: "", number: 1)]
        for order in 1...60 as ClosedRange<UInt64> {
            _ = desk.order(order, [.init(sku: "pen", quantity: 3)])
            _ = desk.cancel(order, one)
        }
        _ = desk.cancel(1)
        desk.tick += 24 * 3_600_000
        for _ in 0..<3 { desk.turn() }
        _ = desk.cancel(60, one)
        _ = desk.readOrder(60)
        #expect(!desk.events.contains { $0.kind == .created })
    }

    @Test func aSpreadLineIsCancelledByWarehouse() {
        var desk = Desk()
        _ = desk.set("pen", 3)
        _ = desk.set("pen", 5, at: "south")
        _ = desk.order(1, [.init(sku: "pen", quantity: 7, warehouse: "")])
        #expect(desk.orderLegs == ["1 south 5-0", "1 north 2-0"])
        let north: [Desk.Line] = [.init(sku: "", quantity: 2, warehouse: "north", number: 1)]
        #expect(desk.cancel(1, north) == .done)
        #expect(desk.orderLegs == ["1 south 5-0", "1 north 2-2"])
        let west: [Desk.Line] = [.init(sku: "", quantity: 1, warehouse: "west", number: 1)]
        #expect(desk.cancel(1, west).reason == .invalidField)
    }
}
