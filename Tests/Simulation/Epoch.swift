// SPDX-License-Identifier: Apache-2.0

import Primitives
import ReservationCore

/// A stretch of a history with one fresh core and one set of bounds: some roomy, some so small that
/// tables are full most of the time.
struct Epoch {
    var configuration: CoreConfiguration
    var bounds: ShopModel.Bounds
    var steps: Int
    /// The tick that the first decision sees.
    var firstTick: Int
    /// Whether wheels are turned at all: what is due must be met all the same.
    var turnsWheels: Bool
    /// Longest time to live that is asked for often, in milliseconds.
    var timeToLiveUsual: Int
    /// How far time jumps when it jumps.
    var jumpMax: Int
    /// Room is refused once in so many operations.
    var refusesRoomOneIn: Int
    /// Units that stock is set to at most.
    var stockUsual: Int

    init(_ chance: inout SeededGenerator) {
        var configuration = CoreConfiguration(hashKey: (chance.next(), chance.next()))
        let isSmall = chance.oneIn(2)
        configuration.holdStripes = 1 << chance.below(4)
        configuration.accountStripes = 1 << chance.below(6)
        configuration.holdsMax = isSmall ? chance.within(3...60) : 100_000
        configuration.idsMax = isSmall ? chance.within(20...600) : 8_000
        configuration.accountsMax =
            isSmall ? chance.within(2...Shop.accounts) : Shop.accounts + 1
        configuration.codesMax = isSmall ? chance.within(6...45) : 1_000
        configuration.retentionMilliseconds = UInt64(
            chance.pick([1_000, 5_000, 60_000, 3_600_000, 24 * 3_600_000]))
        configuration.refusalReachMilliseconds = UInt64(
            chance.pick([50, 2_000, 60_000, 600_000]))
        // The smallest ring has room for 16 in each stripe.
        let ringIsSmall = chance.oneIn(3)
        configuration.refusalRingBytes = ringIsSmall ? 1 : 20_000 * 160
        bounds = ShopModel.Bounds(
            holdsMax: configuration.holdsMax, idsMax: configuration.idsMax,
            accountsMax: configuration.accountsMax, codesMax: configuration.codesMax,
            retention: Int(configuration.retentionMilliseconds),
            reach: Int(configuration.refusalReachMilliseconds),
            refusalsKept: ringIsSmall ? 16 : 2_000)
        // Both a new journal and one that has run for a while, with wheels that begin far behind.
        firstTick = chance.pick([1, 1_000, 1 << 20, 1 << 21]) - chance.below(2)
        if chance.oneIn(2) {
            configuration.firstTick = Tick(milliseconds: UInt64(max(firstTick - 1, 0)))
        }
        self.configuration = configuration
        steps = chance.within(1_000...12_000)
        turnsWheels = !chance.oneIn(5)
        timeToLiveUsual = chance.pick([1_000, 3_000, 20_000, 900_000, 24 * 3_600_000])
        jumpMax = chance.pick([1_500, 30_000, 600_000])
        refusesRoomOneIn = chance.pick([50, 500, 1_000_000])
        stockUsual = chance.pick([3, 50, 1_000])
    }
}
