// SPDX-License-Identifier: Apache-2.0

/// How much one transaction takes.
public struct BatchLimits: Hashable, Sendable {
    /// Rows of all tables at most. A record that has more is a batch of its own.
    public var rowsMax: Int
    /// Bytes of the records at most.
    public var byteCountMax: Int

    /// Names each bound. 20,000 rows would do to make the round trips a small part; more are taken when
    /// there are more, since a reservation that ends in the batch it was granted in is one row and
    /// no update (decision 0016).
    public init(rowsMax: Int = 120_000, byteCountMax: Int = 16 << 20) {
        precondition(rowsMax > 0 && byteCountMax > 0)
        self.rowsMax = rowsMax
        self.byteCountMax = byteCountMax
    }
}
