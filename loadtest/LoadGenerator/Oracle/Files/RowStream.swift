// SPDX-License-Identifier: Apache-2.0

/// Rows of a file, as they lie in memory, from front to back through one block.
struct RowStream<Row: BitwiseCopyable> {
    private let file: OpenFile
    /// Where the next block begins.
    private var offset: Int
    /// Rows that aren't read yet.
    private var left: Int
    private let blockRows: Int
    private var rows: [Row] = []
    private var place = 0

    /// `count` rows from `offset` on. Row must be a type of which every bit pattern is valid.
    init(_ file: OpenFile, at offset: Int, count: Int, blockBytes: Int) {
        self.file = file
        self.offset = offset
        left = count
        blockRows = max(1, min(count, blockBytes / MemoryLayout<Row>.stride))
    }

    /// The next row; nil after the last.
    mutating func next() throws(OracleFault) -> Row? {
        if place == rows.count {
            guard left > 0 else { return nil }
            try fill()
        }
        defer { place += 1 }
        return rows[place]
    }

    private mutating func fill() throws(OracleFault) {
        let count = min(left, blockRows)
        let wanted = count * MemoryLayout<Row>.stride
        var fault: OracleFault?
        let file = file
        let offset = offset
        // SAFETY: the block is filled whole or not at all, and every bit pattern is a row.
        unsafe rows = Array(unsafeUninitializedCapacity: count) { room, initialized in
            do {
                let read = try unsafe file.read(
                    UnsafeMutableRawBufferPointer(
                        rebasing: UnsafeMutableRawBufferPointer(room)[..<wanted]),
                    at: offset)
                if read == wanted {
                    initialized = count
                } else {
                    fault = OracleFault("\(file.path): shorter than it was")
                }
            } catch let failure as OracleFault { fault = failure } catch {}
        }
        if let fault { throw fault }
        self.offset += wanted
        left -= count
        place = 0
    }
}
