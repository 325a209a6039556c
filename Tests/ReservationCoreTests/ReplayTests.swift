// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import Testing

@testable import ReservationCore

/// The tables that come back from records are those that wrote them.
@Suite struct ReplayTests {
    /// A little of everything.
    static func busyDesk() -> Desk {
        var desk = Desk()
        _ = desk.set("pen", 10, version: 3)
        _ = desk.set("ink", 8)
        _ = desk.set("pen", 5, at: "south")
        _ = desk.adjust("ink", -2, request: 70)
        _ = desk.reserve(1, [.init(sku: "pen", quantity: 2)], content: 11)
        _ = desk.reserve(
            2,
            [
                .init(sku: "pen", quantity: 3), .init(sku: "ink", quantity: 2),
                .init(sku: "pen", quantity: 1),
            ], ttl: 5_000, dealer: "a dealer with a name of more than thirty letters")
        _ = desk.reserve(
            3, [.init(sku: "ink", quantity: 9), .init(sku: "ink", quantity: 1)], mode: .partial)
        desk.tick += 10
        _ = desk.reserve(4, [.init(sku: "pen", quantity: 1)], ttl: 1_000)
        _ = desk.confirm(
            2, order: 20,
            [
                .init(sku: "", quantity: 2, warehouse: "", number: 1),
                .init(sku: "", quantity: 1, warehouse: "", number: 3),
            ])
        _ = desk.release(3)
        desk.tick += 1_000
        desk.turn()
        _ = desk.reserve(5, [.init(sku: "pen", quantity: 1), .init(sku: "ink", quantity: 1)])
        _ = desk.reserve(6, [.init(sku: "pen", quantity: 1)])
        _ = desk.confirm(6, order: 21)
        return desk
    }

    /// Orders, policies, transfers and extensions.
    static func orderingDesk() -> Desk {
        var desk = busyDesk()
        desk.ordersAndPolicies()
        return desk
    }

    /// The same desk after a restart.
    static func restarted(
        _ desk: borrowing Desk, after milliseconds: UInt64 = 0,
        _ change: (inout CoreConfiguration) -> Void = { _ in }
    ) throws -> Desk {
        try Desk(replaying: desk.ledger.entries, at: desk.tick + milliseconds, change)
    }

    @Test func everyTypeOfRecordIsMetHere() {
        let types = ReplayTests.orderingDesk().ledger.types
        for type in RecordType.allCases { #expect(types.contains(type), "\(type)") }
    }

    @Test(arguments: [false, true])
    func everythingIsThereAgain(withOrders: Bool) throws {
        var before = withOrders ? ReplayTests.orderingDesk() : ReplayTests.busyDesk()
        var after = try ReplayTests.restarted(before)
        #expect(after.core.audit() == [])
        #expect(after.core.liveHoldCount == before.core.liveHoldCount)
        #expect(after.core.idCount == before.core.idCount)
        #expect(after.ledger.spaceSetAside == before.ledger.spaceSetAside)
        for (sku, place) in [("pen", "north"), ("ink", "north"), ("pen", "south")] {
            #expect(after.stock(sku, at: place) == before.stock(sku, at: place))
            #expect(after.context.stock == before.context.stock)
            #expect(after.context.sequence == before.context.sequence)
        }
        for id in 20...26 as ClosedRange<UInt64> {
            #expect(after.readOrder(id) == before.readOrder(id))
            #expect(after.orderText == before.orderText)
        }
        for id in 1...12 as ClosedRange<UInt64> {
            #expect(after.read(id) == before.read(id))
            #expect(after.context.sequence == before.context.sequence)
            #expect(after.granted == before.granted, "hold \(id)")
            let (one, other) = (after.context.hold, before.context.hold)
            #expect(
                one.state == other.state && one.created == other.created
                    && one.deadline == other.deadline && one.order == other.order
                    && one.dealer == other.dealer && one.fillMode == other.fillMode)
        }
        #expect(after.ledger.entries.count == before.ledger.entries.count, "reading is no record")
    }

