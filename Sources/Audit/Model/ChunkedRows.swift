// SPDX-License-Identifier: Apache-2.0

/// A list that grows by chunks and never moves what it has: growing an array of a gigabyte would
/// take two for a moment.
struct ChunkedRows<Row> {
    private static var chunkShift: Int { 16 }
    private static var rowsPerChunk: Int { 1 << chunkShift }

    private var chunks: [[Row]] = []
    /// Rows that were added.
    private(set) var count = 0

    /// Adds a row at the end and answers with its index.
    mutating func append(_ row: Row) -> Int {
        if count == chunks.count * ChunkedRows.rowsPerChunk {
            chunks.append([])
            chunks[chunks.count - 1].reserveCapacity(ChunkedRows.rowsPerChunk)
        }
        chunks[chunks.count - 1].append(row)
        count += 1
        return count - 1
    }

    subscript(_ index: Int) -> Row {
        get { chunks[index >> ChunkedRows.chunkShift][index & (ChunkedRows.rowsPerChunk - 1)] }
        _modify {
            yield &chunks[index >> ChunkedRows.chunkShift][index & (ChunkedRows.rowsPerChunk - 1)]
        }
    }
}
