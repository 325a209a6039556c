// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// The ledger of a run: a head of 128 bytes, rows as they lie in memory, an end of 64 bytes; all
/// numbers little-endian.
///
/// Head: magic, format version (4), row size (4), run id (8), seed (8), start in Unix µs (8), length
/// of the brand (2), the brand (64), zeros. End: magic, rows (8), acknowledged (8), refused (8),
/// unknown (8), whether the run was followed to its end (1), zeros.
struct CallLedgerFormat: LedgerFormatting {
    /// Of the format; a reader refuses others.
    static let version: UInt32 = 1
    static let headMagic: StaticString = "STAMPLED"
    static let endMagic: StaticString = "STAMPEND"
    static let magicByteCount = 8
    static let headByteCount = 128
    static let endByteCount = 64
    static let rowBytesMax = MemoryLayout<CallRow>.stride

    let head: CallLedgerHead

    func appendHead(to file: inout ByteWriter) {
        let start = file.count
        file.append(CallLedgerFormat.headMagic)
        file.append(littleEndian: CallLedgerFormat.version)
        file.append(littleEndian: UInt32(CallLedgerFormat.rowBytesMax))
        file.append(littleEndian: head.runID)
        file.append(littleEndian: head.seed)
        file.append(littleEndian: head.startedUnixMicroseconds)
        let brand = head.brand.utf8.prefix(CallLedgerHead.brandBytesMax)
        file.append(littleEndian: UInt16(brand.count))
        for byte in brand { file.append(byte) }
        pad(&file, to: start + CallLedgerFormat.headByteCount)
    }

    func append(_ row: CallRow, to file: inout ByteWriter) {
        // SAFETY: the span lives no longer than the closure's bytes; a row has no padding.
        unsafe withUnsafeBytes(of: row) { bytes in
            file.append(unsafe Span(_unsafeElements: bytes.assumingMemoryBound(to: UInt8.self)))
        }
    }

    func appendEnd(_ counts: LedgerCounts, isComplete: Bool, to file: inout ByteWriter) {
        let start = file.count
        file.append(CallLedgerFormat.endMagic)
        for count in [counts.rows, counts.granted, counts.refused, counts.unknown] {
            file.append(littleEndian: UInt64(count))
        }
        file.append(isComplete ? 1 : 0)
        pad(&file, to: start + CallLedgerFormat.endByteCount)
    }

    func count(_ row: CallRow, in counts: inout LedgerCounts) {
        switch CallRow.Outcome(rawValue: row.outcome) {
        case .acknowledged: counts.granted += 1
        case .refused: counts.refused += 1
        case .unknown, nil: counts.unknown += 1
        }
    }

    private func pad(_ file: inout ByteWriter, to length: Int) {
        while file.count < length, !file.overflowed { file.append(0) }
    }
}

/// Writes the ledger of a run.
typealias CallLedger = LedgerWriter<CallLedgerFormat>

/// One thread's page of the ledger of a run.
typealias CallLedgerPage = LedgerPage<CallLedgerFormat>

extension LedgerWriter where Format == CallLedgerFormat {
    /// Makes the file, or empties it, and writes the head.
    convenience init(_ path: String, _ head: CallLedgerHead, threads: Int) throws(LedgerFault) {
        try self.init(path, CallLedgerFormat(head: head), threads: threads)
    }
}
