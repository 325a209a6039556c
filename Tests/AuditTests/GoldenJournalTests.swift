// SPDX-License-Identifier: Apache-2.0

import Effects
import Foundation
import Testing

@testable import Audit

/// Journals of earlier versions and of another hand: read as they always were.
@Suite struct GoldenJournalTests {
    /// A line of JSON as what it means, whatever the order of its fields.
    private static func object(_ line: String) throws -> NSDictionary {
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
        return try #require(object as? NSDictionary)
    }

    @Test(arguments: ["all-types", "server", "server-orders"])
    func theDumpIsWhatItWas(name: String) throws {
        let (_, violations, dump) = try GoldenJournal.audit(try GoldenJournal.segments(name))
        #expect(violations.map(\.explanation) == [])
        let expected = try GoldenJournal.lines("\(name).jsonl")
        #expect(dump.count == expected.count)
        for (line, told) in zip(dump, expected) {
            // Fields may be added, and none may go or mean something else.
            let dumped = try GoldenJournalTests.object(line)
            for (field, value) in try GoldenJournalTests.object(told) {
                let found = dumped[field] as? NSObject
                #expect(
                    found == value as? NSObject || isCovered(value, by: found),
                    "\(field): \(told)")
            }
        }
    }

    /// Whether each expected line of a list is within what was found.
    private func isCovered(_ expected: Any, by found: Any?) -> Bool {
        guard let expected = expected as? [NSDictionary], let found = found as? [NSDictionary],
            expected.count == found.count
        else { return false }
        return zip(expected, found).allSatisfy { expected, found in
            expected.allSatisfy { field, value in
                (value as? NSObject) == (found[field] as? NSObject)
            }
        }
    }

    @Test func theSummaryCounts() throws {
        let (summary, _, _) = try GoldenJournal.audit(try GoldenJournal.segments("all-types"))
        #expect(summary.segments == 2 && summary.segmentsBegun == 2)
        #expect(summary.epoch == 2 && summary.blocks == 18)
        #expect(summary.lastSequence == 32)
        #expect(summary.records.values.reduce(0, +) == 32)
        #expect(summary.records[.reserve] == 11 && summary.records[.expire] == 1)
        #expect(summary.orders == 2)
        #expect(summary.liveHolds == 7 && summary.endedHolds == 4)
        #expect(summary.tornByteCount == 0)
        #expect(summary.violations == 0)
        #expect(summary.lines.last == "violations 0")
    }

    /// A type that no golden journal has could change its form and nobody would notice.
    @Test func everyTypeOfRecordIsInOneThatAServerWrote() throws {
        let (summary, _, _) = try GoldenJournal.audit(
            try GoldenJournal.segments("server-orders"))
        #expect(
            summary.records == [
                .define: 10, .setStock: 4, .adjustStock: 3, .reserve: 9, .confirm: 1,
                .release: 1, .expire: 1, .order: 3, .orderFromHolds: 3, .cancel: 5, .extend: 3,
                .setPolicy: 3, .transfer: 2,
            ])
        #expect(Set(summary.records.keys) == Set(RecordType.allCases))
        #expect(summary.epoch == 2 && summary.blocks == 48 && summary.lastSequence == 48)
        #expect(summary.orders == 7 && summary.liveHolds == 2 && summary.endedHolds == 7)
    }

    @Test func whatEndedLongAgoIsLeftOutUnlessAskedFor() throws {
        var segments = try GoldenJournal.segments("all-types")
        // The last block is a seal; a day and an hour later there is another one.
        let script = try #require(segments[1])
        segments[1] = SealedBlock.appendingSeal(to: script, laterBy: 90_000_000)
        let some = try GoldenJournal.audit(segments)
        let all = try GoldenJournal.audit(segments, keepsForgotten: true)
        func states(_ dump: [String]) throws -> [String] {
            try dump.map(GoldenJournalTests.object).filter { $0["kind"] as? String == "hold" }
                .compactMap { $0["state"] as? String }
        }
        #expect(Set(try states(some.dump)) == ["HELD"])
        #expect(some.summary.endedHolds == 0 && some.summary.outcomes == 0)
        #expect(Set(try states(all.dump)) == ["HELD", "CONFIRMED", "RELEASED", "EXPIRED"])
        #expect(all.dump.contains { $0.contains("\"forgotten\":true") })
        // Orders stay.
        #expect(some.dump.filter { $0.contains("\"kind\":\"order\"") }.count == 2)
    }
}
