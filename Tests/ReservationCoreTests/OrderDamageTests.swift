// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import Testing

@testable import ReservationCore

/// What a record of an order, a policy or a transfer may have wrong though its checksums are right.
@Suite struct OrderDamageTests {
    private typealias Change = ReplayDamageTests.Change

    /// A story that ends with one record of each type: a cancellation in part, an order of two holds,
    /// and what needs no legs. Accounts: 0 pen north, 1 pen south, 2 ink north.
    static func story() -> [Ledger.Entry] {
        var desk = Desk()
        _ = desk.set("pen", 10)
        _ = desk.set("pen", 10, at: "south")
        _ = desk.set("ink", 10)
        _ = desk.reserve(1, [.init(sku: "pen", quantity: 1)])
        _ = desk.reserve(
            2,
            [
                .init(sku: "ink", quantity: 2), .init(sku: "pen", quantity: 3),
            ])
        _ = desk.reserve(3, [.init(sku: "ink", quantity: 1)])
        _ = desk.order(
            9, [.init(sku: "ink", quantity: 4), .init(sku: "pen", quantity: 12, warehouse: "")])
        _ = desk.order(8, from: [1, 2])
        _ = desk.cancel(9, [.init(sku: "", quantity: 7, warehouse: "", number: 2)], request: 70)
        _ = desk.extend(3, by: 20_000, request: 71)
        _ = desk.policy("ink", StockPolicy(safety: 1, lowWater: 2, highWater: 3), request: 72)
        _ = desk.transfer("pen", 1, from: "north", to: "south", request: 73)
        return desk.ledger.entries
    }

    private static let huge: [UInt8] = [0xff, 0xff, 0xff, 0xff]
    private static let large: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]

    // An order's record: legs at 52. The story's has ink 4, pen south 10, pen north 2: three legs,
    // figures at 88, 28 bytes each.
    private static let changes: [Change] = [
        Change(.order, "length", .length) {
            $0.bytes.removeLast(8)
            $0.bytes[0] &-= 8
        },
        Change(.order, "no legs", at: 48, [0], .legs),
        Change(.order, "more legs", at: 48, [9], .length),
        Change(.order, "dealer", at: 40, huge, .code),
        Change(.order, "fill mode", at: 51, [0x30], .range),
        Change(.order, "sequence", .sequence) { $0.sequence = 1 },
        Change(.order, "account", at: 56, huge, .account),
        Change(.order, "line 0", at: 52, [0, 0, 0, 0], .legs),
        Change(.order, "lines of two SKUs alike", at: 52, [2], .legs),
        Change(.order, "nothing of a leg", at: 60, [0], .legs),
        Change(.order, "amount", at: 60, [3], .figure),
        Change(.order, "allocated", at: 100, [9], .figure),
        Change(.order, "version", at: 108, [9], .accountVersion),

        // Two holds at 52, 20 bytes each; legs at 92: pen 1, ink 2, pen 3; figures at 128.
        Change(.orderFromHolds, "hold", at: 52, [9], .notLive),
        Change(.orderFromHolds, "the same hold twice", at: 72, [0xcd, 0xab], .notLive),
        Change(.orderFromHolds, "no holds", at: 44, [0], .legs),
        Change(.orderFromHolds, "a third hold", at: 44, [3], .length),
        Change(.orderFromHolds, "legs of a hold", at: 68, [2], .legs),
        Change(.orderFromHolds, "dealer", at: 40, [0], .code),
        Change(.orderFromHolds, "line", at: 104, [9], .legs),
        Change(.orderFromHolds, "amount", at: 112, [1], .legs),
        Change(.orderFromHolds, "held", at: 132, [9], .figure),
        Change(.orderFromHolds, "after the deadline", .deadline) {
            $0.time.tick = Tick(milliseconds: 11_000)
        },

        // One leg, or two: pen south 7 of 10.
        Change(.cancel, "order", at: 16, [9], .notOpen),
        Change(.cancel, "no legs", at: 60, [0], .length),
        Change(.cancel, "line", at: 64, [7], .legs),
        Change(.cancel, "account", at: 68, [2], .legs),
        Change(.cancel, "more than is left", at: 72, [11], .legs),
        Change(.cancel, "less", at: 72, [6], .figure),
        Change(.cancel, "nothing", at: 72, [0], .legs),
        Change(.cancel, "short", at: 75, [0x80], .legs),
        Change(.cancel, "version", at: 96, [99], .accountVersion),

        Change(.extend, "length", .length) {
            $0.bytes.removeLast(8)
            $0.bytes[0] &-= 8
        },
        Change(.extend, "reservation", at: 16, [9], .notLive),
        Change(.extend, "nearer", at: 56, [0, 0], .deadline),
        Change(.extend, "further than a day", at: 56, [0, 0, 0xff, 0x7f], .deadline),

        Change(.setPolicy, "account", at: 40, huge, .account),
        Change(.setPolicy, "safety below zero", at: 79, [0xff], .range),
        Change(.setPolicy, "high water", at: 104, large, .range),
        Change(.setPolicy, "low above high", at: 96, [9], .range),
        Change(.setPolicy, "backorder limit", at: 88, large, .range),
        Change(.setPolicy, "on hand", at: 48, [9], .figure),

        Change(.transfer, "the same account", at: 52, [0], .account),
        Change(.transfer, "another SKU", at: 52, [2], .account),
        Change(.transfer, "no units", at: 40, [0], .range),
        Change(.transfer, "more than there is", at: 40, [50], .oversold),
        Change(.transfer, "units", at: 40, [2], .figure),
        Change(.transfer, "version of the second", at: 128, [9], .accountVersion),
    ]

    @Test func theStoryItselfIsFine() throws {
        let desk = try Desk(replaying: Self.story(), at: 2_000)
        #expect(desk.core.audit() == [])
    }

    @Test(arguments: changes.indices)
    func isNoticed(_ index: Int) throws {
        let change = Self.changes[index]
        var entries = Self.story()
        let place = try #require(entries.lastIndex { $0.bytes[2] == change.type.rawValue })
        change.change(&entries[place])
        let fault = #expect(throws: ReplayFault.self, "\(change.testDescription)") {
            _ = try Desk(replaying: entries, at: 2_000)
        }
        let text = Comment(
            rawValue: change.testDescription + ": " + (fault?.explanation ?? "nothing"))
        #expect(fault?.kind == .damaged(change.expected), text)
    }

    @Test func everyRecordTwiceIsNoticed() {
        for type in [RecordType.order, .orderFromHolds, .setPolicy, .transfer, .cancel] {
            var entries = Self.story()
            guard var again = entries.last(where: { $0.bytes[2] == type.rawValue }),
                let last = entries.last
            else { continue }
            again.sequence = last.sequence + 1
            entries.append(again)
            #expect(throws: ReplayFault.self, "\(type)") {
                _ = try Desk(replaying: entries, at: 2_000)
            }
        }
    }
}