    @Test func identityIsThereAgain() throws {
        let before = ReplayTests.busyDesk()
        var after = try ReplayTests.restarted(before)
        #expect(after.reserve(1, [.init(sku: "pen", quantity: 2)], content: 11) == .replay)
        #expect(
            after.reserve(1, [.init(sku: "pen", quantity: 1)], content: 12).reason
                == .idempotencyKeyReused)
        #expect(after.confirm(1, order: 20).reason == .idempotencyKeyReused)
        #expect(after.adjust("ink", -2, request: 70) == .replay)
        #expect(after.adjust("ink", -2, request: 70, content: 2).reason == .idempotencyKeyReused)
        #expect(after.confirm(6, order: 21) == .replay)
        #expect(after.set("pen", 10, version: 3, request: 900) == .done)
        #expect(!after.context.stock.wasApplied, "the source's version is known")
    }

    @Test func timeGoesOn() throws {
        let before = ReplayTests.busyDesk()
        var after = try ReplayTests.restarted(before, after: 3)
        #expect(after.confirm(1, order: 30) == .done)
        after.tick += 9_996
        after.turn()
        #expect(after.core.liveHoldCount == 1)
        after.tick += 1
        after.turn()
        #expect(after.core.liveHoldCount == 0, "the deadlines of before hold")
        #expect(after.core.audit() == [])
        let orders = 3
        #expect(after.ledger.spaceSetAside == orders * 160 + 40 * (2 + 1 + 1))
    }

    @Test func whatIsDueAtTheStartFiresAtOnce() throws {
        var before = Desk()
        _ = before.set("pen", 1)
        _ = before.reserve(1, [.init(sku: "pen", quantity: 1)], ttl: 1_000)
        var after = try ReplayTests.restarted(before, after: 1_000)
        #expect(after.reserve(2, [.init(sku: "pen", quantity: 1)]) == .done)
        #expect(after.ledger.types.suffix(2) == [.expire, .reserve])
        var late = try ReplayTests.restarted(before, after: 5_000)
        late.turn()
        #expect(late.available("pen") == 1)
    }

    @Test func whatHasEndedIsForgottenInTime() throws {
        let before = ReplayTests.busyDesk()
        let ids = before.core.idCount
        var after = try ReplayTests.restarted(before, after: 1_000) {
            $0.retentionMilliseconds = 1_005
        }
        // Hold 3 was released and hold 2 confirmed 1,000 ms before the end; and four figures were
        // set before that. Hold 4 expired at the end.
        #expect(after.core.idCount == ids - 6)
        #expect(after.read(3).reason == .reservationNotFound)
        #expect(after.read(4) == .done)
        #expect(after.confirm(1, order: 20).reason == .idempotencyKeyReused, "orders stay")
        after.tick += 5
        after.turn()
        #expect(after.read(4).reason == .reservationNotFound)
        #expect(after.core.audit() == [])
    }

    /// A journal is far longer than the tables are large.
    @Test func whatIsForgottenMakesRoomOnTheWay() throws {
        let small: (inout CoreConfiguration) -> Void = {
            $0.idsMax = 12
            $0.holdsMax = 4
            $0.retentionMilliseconds = 1_000
            $0.holdStripes = 1
        }
        var before = Desk(small)
        _ = before.set("pen", 100)
        for id in 1...1_000 as ClosedRange<UInt64> {
            before.tick += 300
            before.turn()
            let lines = [Desk.Line(sku: "pen", quantity: 1), Desk.Line(sku: "pen", quantity: 2)]
            #expect(before.reserve(id, lines, ttl: 1_000) == .done)
            #expect(before.release(id) == .done)
            if id % 10 == 0 { #expect(before.adjust("pen", 1) == .done) }
        }
        var after = try ReplayTests.restarted(before, small)
        #expect(after.core.audit() == [])
        #expect(after.core.idCount <= before.core.idCount)
        #expect(after.stock("pen") == before.stock("pen"))
    }

    /// The retention may be another than it was when the records were written.
    @Test func aLongerRetentionMakesNoDamageOfOldIds() throws {
        var before = Desk { $0.retentionMilliseconds = 1_000 }
        _ = before.set("pen", 5, request: 1)
        for round in 0..<3 as Range<UInt64> {
            #expect(before.reserve(1, [.init(sku: "pen", quantity: 1)], content: round) == .done)
            #expect(before.release(1) == .done)
            before.tick += 1_000
            #expect(before.adjust("pen", 1, request: 1) == .done)
        }
        var after = try ReplayTests.restarted(before) { $0.retentionMilliseconds = 60_000 }
        #expect(after.core.audit() == [])
        #expect(after.stock("pen") == before.stock("pen"))
        #expect(
            after.reserve(1, [.init(sku: "pen", quantity: 1)], content: 2) == .replay,
            "the last one counts")
        after.tick += 60_000
        after.turn()
        #expect(after.core.idCount == 0)
    }

    @Test func boundsThatAreTooSmallAreNamed() throws {
        let desk = ReplayTests.busyDesk()
        let bounds: [(CoreLimit, (inout CoreConfiguration) -> Void)] = [
            (.accounts, { $0.accountsMax = 2 }), (.codes, { $0.codesMax = 3 }),
            (.holds, { $0.holdsMax = 1 }), (.ids, { $0.idsMax = 5 }),
        ]
        for (limit, change) in bounds {
            let fault = #expect(throws: ReplayFault.self) {
                _ = try ReplayTests.restarted(desk, change)
            }
            guard case .tooSmall(let named, let needed) = fault?.kind else {
                Issue.record("\(limit): \(String(describing: fault))")
                continue
            }
            #expect(named == limit)
            #expect(needed > 1)
        }
    }

    @Test func accountsMayComeInAnyOrderAndLeaveGaps() throws {
        var records = ReplayRecords(["acme": .brand, "pen": .sku, "ink": .sku, "w": .warehouse])
        records.set(4, sku: 1, onHand: 7, version: 1)
        records.set(1, sku: 2, onHand: 9, version: 1)
        records.set(4, sku: 1, onHand: 8, version: 2)
        var desk = try Desk(replaying: records.entries, at: 2_000)
        #expect(desk.stock("pen", at: "w")?.onHand == 8)
        #expect(desk.stock("ink", at: "w")?.onHand == 9)
        #expect(desk.stock("pen", at: "north") == nil)
        #expect(desk.set("cap", 3, at: "w") == .done)
        #expect(desk.stock("cap", at: "w")?.onHand == 3)
        #expect(desk.core.accounts.madeCount == 6)
        #expect(desk.core.audit() == [])
        var again = try Desk(replaying: desk.ledger.entries, at: 2_000)
        #expect(again.stock("cap", at: "w")?.onHand == 3)
    }

    /// Whatever a disk makes of a record: an answer, never a trap.
    @Test func noBytesTrap() {
        let entries = ReplayTests.busyDesk().ledger.entries
        var state: UInt64 = 7
        func chance(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(truncatingIfNeeded: state >> 33) % bound
        }
        var faults = 0
        for _ in 0..<4_000 {
            var damaged = entries
            for _ in 0...chance(3) {
                let victim = chance(damaged.count)
                guard !damaged[victim].bytes.isEmpty else { continue }
                let offset = chance(damaged[victim].bytes.count)
                switch chance(4) {
                case 0: damaged[victim].bytes[offset] = UInt8(chance(256))
                case 1: damaged[victim].bytes[offset] ^= 1 << UInt8(chance(8))
                case 2:
                    for index in offset..<min(offset + 8, damaged[victim].bytes.count) {
                        damaged[victim].bytes[index] = 0xff
                    }
                default:
                    let count = offset / 8 * 8
                    damaged[victim].bytes.removeLast(damaged[victim].bytes.count - count)
                    if count >= 2 { damaged[victim].bytes[0] = UInt8(count) }
                }
            }
            do throws(ReplayFault) {
                let desk = try Desk(replaying: damaged, at: 5_000) { $0.refusalRingBytes = 1 }
                #expect(desk.core.audit() == [])
            } catch {
                faults += 1
                #expect(error.explanation.hasPrefix("record "))
            }
        }
        #expect(faults > 2_000)
    }
}
