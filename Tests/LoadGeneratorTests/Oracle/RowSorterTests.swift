// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import LoadGenerator

/// More rows than fit into its memory come back, all of them, in their order.
@Suite struct RowSorterTests {
    struct Row: SortableRow, Equatable {
        var key: UInt64
        var value: UInt64

        static func precedes(_ left: Row, _ right: Row) -> Bool { left.key < right.key }
    }

    // One more than a power of the fan-in, none, one, all in memory, a single file.
    @Test(arguments: [0, 1, 6, 7, 12, 13, 55, 500, 10_000])
    func anyNumberOfRows(_ count: Int) throws {
        let folder = try TestFolder()
        // Six rows a piece, and three files at once.
        var sorter = RowSorter<Row>(
            folder: folder.path, name: "test", memoryBytes: 6 * 16 * 3 / 2, fanIn: 3)
        for number in 0..<UInt64(count) {
            try sorter.add(Row(key: number &* 0x9e37_79b9_7f4a_7c15 % 1_000, value: number))
        }
        #expect(sorter.count == count)
        var rows = try sorter.finish()
        var seen = Set<UInt64>()
        var last: UInt64 = 0
        var isSorted = true
        while let row = try rows.next() {
            isSorted = isSorted && row.key >= last
            isSorted = isSorted && row.key == row.value &* 0x9e37_79b9_7f4a_7c15 % 1_000
            last = row.key
            seen.insert(row.value)
        }
        #expect(isSorted)
        #expect(seen.count == count)
        #expect(folder.names == [])
    }

    @Test func aFolderThatIsntThereIsSaid() throws {
        var sorter = RowSorter<Row>(folder: "/nowhere", name: "test", memoryBytes: 48)
        #expect(throws: OracleFault("can't write /nowhere/test-1.rows: No such file or directory"))
        {
            for number in 0..<9 as Range<UInt64> { try sorter.add(Row(key: number, value: 0)) }
        }
    }
}
