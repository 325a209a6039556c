// SPDX-License-Identifier: Apache-2.0

import Primitives
import StockadeAPI
import Testing

@testable import StockadeServer

@Suite struct StatusTests {
    private func buckets(_ counts: [Int: UInt64]) -> [UInt64] {
        (0..<LatencyBuckets.count).map { counts[$0] ?? 0 }
    }

    @Test func aQuantileLiesWithinItsBucket() {
        #expect(StatusHistory.quantile(0.5, buckets([:])) == nil)
        // 100 between 0.5 and 1 ms.
        #expect(StatusHistory.quantile(0.5, buckets([4: 100])) == 0.00075)
        #expect(StatusHistory.quantile(1, buckets([4: 100])) == 0.001)
        // The hundredth of 100 lies alone between 5 and 10 ms.
        let tail = StatusHistory.quantile(0.995, buckets([0: 99, 7: 1]))
        #expect(tail.map { $0 > 0.005 && $0 < 0.01 } == true)
        // Beyond the last bound.
        #expect(StatusHistory.quantile(0.5, buckets([14: 1])) == 1)
    }

    @Test func aTableThatIsUsedUpIsNotYetFull() {
        let tables = [
            FullTables.Use(name: "accounts", now: 7, max: 7),
            FullTables.Use(name: "codes", now: 8, max: 9),
            FullTables.Use(name: "holds", now: 5, max: 5),
        ]
        typealias Refusals = [(reason: Reason, perSecond: Double)]
        let quiet = FullTables(tables, [[], [(.skuNotFound, 3)]])
        #expect(quiet.warnings == [])
        #expect(quiet.usedUp.map { String($0.prefix { $0 != ":" }) } == ["accounts", "holds"])
        #expect(
            quiet.usedUp.first
                == "accounts: all 7 are taken, and in the last minute nothing was refused for it; "
                + "a new one would be, see --accounts-max")
        // Some seconds ago somebody wanted more.
        let refusals: [Refusals] = [[(.tooManyHolds, 0.5)], [], []]
        let refusing = FullTables(tables, refusals)
        #expect(
            refusing.warnings == [
                "holds: all 5 are taken, and new ones are refused; see --holds-max"
            ])
        #expect(refusing.usedUp.count == 1)
        // Now, while parts of the table have room: the table's own count says nothing.
        let parts = FullTables(Array(tables[1...1]), [[(.tableFull, 1.5)]])
        #expect(
            parts.warnings == [
                "2 calls a second are refused, TABLE_FULL; see --accounts-max, --codes-max and"
                    + " --legs-max"
            ])
        #expect(parts.usedUp == [])
    }

    @Test func whatIsGrantedMostIsFound() {
        let meter = ServiceMeter()
        var other: UInt32 = 1_000
        for grant in 0..<64_000 {
            // A third goes to account 7, the rest to ever new ones. 16 and 3 share no factor.
            if grant % 3 == 0 {
                meter.tally.granted(7)
            } else {
                meter.tally.granted(other)
                other += 1
            }
        }
        let hottest = meter.hotAccounts.max { $0.weight < $1.weight }
        #expect(hottest?.account == 7)
        #expect(meter.hotAccounts.count <= HotAccounts.places)
    }

    @Test func whatWasHotIsForgotten() {
        let meter = ServiceMeter()
        for _ in 0..<100_000 { meter.tally.granted(1) }
        for _ in 0..<300_000 { meter.tally.granted(2) }
        let weights = Dictionary(
            uniqueKeysWithValues: meter.hotAccounts.map { ($0.account, $0.weight) })
        #expect((weights[2] ?? 0) > 3 * (weights[1] ?? 0))
    }

    @Test func aJournalThatMovesIsNotStalled() {
        let stall = JournalStall()
        let second = JournalStall.patience
        stall.look(waiting: true, durable: 5, at: second)
        stall.look(waiting: true, durable: 6, at: 2 * second)
        #expect(!stall.isStalled)
        stall.look(waiting: true, durable: 6, at: 3 * second - 1)
        #expect(!stall.isStalled)
        stall.look(waiting: true, durable: 6, at: 3 * second)
        #expect(stall.isStalled)
        stall.look(waiting: false, durable: 6, at: 4 * second)
        #expect(!stall.isStalled)
    }

    @Test func thePageHasNoMarkupFromOutside() {
        #expect(!StatusScript.source.contains("innerHTML"))
        #expect(!StatusPage.html.contains("src="))
    }
}
