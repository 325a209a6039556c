// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import Testing

@testable import ReservationCore

/// Every kind of damage that a record may have though its checksums are right, each made from a
/// good story by changing one thing.
@Suite struct ReplayDamageTests {
    /// One thing that is changed in the last record of a type.
    struct Change: Sendable, CustomTestStringConvertible {
        var type: RecordType
        var field: String
        var expected: ReplayDamage
        var change: @Sendable (inout Ledger.Entry) -> Void
        var testDescription: String { "\(type): \(field)" }

        /// Overwrites bytes.
        init(
            _ type: RecordType, _ field: String, at offset: Int, _ bytes: [UInt8],
            _ expected: ReplayDamage
        ) {
            self.init(type, field, expected) { entry in
                for (index, byte) in bytes.enumerated() { entry.bytes[offset + index] = byte }
            }
        }

        init(
            _ type: RecordType, _ field: String, _ expected: ReplayDamage,
            _ change: @escaping @Sendable (inout Ledger.Entry) -> Void
        ) {
            self.type = type
            self.field = field
            self.expected = expected
            self.change = change
        }
    }

    /// A story that ends with one record of each type that matters: two lines on two accounts
    /// confirmed in part, one released, one expired.
    static func story() -> [Ledger.Entry] {
        var desk = Desk()
        _ = desk.set("pen", 10, version: 3, brand: "other")
        _ = desk.set("pen", 10, version: 3)
        _ = desk.set("ink", 8)
        _ = desk.adjust("ink", -2)
        _ = desk.reserve(1, [.init(sku: "pen", quantity: 1)], ttl: 1_000)
        _ = desk.reserve(2, [.init(sku: "pen", quantity: 1)])
        _ = desk.reserve(3, [.init(sku: "pen", quantity: 3), .init(sku: "ink", quantity: 2)])
        _ = desk.release(2)
        _ = desk.confirm(
            3, order: 9,
            [
                .init(sku: "", quantity: 2, warehouse: "", number: 1),
                .init(sku: "", quantity: 2, warehouse: "", number: 2),
            ])
        desk.tick += 1_000
        desk.turn()
        _ = desk.set("ink", 20, version: 4)
        _ = desk.adjust("ink", 5)
        _ = desk.reserve(5, [.init(sku: "pen", quantity: 1)])
        _ = desk.reserve(4, [.init(sku: "pen", quantity: 2), .init(sku: "ink", quantity: 1)])
        _ = desk.set("cap", 1)
        return desk.ledger.entries
    }

    private static let huge: [UInt8] = [0xff, 0xff, 0xff, 0x7f]
    private static let most: [UInt8] = [UInt8](repeating: 0xff, count: 8)

