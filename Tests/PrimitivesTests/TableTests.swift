// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

/// Fixed tables and what is built on them without a lock.
@Suite struct TableTests {
    @Test func everyRowBeginsAsTold() {
        let table = FixedTable<UInt64>(capacity: 100, repeating: 7)
        #expect(table.capacity == 100)
        #expect((0..<100).allSatisfy { table[$0] == 7 })
        table[42] = 1
        table[42] += 1
        #expect(table[42] == 2)
        #expect(table[41] == 7 && table[43] == 7)
        table.prefetch(99)
    }

    /// A row of 64 bytes never straddles two cache lines.
    @Test func rowsBeginOnACacheLine() {
        for _ in 0..<8 {
            let table = FixedTable<SIMD8<UInt64>>(capacity: 3, repeating: .zero)
            let address = unsafe withUnsafePointer(to: &table[0]) { Int(bitPattern: $0) }
            #expect(address % 64 == 0)
        }
    }

    @Test func theIndexFindsEachRowAndNoOther() {
        let index = PublishedIndex(rowsMax: 8)
        // Half of the hashes collide in every bit that a small index uses.
        let hashes = (0..<8).map { UInt64($0 % 2 == 0 ? 0 : $0) | UInt64($0) << 40 }
        for (row, hash) in hashes.enumerated() {
            #expect(index.find(hash) { $0 == row } == nil)
            index.insert(hash, row: row)
        }
        for (row, hash) in hashes.enumerated() {
            #expect(index.find(hash) { $0 == row } == row)
            index.prefetch(hash)
        }
        #expect(index.find(3) { hashes[$0] == 3 } == nil)
        #expect(index.byteCount >= 2 * 8 * 4, "at most half full, so that probes end")
    }

    /// Readers look while a writer adds: whoever finds a row sees all of it.
    @Test func aPublishedRowIsWhole() {
        let rows = FixedTable<SIMD4<UInt64>>(capacity: 4_000, repeating: .zero)
        let shared = Shared(index: PublishedIndex(rowsMax: 4_000), rows: rows)
        Threads.run(3) { thread in
            for row in 0..<4_000 {
                let hash = UInt64(row) &* 0x9e37_79b9_7f4a_7c15
                if thread == 0 {
                    shared.rows[row] = SIMD4(repeating: UInt64(row) + 1)
                    shared.index.insert(hash, row: row)
                } else {
                    let found = shared.index.find(hash) { candidate in
                        shared.rows[candidate] == SIMD4(repeating: UInt64(candidate) + 1)
                            && candidate == row
                    }
                    if let found, found != row { Issue.record("found another row") }
                }
            }
        }
        for row in 0..<4_000 {
            let hash = UInt64(row) &* 0x9e37_79b9_7f4a_7c15
            #expect(shared.index.find(hash) { $0 == row } == row)
        }
    }

    private final class Shared: Sendable {
        let index: PublishedIndex
        let rows: FixedTable<SIMD4<UInt64>>

        init(index: consuming PublishedIndex, rows: consuming FixedTable<SIMD4<UInt64>>) {
            self.index = index
            self.rows = rows
        }
    }

    @Test func textsAreComparedAndCopied() {
        let slab = TextSlab(capacity: 16)
        let texts = Array("anorak".utf8)
        slab.write(texts.span, at: 3)
        let range = ByteRange(start: 3, count: 6)
        #expect(slab.capacity == 16)
        #expect(slab.matches(texts.span, at: range) == true)
        #expect(slab.matches(texts.span, at: ByteRange(start: 4, count: 6)) == false)
        #expect(
            slab.matches(texts.span, at: ByteRange(start: 3, count: 5)) == false,
            "a prefix isn't it")
        #expect(slab.matches(texts.span.extracting(0..<0), at: .empty) == true)
        var writer = ByteWriter(capacity: 8)
        slab.copy(range, into: &writer)
        slab.copy(.empty, into: &writer)
        #expect(contents(writer) == texts)
    }
}
