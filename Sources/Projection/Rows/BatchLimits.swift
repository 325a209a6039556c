// SPDX-License-Identifier: Apache-2.0

/// How much one transaction takes.
public struct BatchLimits: Hashable, Sendable {
    /// Rows of all tables at most. A record that has more is a batch of its own.
    public var rowsMax: Int
    /// Bytes of the records at most.
    public var byteCountMax: Int

    /// Names each bound. About 20,000 rows keep four round trips a small part of a transaction.
    public init(rowsMax: Int = 20_000, byteCountMax: Int = 4 << 20) {
        precondition(rowsMax > 0 && byteCountMax > 0)
        self.rowsMax = rowsMax
        self.byteCountMax = byteCountMax
    }
}