    /// All of them.
    static let changes: [Change] = [
        Change(.reserve, "length", at: 0, [88, 0], .length),
        Change(.reserve, "type", at: 2, [77], .type),
        Change(.reserve, "form", at: 3, [2], .version),
        Change(.reserve, "sequence", .sequence) { $0.sequence = 3 },
        Change(.reserve, "tick", .tick) { $0.time.tick = Tick(milliseconds: 1 << 48) },
        Change(.reserve, "cut", .length) { $0.bytes.removeLast(8) },
        Change(.reserve, "header only", .length) {
            $0.bytes.removeLast($0.bytes.count - 16)
            $0.bytes[0] = 16
        },
        Change(.reserve, "nothing", .length) { $0.bytes = [] },

        Change(.define, "number beyond the next", at: 16, [99], .codeNumber),
        Change(.define, "number of another", at: 16, [0], .codeNumber),
        Change(.define, "kind", at: 20, [9], .codeKind),
        Change(.define, "kind 0", at: 20, [0], .codeKind),
        Change(.define, "no text", .codeText) {
            $0.bytes[21] = 0
            $0.bytes.removeLast($0.bytes.count - 24)
            $0.bytes[0] = 24
        },
        Change(.define, "long text", .codeText) {
            $0.bytes[21] = 65
            $0.bytes += [UInt8](repeating: 0x41, count: 88 - $0.bytes.count)
            $0.bytes[0] = 88
        },
        Change(.define, "control character", at: 22, [7], .codeText),
        Change(.define, "length of the text", at: 21, [60], .length),
        Change(.define, "brand that isn't one", at: 12, [1], .brand),
        Change(.define, "brand beyond all", at: 12, huge, .brand),
        Change(.define, "brand within a brand", at: 20, [1], .brand),
        Change(.define, "defined before", at: 22, Array("pen".utf8), .codeRepeated),

        Change(.setStock, "brand", at: 12, huge, .brand),
        Change(.setStock, "account beyond all", at: 40, [0, 0, 0, 0x10], .account),
        Change(.setStock, "account of others", at: 40, [1], .accountMoved),
        Change(.setStock, "SKU", at: 44, [3], .code),
        Change(.setStock, "SKU beyond all", at: 44, huge, .code),
        Change(.setStock, "warehouse", at: 48, [4], .code),
        Change(.setStock, "on hand below zero", at: 64, most, .range),
        Change(.setStock, "on hand beyond all", at: 64, [0, 0, 0, 0, 0, 1], .range),
        Change(.setStock, "held", at: 72, [1], .figure),
        Change(.setStock, "allocated", at: 80, [1], .figure),
        Change(.setStock, "safety", at: 88, [1], .figure),
        Change(.setStock, "version", at: 96, [2], .accountVersion),
        Change(.setStock, "version beyond all", at: 96, most, .accountVersion),
        Change(.setStock, "another account's codes", .accountMoved) {
            // The same SKU and warehouse as "ink" under a number of its own.
            $0.bytes[44] = 6
            $0.bytes[48] = 5
        },

        Change(.adjustStock, "account", at: 88, huge, .account),
        Change(.adjustStock, "account of another brand", at: 88, [0], .account),
        Change(.adjustStock, "delta", at: 40, [6], .figure),
        Change(.adjustStock, "delta beyond all", at: 40, most.dropLast() + [0x7f], .range),
        Change(.adjustStock, "delta below zero", at: 40, [0xe0] + most.dropLast(), .range),
        Change(.adjustStock, "on hand", at: 48, [24], .figure),
        Change(.adjustStock, "version", at: 80, [9], .accountVersion),

        Change(.reserve, "brand", at: 12, [9], .brand),
        Change(.reserve, "an id that lives", at: 31, [5], .repeated),
        Change(.reserve, "dealer", at: 40, [1], .code),
        Change(.reserve, "no time to live", at: 44, [0, 0, 0, 0], .range),
        Change(.reserve, "time to live", at: 44, huge, .range),
        Change(.reserve, "fill mode", at: 51, [0x70], .range),
        Change(.reserve, "no legs", at: 48, [0, 0], .legs),
        Change(.reserve, "too many legs", at: 48, [0xff, 0x7f], .legs),
        Change(.reserve, "more legs", at: 48, [3], .length),
        Change(.reserve, "more accounts", at: 50, [3], .length),
        Change(.reserve, "account", at: 56, huge, .account),
        Change(.reserve, "account of another brand", at: 56, [0], .account),
        Change(.reserve, "line twice", at: 52, [2], .legs),
        Change(.reserve, "amount", at: 60, [3], .figure),
        Change(.reserve, "no amount", at: 60, [0], .legs),
        Change(.reserve, "nothing granted", at: 60, [0, 0, 0, 0x80], .accounts),
        Change(.reserve, "more than there is", at: 60, [0xff, 0xff, 0xff, 0x7f], .figure),
        Change(.reserve, "figures of another account", at: 76, [0], .accounts),
        Change(.reserve, "figures beyond all", at: 76, huge, .accounts),
        Change(.reserve, "figures twice", at: 96, [1], .accounts),
        Change(.reserve, "held", at: 80, most, .figure),
        Change(.reserve, "version", at: 88, [2], .accountVersion),
        Change(.reserve, "sold twice", .oversold) {
            $0.bytes[60] = 100
            $0.bytes[80] = 101
        },

        Change(.confirm, "brand", at: 12, huge, .brand),
        Change(.confirm, "reservation", at: 16, [9], .notLive),
        Change(.confirm, "reservation that ended", at: 31, [2], .notLive),
        Change(.confirm, "fewer legs", at: 48, [1], .legs),
        Change(.confirm, "more accounts", at: 50, [3], .length),
        Change(.confirm, "too many accounts", at: 50, [0xff, 0xff], .length),
        Change(.confirm, "line", at: 52, [7], .legs),
        Change(.confirm, "account", at: 56, [2], .legs),
        Change(.confirm, "more than granted", at: 60, [4], .legs),
        Change(.confirm, "short mark", at: 63, [0], .legs),
        Change(.confirm, "amount", at: 60, [1], .figure),
        Change(.confirm, "nothing", .legs) {
            for offset in [60, 72] {
                $0.bytes[offset] = 0
                $0.bytes[offset + 3] = 0x80
            }
        },
        Change(.confirm, "held", at: 80, [3], .figure),
        Change(.confirm, "committed", at: 88, [3], .figure),
        Change(.confirm, "version", at: 96, [9], .accountVersion),
        Change(.confirm, "at the deadline", .deadline) {
            $0.time.tick = Tick(milliseconds: 11_000)
        },

        Change(.release, "reservation", at: 16, [9], .notLive),
        Change(.release, "no legs", at: 32, [0], .legs),
        Change(.release, "line", at: 36, [2], .legs),
        Change(.release, "amount", at: 44, [2], .legs),
        Change(.release, "account", at: 40, [2], .legs),
        Change(.release, "no accounts", .accounts) {
            $0.bytes[34] = 0
            $0.bytes.removeLast($0.bytes.count - 48)
            $0.bytes[0] = 48
        },
        Change(.release, "held", at: 52, [9], .figure),
        Change(.release, "version", at: 60, [9], .accountVersion),
        Change(.release, "after the deadline", .deadline) {
            $0.time.tick = Tick(milliseconds: 11_000)
        },
        Change(.release, "an expiry before the deadline", at: 2, [7], .deadline),

        Change(.expire, "reservation", at: 31, [2], .notLive),
        Change(.expire, "before the deadline", .deadline) {
            $0.time.tick = Tick(milliseconds: 1_999)
        },
        Change(.expire, "held", at: 52, [9], .figure),
    ]

