// SPDX-License-Identifier: Apache-2.0

/// Rows in their order: of an array, or of sorted files that are merged while they are read.
struct SortedRows<Row: SortableRow> {
    private var sorted: [Row] = []
    private var place = 0
    private var streams: [RowStream<Row>] = []
    /// The next row of each stream; a stream that has ended keeps its last.
    private var heads: [Row] = []
    /// Streams that have a row, a binary heap by it.
    private var heap: [Int] = []

    /// Rows that are sorted already.
    init(sorted: [Row]) {
        self.sorted = sorted
    }

    /// Streams each of which is sorted.
    init(merging streams: [RowStream<Row>]) throws(OracleFault) {
        self.streams = streams
        for index in self.streams.indices {
            guard let row = try self.streams[index].next() else {
                throw OracleFault("a sorted file is empty")
            }
            heads.append(row)
            heap.append(index)
        }
        for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(index) }
    }

    /// The next row; nil after the last.
    mutating func next() throws(OracleFault) -> Row? {
        if place < sorted.count {
            defer { place += 1 }
            return sorted[place]
        }
        guard let first = heap.first else { return nil }
        let row = heads[first]
        if let next = try streams[first].next() {
            heads[first] = next
        } else {
            let last = heap.removeLast()
            if heap.isEmpty { return row }
            heap[0] = last
        }
        sink(0)
        return row
    }

    private mutating func sink(_ start: Int) {
        var parent = start
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if Row.precedes(heads[heap[child]], heads[heap[least]]) { least = child }
            }
            if least == parent { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
