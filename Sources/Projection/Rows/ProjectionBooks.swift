// SPDX-License-Identifier: Apache-2.0

/// What must be known to turn records into rows: as the tables stand after `lastSequence`, plus what
/// the batches have that are being built or written.
///
/// Made from the tables at a start, then changed by `ProjectionBatch.add` only. A batch that isn't
/// written after all is taken back by `ProjectionBatch.undo`, the last one first; when it isn't known
/// whether it was written, the books are loaded anew.
public struct ProjectionBooks: Sendable {
    /// Codes.
    public var codes: CodeBook
    /// Stock accounts.
    public var accounts: AccountBook
    /// Reservations that are held.
    public var holds: LiveHolds
    /// Of the last record that they know.
    public internal(set) var lastSequence: UInt64
    /// Of the last batch that was begun.
    var batches: UInt32 = 0
    /// Counts checks, so that an account that is named twice is seen.
    var checks: UInt64 = 0

    /// Pairs books that were loaded with the sequence that the tables stand at.
    public init(
        after lastSequence: UInt64, codes: CodeBook, accounts: AccountBook, holds: LiveHolds
    ) {
        self.codes = codes
        self.accounts = accounts
        self.holds = holds
        self.lastSequence = lastSequence
    }
}
