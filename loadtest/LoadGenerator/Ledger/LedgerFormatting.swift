// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// How a ledger's file looks: a head, rows and an end by which a reader knows that it is whole.
protocol LedgerFormatting: Sendable {
    /// What became of a call, or of a line of it.
    associatedtype Row: BitwiseCopyable & Sendable

    /// Bytes of a row at most.
    static var rowBytesMax: Int { get }

    /// Writes what comes before the rows; at most 4,096 bytes.
    func appendHead(to file: inout ByteWriter)
    /// Writes a row.
    func append(_ row: Row, to file: inout ByteWriter)
    /// Writes what comes after the rows; at most 512 bytes.
    func appendEnd(_ counts: LedgerCounts, isComplete: Bool, to file: inout ByteWriter)
    /// Counts a row by its outcome.
    func count(_ row: Row, in counts: inout LedgerCounts)
}

/// Rows by outcome.
struct LedgerCounts: Equatable {
    var granted = 0
    var refused = 0
    var unknown = 0

    var rows: Int { granted + refused + unknown }

    mutating func add(_ other: LedgerCounts) {
        granted += other.granted
        refused += other.refused
        unknown += other.unknown
    }
}

/// How rows travel from the load's threads to the file.
enum LedgerPaging {
    /// Rows of a page: under 100 KiB.
    static let rowsPerPage = 1_024
    /// Pages that circulate, beside one for each thread: 6 MiB, enough for the pauses of a disk.
    static let sparePages = 64
    /// A page that isn't full is handed over after so many nanoseconds, for who watches the file.
    static let pageNanoseconds: UInt64 = 20_000_000
}

/// A ledger that can't be written, in words.
struct LedgerFault: Error, Equatable {
    var explanation: String
}
