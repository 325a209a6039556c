// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import ReservationCore

/// Refusals in memory: the newest stay, the reach ends them, a tombstone takes their place.
@Suite struct RefusalRingTests {
    private static func identity(_ number: UInt64, stripe: Int = 0) -> Identity {
        // All homes alike: the worst that can happen to the index.
        Identity(
            id: ClientID(high: 1, low: number), brandHash: 9, kind: .reservation, hash: 3,
            stripe: stripe)
    }

    private static func entry(_ requested: Int64, at tick: UInt64 = 0) -> RefusalEntry {
        var entry = RefusalEntry()
        entry.requested = requested
        entry.tick = Tick(milliseconds: tick)
        return entry
    }

    private let now = Tick(milliseconds: 100)

    @Test func theOldestMakesRoom() {
        // The smallest ring: sixteen in each part.
        let ring = RefusalRing(bytes: 1, parts: 2, reachMilliseconds: 1_000)
        for number in 0..<40 as Range<UInt64> {
            ring.remember(Self.identity(number), Self.entry(Int64(number)))
            for old in 0...number {
                let found = ring.find(Self.identity(old), at: now)?.requested
                #expect(found == (old + 16 > number ? Int64(old) : nil), "\(old) of \(number)")
            }
        }
        #expect(ring.find(Self.identity(39, stripe: 1), at: now) == nil, "parts are apart")
    }

    @Test func theReachEndsIt() {
        let ring = RefusalRing(bytes: 1, parts: 1, reachMilliseconds: 50)
        ring.remember(Self.identity(1), Self.entry(1, at: 51))
        #expect(ring.find(Self.identity(1), at: now) != nil)
        ring.remember(Self.identity(2), Self.entry(2, at: 50))
        #expect(ring.find(Self.identity(2), at: now) == nil)
    }

    @Test func aNewerOneTakesTheOldOnesPlace() {
        let ring = RefusalRing(bytes: 1, parts: 1, reachMilliseconds: 1_000)
        ring.remember(Self.identity(1), Self.entry(1))
        var tombstone = RefusalEntry()
        tombstone.isTombstone = true
        ring.remember(Self.identity(1), tombstone)
        #expect(ring.find(Self.identity(1), at: now)?.isTombstone == true)
    }

    @Test func brandAndKindBelongToTheIdentity() {
        let ring = RefusalRing(bytes: 1, parts: 1, reachMilliseconds: 1_000)
        ring.remember(Self.identity(1), Self.entry(1))
        var other = Self.identity(1)
        other.brandHash = 10
        #expect(ring.find(other, at: now) == nil)
        other = Self.identity(1)
        other.kind = .request
        #expect(ring.find(other, at: now) == nil)
    }

    @Test func theGaugeSaysHowFarBackItReaches() {
        let ring = RefusalRing(bytes: 1, parts: 1, reachMilliseconds: 1_000)
        for number in 0..<15 as Range<UInt64> {
            ring.remember(Self.identity(number), Self.entry(0, at: 40 + number))
        }
        #expect(ring.reach(of: 0, at: now) == 1_000, "nothing was overwritten yet")
        for number in 15..<20 as Range<UInt64> {
            ring.remember(Self.identity(number), Self.entry(0, at: 40 + number))
        }
        #expect(ring.reach(of: 0, at: now) == 100 - 44)
    }
}
