// SPDX-License-Identifier: Apache-2.0

import Foundation
import StockadeAPI
import Testing

@testable import LoadGenerator

/// What is written is what is read, and what isn't whole is refused.
@Suite struct CallLedgerTests {
    private func write(_ count: Int, to folder: TestFolder) throws -> String {
        var books = SaleBooks()
        for journey in 0..<count { books.call(.reserve, journey, [(0, 1, 1)], state: .held) }
        return try books.write(to: folder.path).ledgerPath
    }

    private func damaged(_ edit: (inout Data) -> Void) throws -> String {
        let folder = try TestFolder()
        let path = try write(3, to: folder)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        edit(&bytes)
        try bytes.write(to: URL(fileURLWithPath: path))
        do {
            var reader = try CallLedgerReader(path)
            while try reader.next() != nil {}
            return "fine"
        } catch { return error.explanation.replacingOccurrences(of: path, with: "L") }
    }

    @Test func aRowHasNoPadding() {
        #expect(MemoryLayout<CallRow>.size == MemoryLayout<CallRow>.stride)
        #expect(MemoryLayout<CallRow>.size == 96)
    }

    /// More rows than a page, and than a block of the reader's.
    @Test func rowsComeBack() throws {
        let folder = try TestFolder()
        let path = try write(20_000, to: folder)
        var reader = try CallLedgerReader(path)
        #expect(reader.head.runID == 0xab)
        #expect(reader.head.seed == 7)
        #expect(reader.head.brand == "run-ab")
        #expect(reader.rowCount == 20_000)
        #expect(reader.isComplete)
        var count = 0
        while let row = try reader.next() {
            guard row.journey == UInt64(count) else { break }
            count += 1
        }
        #expect(count == 20_000)
    }

    @Test func damageIsSaid() throws {
        #expect(try damaged { _ in } == "fine")
        #expect(try damaged { $0.removeLast() } == "L: cut off: its end is missing")
        #expect(try damaged { $0.removeLast(64) } == "L: cut off: its end is missing")
        #expect(try damaged { $0.removeLast(64 + 96) } == "L: cut off: its end is missing")
        #expect(try damaged { $0 = $0.prefix(130) } == "L: cut off: its end is missing")
        #expect(try damaged { $0 = $0.prefix(100) } == "L: not the ledger of a run")
        #expect(try damaged { $0 = Data() } == "L: not the ledger of a run")
        #expect(try damaged { $0[0] = 0 } == "L: not the ledger of a run")
        #expect(try damaged { $0[8] = 2 } == "L: a ledger of format 2, not 1")
        #expect(try damaged { $0[12] = 97 } == "L: its rows have 97 bytes, not 96")
        #expect(try damaged { $0[40] = 65 } == "L: its brand has 65 bytes")
        #expect(
            try damaged { $0.removeSubrange(128..<224) } == "L: its end counts 3 rows, there are 2")
        #expect(try damaged { $0[128 + 96 + 88] = 9 } == "L: row 2 is damaged")
    }

    @Test func aFullDiskIsSaid() throws {
        let ledger = try CallLedger(
            "/dev/full",
            CallLedgerHead(
                identity: RunIdentity(runID: 1, seed: 1), startedUnixMicroseconds: 0, brand: "b"),
            threads: 1)
        #expect(ledger.fault == "the ledger isn't whole: No space left on device")
        #expect(ledger.end(isComplete: true) == ledger.fault)
    }
}
