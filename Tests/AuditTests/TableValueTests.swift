// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Audit

/// How rows of Postgres are put in order, and when two fields are the same.
struct TableValueTests {
    @Test func nullComesAfterAllElse() {
        let keys = [
            TableKey(.min), TableKey(-1, .max), TableKey(0), TableKey(0, 0, 1), TableKey(0, 1),
            TableKey(.max, .max, .max), TableKey(nil, 0), TableKey(nil, 1), TableKey(nil, nil),
        ]
        for (place, key) in keys.enumerated() {
            for (other, laterKey) in keys.enumerated() {
                #expect((key < laterKey) == (place < other))
                #expect((key == laterKey) == (place == other))
            }
        }
    }

    @Test func textsAreComparedByteForByte() {
        // The Kelvin sign is a K to Swift's own comparison.
        #expect("\u{212A}" == "K")
        #expect(!TableValue.text("\u{212A}").isSame(as: .text("K")))
        #expect(TableValue.text("K").isSame(as: .text("K")))
    }

    @Test func nothingOfAnotherTypeIsTheSame() {
        let id = ClientID(high: 0, low: 0)
        let values: [TableValue] = [
            .null, .integer(0), .bool(false), .text(""), .id(id), .time(0),
        ]
        for (left, value) in values.enumerated() {
            for (right, other) in values.enumerated() {
                #expect(value.isSame(as: other) == (left == right))
            }
        }
    }

    @Test func aNumberBeyondWhatAColumnHoldsIsNeverEqual() {
        #expect(TableValue.number(7).isSame(as: .integer(7)))
        for told in [Int64.max, .min, -1] {
            #expect(!TableValue.number(1 << 63).isSame(as: .integer(told)))
        }
        #expect(TableValue.number(1 << 63).description == "\"9223372036854775808\"")
    }

    @Test func timesAreExactToTheMicrosecond() {
        // 2000-01-01T00:00:00Z is where Postgres begins to count.
        #expect(TableValue.wall(946_684_800_001).isSame(as: .time(1_000)))
        #expect(!TableValue.wall(946_684_800_001).isSame(as: .time(1_001)))
        #expect(!TableValue.wall(0).isSame(as: .time(.min)))
        #expect(TableValue.time(1_001).description == "946684800001 ms and 1 us")
        #expect(TableValue.time(.max).description == "infinity")
        #expect(TableValue.time(.min).description == "-infinity")
    }

    @Test func whatIsToldIsFitForATerminal() {
        #expect(TableValue.text("a\u{1b}[2Jé\n").description == "\"a?[2J???\"")
        #expect(TableValue.text(String(repeating: "x", count: 10_000)).description.count == 82)
        let id = ClientID(high: 0x0011_2233_4455_6677, low: 0x8899_aabb_ccdd_eeff)
        #expect(TableValue.id(id).description == "00112233-4455-6677-8899-aabbccddeeff")
    }

    @Test func theFirstDifferencesOfEachTableAreTold() {
        var differences = TableDifferences()
        for index in 0..<30 { differences.add("stock", "\(index)") }
        differences.add("orders", "one")
        differences.count("orders", 7)
        #expect(differences.count == 38)
        #expect(differences.kept.count == AuditLimits.differencesKeptMax + 1)
        #expect(differences.kept.last?.explanation == "orders: one")
        #expect(!differences.isKeeping("stock"))
        #expect(differences.isKeeping("orders"))
        #expect(differences.kept.allSatisfy { $0.rule == .postgres })
    }
}
