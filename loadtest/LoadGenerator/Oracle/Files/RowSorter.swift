// SPDX-License-Identifier: Apache-2.0

/// Rows that have an order. Every bit pattern must be a valid row.
protocol SortableRow: BitwiseCopyable {
    static func precedes(_ left: Self, _ right: Self) -> Bool
}

/// Sorts any number of rows in bounded memory: pieces are sorted as they come and spilled to files,
/// and the files merged.
struct RowSorter<Row: SortableRow> {
    /// Files that are merged at once, at most.
    static var fanInMax: Int { 16 }

    /// A sorted file.
    private struct Run {
        var file: OpenFile
        var count: Int
        /// How often its rows were merged.
        var level: Int
    }

    private let folder: String
    private let name: String
    private let memoryBytes: Int
    private let fanIn: Int
    private let pieceRows: Int
    private var piece: [Row] = []
    private var runs: [Run] = []
    private var files = 0
    /// Rows that were added.
    private(set) var count = 0

    /// `folder` is there; files in it begin with `name`.
    init(folder: String, name: String, memoryBytes: Int, fanIn: Int = fanInMax) {
        self.folder = folder
        self.name = name
        self.memoryBytes = memoryBytes
        self.fanIn = max(2, fanIn)
        // Sorting takes half of a piece's room once more.
        pieceRows = max(2, memoryBytes * 2 / 3 / MemoryLayout<Row>.stride)
    }

    /// Adds a row.
    mutating func add(_ row: Row) throws(OracleFault) {
        if piece.count == pieceRows { try spill() }
        // It grows by doubling: what is small stays small, and the last doubling isn't overshot.
        if piece.count == piece.capacity, piece.capacity > pieceRows / 2 {
            piece.reserveCapacity(pieceRows)
        }
        piece.append(row)
        count += 1
    }

    /// All rows in their order. Nothing may be added afterwards.
    mutating func finish() throws(OracleFault) -> SortedRows<Row> {
        guard !runs.isEmpty else {
            piece.sort(by: Row.precedes)
            defer { piece = [] }
            return SortedRows(sorted: piece)
        }
        if !piece.isEmpty { try spill() }
        piece = []
        while runs.count > fanIn {
            // The smallest first, and no more than needed.
            runs.sort { $0.count > $1.count }
            try mergeLast(min(fanIn, runs.count - fanIn + 1))
        }
        defer { runs = [] }
        return try merged(runs[...])
    }

    private mutating func spill() throws(OracleFault) {
        piece.sort(by: Row.precedes)
        let file = try scratch()
        try write(piece, to: file)
        runs.append(Run(file: file, count: piece.count, level: 0))
        piece.removeAll(keepingCapacity: true)
        while let last = runs.last, runs.suffix(fanIn).count == fanIn,
            runs.suffix(fanIn).allSatisfy({ $0.level == last.level })
        {
            // The piece's room is the merger's now.
            piece = []
            try mergeLast(fanIn)
        }
    }

    private mutating func mergeLast(_ number: Int) throws(OracleFault) {
        let some = runs.suffix(number)
        let level = (some.map(\.level).max() ?? 0) + 1
        var rows = try merged(some)
        let file = try scratch()
        var count = 0
        let blockRows = max(1, blockBytes / MemoryLayout<Row>.stride)
        var block: [Row] = []
        block.reserveCapacity(blockRows)
        while let row = try rows.next() {
            block.append(row)
            if block.count == blockRows {
                try write(block, to: file)
                count += block.count
                block.removeAll(keepingCapacity: true)
            }
        }
        try write(block, to: file)
        count += block.count
        runs.removeLast(number)
        runs.append(Run(file: file, count: count, level: level))
    }

    private var blockBytes: Int { memoryBytes / (fanIn + 1) }

    private func merged(_ some: ArraySlice<Run>) throws(OracleFault) -> SortedRows<Row> {
        try SortedRows(
            merging: some.map {
                RowStream($0.file, at: 0, count: $0.count, blockBytes: blockBytes)
            })
    }

    private mutating func scratch() throws(OracleFault) -> OpenFile {
        files += 1
        return try OpenFile.scratch("\(folder)/\(name)-\(files).rows")
    }

    private func write(_ rows: [Row], to file: OpenFile) throws(OracleFault) {
        var fault: OracleFault?
        // SAFETY: the bytes are lent for the closure only.
        unsafe rows.withUnsafeBytes { bytes in
            do {
                try unsafe file.append(bytes)
            } catch let failure as OracleFault { fault = failure } catch {}
        }
        if let fault { throw fault }
    }
}
