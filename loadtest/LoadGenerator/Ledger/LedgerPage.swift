// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import Wire

/// One thread's page of the ledger: a row is a store into memory that is there already.
struct LedgerPage<Format: LedgerFormatting>: ~Copyable {
    private let writer: LedgerWriter<Format>
    private var rows: [Format.Row]
    /// When the page got its first row; `.max`: it has none.
    private var since = UInt64.max

    init(_ writer: LedgerWriter<Format>) {
        self.writer = writer
        rows = writer.takePage()
    }

    /// Adds a row.
    mutating func append(_ row: Format.Row, at now: UInt64) {
        if rows.isEmpty { since = now }
        rows.append(row)
        if rows.count == LedgerPaging.rowsPerPage { handOver() }
    }

    /// Hands a page over that has waited long enough; when to look again.
    mutating func handOverIfOld(at now: UInt64) -> UInt64 {
        guard since != .max else { return .max }
        let due = since + LedgerPaging.pageNanoseconds
        if now < due { return due }
        handOver()
        return .max
    }

    /// Hands over what there is.
    mutating func handOver() {
        guard !rows.isEmpty else { return }
        var page = writer.takePage()
        swap(&rows, &page)
        writer.hand(over: page)
        since = .max
    }
}
