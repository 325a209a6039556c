// SPDX-License-Identifier: Apache-2.0

import Foundation
import Journal
import Primitives
import Testing

@testable import Audit

/// What the dump says of orders, policies and transfers.
@Suite struct StateDumpTests {
    /// The lines of a dump of what a bookkeeper wrote.
    private static func dump(
        _ book: Bookkeeper, after milliseconds: UInt64 = 0, keepsForgotten: Bool = false
    ) throws -> [NSDictionary] {
        var model = LedgerModel(
            retention: PlantedViolationTests.retention, keepsForgotten: keepsForgotten)
        for (index, entry) in book.entries.enumerated() {
            model.apply(
                entry.record,
                at: LedgerModel.Place(
                    sequence: UInt64(index + 1), tick: entry.tick, wall: entry.wall))
        }
        model.finish(at: book.tick + milliseconds)
        #expect(model.violations.kept == [])
        // Any journal's end will do: only its own line tells of it.
        var scan = try JournalScan(MemoryStore(files: try GoldenJournal.segments("server")))
        while try scan.next() != nil {}
        let dump = StateDump(model: model, identity: nil, end: try #require(scan.end))
        var bytes: [UInt8] = []
        dump.write { span in
            for index in 0..<span.count { bytes.append(span[index]) }
        }
        return try String(decoding: bytes, as: UTF8.self).split(separator: "\n").map {
            try #require(
                try JSONSerialization.jsonObject(with: Data($0.utf8)) as? NSDictionary)
        }
    }

    private static func of(_ kind: String, _ lines: [NSDictionary]) -> [NSDictionary] {
        lines.filter { $0["kind"] as? String == kind }
    }

    private static func hex(_ number: UInt64) -> String { Bookkeeper.id(number).hex }

    @Test func ordersTellWhatTheyWereMadeOfAndWhatIsLeft() throws {
        let lines = try StateDumpTests.dump(PlantedOrderTests.goodHistory())
        let orders = StateDumpTests.of("order", lines)
        #expect(orders.map { $0["order_id"] as? String } == (1...5).map { StateDumpTests.hex($0) })
        #expect(
            orders.map { $0["state"] as? String }
                == ["CANCELLED", "ACCEPTED", "ACCEPTED", "ACCEPTED", "ACCEPTED"])
        #expect(
            orders.map { $0["reservation_ids"] as? [String] }
                == [
                    [], [], [StateDumpTests.hex(10), StateDumpTests.hex(11)],
                    [StateDumpTests.hex(12)], [],
                ])
        #expect(orders[0]["reservation_id"] is NSNull)
        #expect(orders[2]["reservation_id"] as? String == StateDumpTests.hex(10))
        #expect(orders[0]["ended_tick"] as? Int == 1_020)
        #expect(orders[1]["ended_tick"] is NSNull)
        let legs = try #require(orders[2]["lines"] as? [NSDictionary])
        #expect(legs.map { $0["line_number"] as? Int } == [1, 1, 2])
        #expect(legs.map { $0["warehouse"] as? String } == ["north", "south", "north"])
        #expect(legs.map { $0["quantity"] as? Int } == [2, 3, 1])
        #expect(legs.map { $0["cancelled"] as? Int } == [0, 3, 0])
        // The sum that the document promises.
        for account in StateDumpTests.of("account", lines) {
            var allocated = 0
            for leg in orders.flatMap({ $0["lines"] as? [NSDictionary] ?? [] })
            where leg["sku"] as? String == account["sku"] as? String
                && leg["warehouse"] as? String == account["warehouse"] as? String
            {
                allocated += (leg["quantity"] as? Int ?? 0) - (leg["cancelled"] as? Int ?? 0)
            }
            #expect(account["allocated"] as? Int == allocated, "\(account)")
        }
    }

    @Test func accountsHaveTheirPolicy() throws {
        let lines = try StateDumpTests.dump(PlantedOrderTests.goodHistory())
        let accounts = StateDumpTests.of("account", lines)
        let fields = ["safety", "backorder_limit", "low_water", "high_water", "hold_ttl_ms"]
        #expect(accounts.map { $0["on_hand"] as? Int } == [70, 50, 50])
        #expect(fields.map { accounts[0][$0] as? Int } == [10, 3, 5, 20, 60_000])
        #expect(fields.map { accounts[1][$0] as? Int } == [0, 0, 0, 0, 0])
    }

    @Test func outcomesTellWhatTheyChanged() throws {
        let lines = try StateDumpTests.dump(PlantedOrderTests.goodHistory())
        let outcomes = StateDumpTests.of("outcome", lines)
        #expect(
            outcomes.map { $0["call"] as? String } == [
                "SetStock", "SetStock", "SetStock", "SetStockPolicy", "TransferStock", "Extend",
                "CancelOrder", "CancelOrder", "CancelOrder",
            ])
        #expect(outcomes[4]["warehouse"] as? String == "north")
        #expect(outcomes[4]["to_warehouse"] as? String == "south")
        #expect(outcomes[5]["reservation_id"] as? String == StateDumpTests.hex(12))
        #expect(outcomes[8]["order_id"] as? String == StateDumpTests.hex(3))
        #expect(outcomes[8]["sku"] == nil)
    }

    @Test func aCancelledOrderIsForgottenAfterTheRetention() throws {
        let book = PlantedOrderTests.goodHistory()
        let retention = PlantedViolationTests.retention
        func ids(_ lines: [NSDictionary]) -> [String?] {
            StateDumpTests.of("order", lines).map { $0["order_id"] as? String }
        }
        let before = try StateDumpTests.dump(book, after: retention - 1)
        #expect(ids(before).count == 5)
        let after = try StateDumpTests.dump(book, after: retention)
        #expect(ids(after) == (2...5).map { StateDumpTests.hex($0) })
        let all = try StateDumpTests.dump(book, after: retention, keepsForgotten: true)
        #expect(ids(all).count == 5)
        let forgotten = StateDumpTests.of("order", all).map { $0["forgotten"] as? Bool }
        #expect(forgotten == [true, false, false, false, false])
    }
}
