// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import ReservationCore

/// The timing wheel by itself: a row fires at its tick, neither before nor after.
@Suite struct WheelTests {
    private static let day: UInt64 = 24 * 3_600_000
    private static let beginnings: [UInt64] = [
        0, 1, 1_022, 1_023, 1_024, 500_000, (1 << 20) - 2, (1 << 20) - 1, 1 << 20,
        (1 << 20) + 1, (1 << 30) - 1, 1 << 30, 5_000_000_123,
    ]
    private static let distances: [UInt64] = [
        1, 2, 1_000, 1_022, 1_023, 1_024, 1_025, 2_047, 2_048, 2_049, 900_000,
        (1 << 20) - 1_025, (1 << 20) - 1_024, (1 << 20) - 1_023, (1 << 20) - 1, 1 << 20,
        (1 << 20) + 1, (1 << 20) + 1_023, (1 << 20) + 1_024, (1 << 21) - 1, 1 << 21, 4 << 20, day,
    ]

    private static func stripes(from beginning: UInt64) -> HoldStripes {
        var configuration = CoreConfiguration(hashKey: (0, 0))
        configuration.idsMax = 100
        configuration.holdStripes = 1
        configuration.refusalRingBytes = 1
        configuration.firstTick = Tick(milliseconds: beginning)
        return HoldStripes(configuration)
    }

    private static func add(_ deadline: UInt64, to holds: borrowing HoldStripes) -> Int {
        guard let row = holds.takeEntry(in: 0) else { preconditionFailure("room for 100") }
        holds.entries[row].state = .held
        holds.entries[row].deadline = Tick(milliseconds: deadline)
        holds.schedule(.entry(row), at: Tick(milliseconds: deadline), in: 0)
        return row
    }

    /// The next row that fires by `tick`, however many turns that takes.
    private static func next(_ holds: borrowing HoldStripes, by tick: UInt64) -> Int? {
        for _ in 0..<4_000 {
            var moves = CoreLimits.wheelMovesPerTurnMax
            let due = holds.nextDue(in: 0, through: Tick(milliseconds: tick), moves: &moves)
            if case .entry(let row) = due { return row }
            if holds.state(0).wheelTick >= tick { return nil }
        }
        Issue.record("the wheel doesn't get to \(tick)")
        return nil
    }

    @Test(arguments: beginnings) func firesAtItsTickAcrossLevels(beginning: UInt64) {
        for distance in WheelTests.distances {
            let holds = WheelTests.stripes(from: beginning)
            let deadline = beginning + distance
            let row = WheelTests.add(deadline, to: holds)
            #expect(WheelTests.next(holds, by: deadline - 1) == nil, "\(distance) on, too early")
            #expect(WheelTests.next(holds, by: deadline) == row, "\(distance) on")
            #expect(WheelTests.next(holds, by: deadline + 5_000) == nil, "\(distance) on, once")
        }
    }

    /// The last block before a coarse boundary once went round in circles.
    @Test func theLastMillisecondsBeforeABoundaryFire() {
        for block in [1, 2, 3] as [UInt64] {
            for before in 1...1_030 as ClosedRange<UInt64> where before % 103 == 0 || before < 4 {
                let holds = WheelTests.stripes(from: 5)
                let deadline = (block + 1) << 20 - before
                let row = WheelTests.add(deadline, to: holds)
                #expect(WheelTests.next(holds, by: deadline) == row, "block \(block), \(before)")
            }
        }
    }

    /// The longest retention, which goes down every level.
    @Test func sevenDaysArePutAwayOnce() {
        let holds = WheelTests.stripes(from: 3)
        let row = WheelTests.add(7 * WheelTests.day, to: holds)
        #expect(WheelTests.next(holds, by: 7 * WheelTests.day - 1) == nil)
        #expect(WheelTests.next(holds, by: 7 * WheelTests.day) == row)
    }

    @Test func firesInOrderOfTime() {
        let holds = WheelTests.stripes(from: 7)
        var deadlines: [UInt64] = []
        for number in 0..<100 as Range<UInt64> {
            let deadline = 8 + number * number * number * 37 % 3_000_000
            deadlines.append(deadline)
            _ = WheelTests.add(deadline, to: holds)
        }
        var fired: [UInt64] = []
        while let row = WheelTests.next(holds, by: 4_000_000) {
            fired.append(holds.entries[row].deadline.milliseconds)
            #expect(holds.state(0).wheelTick < holds.entries[row].deadline.milliseconds)
        }
        #expect(fired == deadlines.sorted())
    }

    @Test func whatIsAlreadyDueFiresNext() {
        let holds = WheelTests.stripes(from: 5_000)
        let row = WheelTests.add(10, to: holds)
        #expect(WheelTests.next(holds, by: 5_000) == nil)
        #expect(WheelTests.next(holds, by: 5_001) == row)
    }

    @Test func aWheelThatLagsCatchesUpWithinOneTurn() {
        let holds = WheelTests.stripes(from: 0)
        let row = WheelTests.add(3_600_000, to: holds)
        var moves = CoreLimits.wheelMovesPerTurnMax
        let due = holds.nextDue(in: 0, through: Tick(milliseconds: 3_700_000), moves: &moves)
        guard case .entry(row) = due else {
            Issue.record("an hour of lag takes more than a turn")
            return
        }
        #expect(moves > CoreLimits.wheelMovesPerTurnMax / 2)
    }

    @Test func aBudgetThatRunsOutLosesNothing() {
        let holds = WheelTests.stripes(from: 0)
        // All come down together from the coarsest level.
        let rows = (0..<60).map { _ in WheelTests.add(1 << 21, to: holds) }
        var fired: [Int] = []
        var turns = 0
        while fired.count < rows.count, turns < 100_000 {
            var moves = 3
            turns += 1
            let due = holds.nextDue(in: 0, through: Tick(milliseconds: 1 << 21), moves: &moves)
            if case .entry(let row) = due { fired.append(row) }
        }
        #expect(fired.sorted() == rows.sorted())
    }

    @Test func longHoldsExpireThroughTheCore() {
        var desk = Desk()
        _ = desk.set("pen", 1_000)
        // A second around the boundary of a 17.5 min block: the rows that come down twice.
        let boundary: UInt64 = 1 << 20
        desk.tick = 10
        for number in 0..<64 as Range<UInt64> {
            _ = desk.reserve(
                number + 1, [.init(sku: "pen", quantity: 1)],
                ttl: 2 * boundary - 1_500 + number * 40)
        }
        desk.tick = 2 * boundary - 1_500 + 9
        desk.turn()
        #expect(desk.core.liveHoldCount == 64)
        for _ in 0..<300 {
            desk.tick += 10
            desk.turn()
            let expected = (0..<64).count {
                10 + 2 * boundary - 1_500 + UInt64($0) * 40 > desk.tick
            }
            #expect(desk.core.liveHoldCount == expected, "at \(desk.tick)")
        }
        #expect(desk.core.liveHoldCount == 0)
    }
}
