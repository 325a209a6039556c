// SPDX-License-Identifier: Apache-2.0

import Primitives
import ReservationCore
import Testing

@testable import Effects

/// The auditor is only worth something if it notices: a good story of records, then the same story
/// with one thing wrong.
@Suite struct LedgerAuditorTests {
    private static let id = ClientID(high: 7, low: 1)
    private static let order = ClientID(high: 7, low: 2)
    private static let codes: [Record] = [
        .define(brand: 0, number: 0, kind: 1, text: [1]),
        .define(brand: 0, number: 1, kind: 2, text: [2]),
        .define(brand: 0, number: 2, kind: 3, text: [3]),
        .define(brand: 0, number: 3, kind: 4, text: [4]),
    ]

    private static func set(
        _ onHand: Int64, held: Int64 = 0, version: UInt64, request: UInt64 = 1
    ) -> Record {
        .setStock(
            brand: 0, request: ClientID(high: 1, low: request), fingerprint: 0, account: 0, sku: 1,
            warehouse: 2, sourceVersion: 0,
            figures: StockFigures(
                onHand: onHand, held: held, allocated: 0, safety: 0, version: version))
    }

    private static func legs(_ amount: UInt32, isShort: Bool = false) -> [RecordLeg] {
        [RecordLeg(line: 1, account: 0, amount: amount, isShort: isShort)]
    }

    private static func figure(
        _ held: Int64, committed: Int64? = nil, version: UInt64
    ) -> [Record.Figure] {
        [Record.Figure(account: 0, held: held, committed: committed, version: version)]
    }

    private static func reserve(
        _ amount: UInt32, held: Int64, version: UInt64, dealer: UInt32 = 3
    ) -> Record {
        .reserve(
            brand: 0, reservation: id, fingerprint: 0, dealer: dealer, timeToLive: 1_000,
            fillMode: 1, legs: legs(amount), figures: figure(held, version: version))
    }

    private static func confirm(
        _ amount: UInt32, isShort: Bool = false, held: Int64 = 0, committed: Int64,
        version: UInt64
    ) -> Record {
        .confirm(
            brand: 0, reservation: id, order: order, legs: legs(amount, isShort: isShort),
            figures: figure(held, committed: committed, version: version))
    }

    private static func release(_ amount: UInt32, held: Int64, version: UInt64) -> Record {
        .release(
            brand: 0, reservation: id, legs: legs(amount), figures: figure(held, version: version))
    }

    private static func expire(_ amount: UInt32, held: Int64, version: UInt64) -> Record {
        .expire(
            brand: 0, reservation: id, legs: legs(amount), figures: figure(held, version: version))
    }

    /// What the auditor says to the codes and then to `story`, (tick, record) each.
    private func verdict(_ story: [(UInt64, Record)]) -> [String] {
        var auditor = LedgerAuditor(retention: 5_000)
        for record in LedgerAuditorTests.codes { auditor.apply(record, at: 0) }
        for (tick, record) in story { auditor.apply(record, at: tick) }
        auditor.recount()
        return auditor.violations
    }

    @Test func aGoodStoryAddsUp() {
        let stories: [[(UInt64, Record)]] = [
            [
                (0, Self.set(10, version: 1)), (1, Self.reserve(4, held: 4, version: 2)),
                (2, Self.confirm(3, isShort: true, committed: 3, version: 3)),
            ],
            [
                (0, Self.set(10, version: 1)), (1, Self.reserve(4, held: 4, version: 2)),
                (1_000, Self.release(4, held: 0, version: 3)),
                (6_000, Self.reserve(4, held: 4, version: 4)),
                (7_000, Self.expire(4, held: 0, version: 5)),
            ],
        ]
        for story in stories { #expect(verdict(story) == []) }
    }

    @Test func aWrongStoryIsNoticed() {
        let stories: [String: [(UInt64, Record)]] = [
            "a grant below zero": [
                (0, Self.set(3, version: 1)), (1, Self.reserve(4, held: 4, version: 2)),
            ],
            "a figure that isn't the sum": [
                (0, Self.set(10, version: 1)), (1, Self.reserve(4, held: 5, version: 2)),
            ],
            "a version left out": [
                (0, Self.set(10, version: 1)), (1, Self.reserve(4, held: 4, version: 3)),
            ],
            "a version that stands still": [
                (0, Self.set(10, version: 1)), (1, Self.reserve(4, held: 4, version: 1)),
            ],
            "a dealer that nobody defined": [
                (0, Self.set(10, version: 1)),
                (1, Self.reserve(4, held: 4, version: 2, dealer: 9)),
            ],
            "two grants of one id": [
                (0, Self.set(10, version: 1)), (1, Self.reserve(4, held: 4, version: 2)),
                (2, Self.release(4, held: 0, version: 3)),
                (5_001, Self.reserve(4, held: 4, version: 4)),
            ],
            "an end without a beginning": [
                (0, Self.set(10, version: 1)), (1, Self.release(4, held: -4, version: 2)),
            ],
            "two ends": [
                (0, Self.set(10, version: 1)), (1, Self.reserve(4, held: 4, version: 2)),
                (2, Self.release(4, held: 0, version: 3)),
                (1_001, Self.expire(4, held: -4, version: 4)),
            ],
            "a release of something else": [
                (0, Self.set(10, version: 1)), (1, Self.reserve(4, held: 4, version: 2)),
                (2, Self.release(3, held: 1, version: 3)),
            ],
            "more confirmed than granted": [
                (0, Self.set(10, version: 1)), (1, Self.reserve(4, held: 4, version: 2)),
                (2, Self.confirm(5, committed: 5, version: 3)),
            ],
            "a rest that doesn't return": [
                (0, Self.set(10, version: 1)), (1, Self.reserve(4, held: 4, version: 2)),
                (2, Self.confirm(3, isShort: true, held: 1, committed: 3, version: 3)),
            ],
            "a confirmation at the deadline": [
                (0, Self.set(10, version: 1)), (1, Self.reserve(4, held: 4, version: 2)),
                (1_001, Self.confirm(4, committed: 4, version: 3)),
            ],
            "an expiry before the deadline": [
                (0, Self.set(10, version: 1)), (1, Self.reserve(4, held: 4, version: 2)),
                (1_000, Self.expire(4, held: 0, version: 3)),
            ],
            "a correction that touches holds": [
                (0, Self.set(10, version: 1)), (1, Self.reserve(4, held: 4, version: 2)),
                (2, Self.set(12, held: 0, version: 3, request: 2)),
            ],
            "a request that counts twice": [
                (0, Self.set(10, version: 1)), (1, Self.set(11, version: 2)),
            ],
        ]
        for (name, story) in stories { #expect(!verdict(story).isEmpty, "not noticed: \(name)") }
    }
}
