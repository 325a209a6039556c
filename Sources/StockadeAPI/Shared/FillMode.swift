// SPDX-License-Identifier: Apache-2.0

/// What to do when there is less than was asked for; the raw value is the number in the `.proto`.
public enum FillMode: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    /// Means `allOrNothing`.
    case unspecified = 0
    /// Every line in full, or nothing.
    case allOrNothing = 1
    /// What is there, in line order.
    case partial = 2
    /// The rest waits for stock.
    case backorder = 3
}
