// SPDX-License-Identifier: Apache-2.0

/// Reads the ledger of a run, row by row in bounded memory.
public struct CallLedgerReader {
    /// Bytes read at once.
    private static let blockBytes = 1 << 20

    /// Which run it is of.
    public let head: CallLedgerHead
    /// Rows in it.
    public let rowCount: Int
    /// Whether the run was followed to its end: false when it was given up with calls in flight.
    public let isComplete: Bool
    private let path: String
    private var rows: RowStream<CallRow>
    private var number = 0

    /// Opens a ledger.
    ///
    /// - Throws: `OracleFault` when it isn't a ledger, of another version, or cut off.
    public init(_ path: String) throws(OracleFault) {
        self.path = path
        let file = try OpenFile.reading(path)
        let length = try file.length()
        let first = try CallLedgerReader.bytes(file, at: 0, CallLedgerFormat.headByteCount)
        guard first.count >= CallLedgerFormat.headByteCount,
            CallLedgerReader.begins(first, with: CallLedgerFormat.headMagic)
        else { throw OracleFault("\(path): not the ledger of a run") }
        let version = CallLedgerReader.number(first, at: 8, bytes: 4)
        guard version == UInt64(CallLedgerFormat.version) else {
            throw OracleFault(
                "\(path): a ledger of format \(version), not \(CallLedgerFormat.version)")
        }
        let rowSize = CallLedgerReader.number(first, at: 12, bytes: 4)
        guard rowSize == UInt64(CallLedgerFormat.rowBytesMax) else {
            throw OracleFault(
                "\(path): its rows have \(rowSize) bytes, not \(CallLedgerFormat.rowBytesMax)")
        }
        let brandLength = Int(CallLedgerReader.number(first, at: 40, bytes: 2))
        guard brandLength <= CallLedgerHead.brandBytesMax else {
            throw OracleFault("\(path): its brand has \(brandLength) bytes")
        }
        head = CallLedgerHead(
            identity: RunIdentity(
                runID: CallLedgerReader.number(first, at: 16, bytes: 8),
                seed: CallLedgerReader.number(first, at: 24, bytes: 8)),
            startedUnixMicroseconds: Int64(
                bitPattern: CallLedgerReader.number(first, at: 32, bytes: 8)),
            brand: String(decoding: first[42..<42 + brandLength], as: UTF8.self))

        let frame = CallLedgerFormat.headByteCount + CallLedgerFormat.endByteCount
        let last = try CallLedgerReader.bytes(
            file, at: max(0, length - CallLedgerFormat.endByteCount),
            CallLedgerFormat.endByteCount)
        guard length >= frame, (length - frame) % CallLedgerFormat.rowBytesMax == 0,
            CallLedgerReader.begins(last, with: CallLedgerFormat.endMagic)
        else { throw OracleFault("\(path): cut off: its end is missing") }
        rowCount = (length - frame) / CallLedgerFormat.rowBytesMax
        let counted = CallLedgerReader.number(last, at: 8, bytes: 8)
        guard counted == UInt64(rowCount) else {
            throw OracleFault("\(path): its end counts \(counted) rows, there are \(rowCount)")
        }
        isComplete = last[40] == 1
        rows = RowStream(
            file, at: CallLedgerFormat.headByteCount, count: rowCount,
            blockBytes: CallLedgerReader.blockBytes)
    }

    /// The next row; nil after the last.
    ///
    /// - Throws: `OracleFault` for a row that no run writes.
    public mutating func next() throws(OracleFault) -> CallRow? {
        guard let row = try rows.next() else { return nil }
        number += 1
        guard CallKind(rawValue: row.kind) != nil, CallRow.Outcome(rawValue: row.outcome) != nil,
            row.line >= 1, row.line <= row.lines
        else { throw OracleFault("\(path): row \(number) is damaged") }
        return row
    }

    // MARK: - Bytes

    private static func bytes(
        _ file: OpenFile, at offset: Int, _ count: Int
    ) throws(OracleFault) -> [UInt8] {
        var stream = RowStream<UInt8>(
            file, at: offset, count: min(count, max(0, try file.length() - offset)),
            blockBytes: count)
        var bytes: [UInt8] = []
        while let byte = try stream.next() { bytes.append(byte) }
        return bytes
    }

    private static func begins(_ bytes: [UInt8], with magic: StaticString) -> Bool {
        bytes.starts(with: magic.description.utf8)
    }

    /// A little-endian number.
    private static func number(_ bytes: [UInt8], at offset: Int, bytes count: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in (0..<count).reversed() { value = value << 8 | UInt64(bytes[offset + index]) }
        return value
    }
}
