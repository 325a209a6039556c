// SPDX-License-Identifier: Apache-2.0

/// Whether an order is paid; the raw value is the number in the `.proto`.
public enum OrderPaymentState: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    /// Not said; never answered.
    case unspecified = 0
    /// Goes on the dealer's account.
    case onAccount = 1
    /// Not paid.
    case unpaid = 2
    /// The money is set aside.
    case authorized = 3
    /// Paid.
    case paid = 4
    /// Some of the money went back.
    case partiallyRefunded = 5
    /// All of it went back.
    case refunded = 6
}
