// SPDX-License-Identifier: Apache-2.0

/// What rows may hold. What the journal promises is stated here once more: what lies on a disk may be
/// anything.
enum RowLimits {
    /// Legs of one record at most.
    static let legsMax = 500
    /// Reservations of one order at most.
    static let reservationsMax = 16
    /// Bytes of a code's text at most.
    static let codeByteCountMax = 64
    /// Units of a figure at most, up or down: differences of two fit into a bigint.
    static let unitsMax: UInt64 = 1 << 61
    /// Sequences and versions at most: they are bigints.
    static let numberMax = UInt64(Int64.max)
}
