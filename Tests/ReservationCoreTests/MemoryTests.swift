// SPDX-License-Identifier: Apache-2.0

import Effects
import Foundation
import Primitives
import Testing

@testable import ReservationCore

/// What things take: an operator plans by these figures.
@Suite(.serialized) struct MemoryTests {
    @Test func rowsAreAsSmallAsPromised() {
        #expect(MemoryLayout<EntryRow>.stride == 96)
        // 54 of them are used: an outcome lies in a row of the same table as holds and orders, so that
        // a live hold doesn't pay for the room of outcomes that it may never have (decision 0023).
        #expect(MemoryLayout<OutcomeRow>.stride == MemoryLayout<EntryRow>.stride)
        #expect(MemoryLayout<AccountRow>.stride == 64, "a cache line")
        #expect(MemoryLayout<Leg>.stride == 16)
    }

    @Test func anAccountTakesAtMost130Bytes() {
        let count = 1_000_000
        let rows = MemoryLayout<AccountRow>.stride + MemoryLayout<AccountMaster>.stride
        let sources = MemoryLayout<AccountSource>.stride
        let index = PublishedIndex(rowsMax: count).byteCount
        #expect((rows + sources) * count + index <= 130 * count)
        #expect(AccountTable.byteCount(capacity: count) <= 130 * count)
    }

    @Test func aLiveHoldTakesAtMost128BytesAndAnEndedOne96() {
        // The row, and at the highest load its share of the index: an ended hold is the same row.
        let rows = 100_000
        let slots = IdentityIndex.slotsPerPart(rows: rows) * MemoryLayout<UInt64>.stride
        #expect(MemoryLayout<EntryRow>.stride * rows + slots <= 128 * rows)
        #expect(MemoryLayout<EntryRow>.stride <= 96)
    }

    /// What is printed at the start is what the process takes.
    @Test func theFigureThatIsPrintedIsTrue() throws {
        var configuration = CoreConfiguration(hashKey: (1, 2))
        configuration.accountsMax = 300_000
        configuration.codesMax = 300_000
        configuration.holdsMax = 200_000
        configuration.idsMax = 600_000
        configuration.refusalRingBytes = 16 << 20
        let told = ReservationCore<Ledger>.byteCount(configuration)
        // Memory that other tests gave back to malloc is used again without being taken anew, and
        // they run meanwhile: so what is measured stays, and one of a few measurements must agree.
        var cores: [ReservationCore<Ledger>] = []
        var measured: [Int] = []
        while measured.count < 4 {
            let before = try residentBytes()
            let core = ReservationCore(configuration, sink: Ledger())
            let taken = try residentBytes() - before
            #expect(core.idCount == 0)
            cores.append(core)
            measured.append(taken)
            let ratio = Double(taken) / Double(told)
            if ratio > 0.8, ratio < 1.25 { return }
        }
        Issue.record("told \(told) bytes, taken \(measured)")
    }

    private func residentBytes() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return try #require(pages) * 4_096
    }

    @Test func aFullPartIsRareByDesign() {
        for total in [1, 100, 10_000, 2_500_000] {
            var configuration = CoreConfiguration(hashKey: (0, 0))
            configuration.idsMax = total
            let share = Double(total) / Double(configuration.holdStripes)
            let spare = Double(configuration.partCapacity(of: total)) - share
            #expect(spare > 7 * share.squareRoot(), "seven standard deviations at \(total)")
        }
    }
}
