// SPDX-License-Identifier: Apache-2.0

/// Whether the brand takes an order; the raw value is the number in the `.proto`.
public enum OrderReviewState: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    /// Not said; never answered.
    case unspecified = 0
    /// Received, not yet looked at.
    case submitted = 1
    /// Taken.
    case accepted = 2
    /// Waits for a person.
    case pendingReview = 3
    /// Waits for the dealer's credit.
    case creditHold = 4
    /// Not taken.
    case rejected = 5
    /// Nobody decided in time.
    case expired = 6
    /// Cancelled in whole after it was taken.
    case cancelled = 7
    /// Delivered and settled.
    case completed = 8
}