    @Test func theStoryItselfIsFine() throws {
        let desk = try Desk(replaying: Self.story(), at: 2_000)
        #expect(desk.core.audit() == [])
    }

    @Test(arguments: changes)
    func isNoticed(_ change: Change) throws {
        var entries = Self.story()
        let place = try #require(
            entries.lastIndex { $0.bytes[2] == change.type.rawValue })
        change.change(&entries[place])
        let fault = #expect(throws: ReplayFault.self) {
            _ = try Desk(replaying: entries, at: 2_000)
        }
        let explanation = Comment(rawValue: fault?.explanation ?? "nothing")
        #expect(fault?.kind == .damaged(change.expected), explanation)
        #expect(fault?.sequence == entries[place].sequence, explanation)
    }

    /// The damage that a story needs two records for.
    @Test func whatComesTwiceIsNoticed() {
        for type in RecordType.allCases {
            var entries = Self.story()
            guard var again = entries.last(where: { $0.bytes[2] == type.rawValue }),
                let last = entries.last
            else { continue }
            again.sequence = last.sequence + 1
            entries.append(again)
            let fault = #expect(throws: ReplayFault.self, "\(type)") {
                _ = try Desk(replaying: entries, at: 2_000)
            }
            #expect(fault?.sequence == again.sequence)
        }
    }

    @Test func anOrderIDTwiceIsNoticed() throws {
        var desk = Desk()
        _ = desk.set("pen", 10)
        for id in 1...2 as ClosedRange<UInt64> {
            _ = desk.reserve(id, [.init(sku: "pen", quantity: 1)])
            _ = desk.confirm(id, order: id)
        }
        var entries = desk.ledger.entries
        let last = entries.count - 1
        entries[last].bytes[47] = 1
        let fault = #expect(throws: ReplayFault.self) {
            _ = try Desk(replaying: entries, at: 2_000)
        }
        #expect(fault?.kind == .damaged(.repeated))
        #expect(fault?.id == Desk.id(1))
    }

    @Test func aSourceVersionTwiceIsNoticed() throws {
        var desk = Desk()
        _ = desk.set("pen", 10, version: 3)
        _ = desk.set("pen", 11, version: 4)
        var entries = desk.ledger.entries
        entries[entries.count - 1].bytes[56] = 3
        let fault = #expect(throws: ReplayFault.self) {
            _ = try Desk(replaying: entries, at: 2_000)
        }
        #expect(fault?.kind == .damaged(.sourceVersion))
    }

    @Test func anExplanationSaysWhatAndWhere() throws {
        var entries = Self.story()
        let place = try #require(entries.lastIndex { $0.bytes[2] == RecordType.reserve.rawValue })
        entries[place].bytes[80] = 99
        let fault = #expect(throws: ReplayFault.self) {
            _ = try Desk(replaying: entries, at: 2_000)
        }
        #expect(
            fault?.explanation
                == "record \(entries[place].sequence), number 1: a figure isn't what the records"
                + " before it come to (99, expected 3)")
    }

    // MARK: - Blocks

    @Test func aBlockMustEndWhereItsRecordsDo() throws {
        let entries = Self.story()
        var body = [UInt8](repeating: 0, count: 16)
        for entry in entries { body += entry.bytes }
        let base = DecisionTime(
            tick: Tick(milliseconds: 1_000), wall: WallTime(milliseconds: 1_700_000_000_000))
        let cases: [(String, [UInt8], Int, Int)] = [
            ("one record less", body, 16, entries.count - 1),
            ("one record more", body, 16, entries.count + 1),
            ("cut", body.dropLast(8), 16, entries.count),
            ("cut within a header", body.dropLast(98), 16, entries.count),
            ("a wrong beginning", body, 8, entries.count),
            ("a beginning before the bytes", body, -8, entries.count),
            ("a beginning behind the bytes", body, 1 << 30, entries.count),
        ]
        for (name, bytes, offset, count) in cases {
            let desk = Desk()
            #expect(throws: ReplayFault.self, "\(name)") {
                try desk.core.replay(
                    bytes.span, from: offset, firstSequence: 1, count: count, base: base)
            }
        }
    }

    @Test func aBlocksTimesCantLeaveTheClock() throws {
        let entries = Self.story()
        for (tick, delta) in [(UInt64.max, 0), (5, -6), (1 << 48, 0), ((1 << 48) - 1, 1)]
            as [(UInt64, Int32)]
        {
            var body = entries[0].bytes
            for index in 0..<4 {
                body[4 + index] = UInt8(truncatingIfNeeded: delta >> Int32(8 * index))
            }
            let base = DecisionTime(
                tick: Tick(milliseconds: tick), wall: WallTime(milliseconds: 0))
            let desk = Desk()
            let fault = #expect(throws: ReplayFault.self) {
                try desk.core.replay(
                    body.span, from: 0, firstSequence: 1, count: 1, base: base)
            }
            #expect(fault?.kind == .damaged(.tick))
        }
    }
}
