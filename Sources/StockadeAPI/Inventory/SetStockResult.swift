// SPDX-License-Identifier: Apache-2.0

/// What became of a count; the raw value is the number in the `.proto`.
public enum SetStockResult: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    /// Not said; never answered.
    case unspecified = 0
    /// on_hand is what the count said.
    case applied = 1
    /// The count was old; nothing changed.
    case stale = 2
}
