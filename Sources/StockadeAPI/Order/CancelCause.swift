// SPDX-License-Identifier: Apache-2.0

/// Why an order is cancelled; the raw value is the number in the `.proto`.
public enum CancelCause: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    /// Not said.
    case unspecified = 0
    /// The dealer asked for it.
    case dealer = 1
    /// The brand decided it.
    case brand = 2
    /// The goods aren't there, or not fit to be sold.
    case stock = 3
    /// It wasn't paid.
    case payment = 4
    /// It was entered by mistake, or twice.
    case mistake = 5
    /// It looked like fraud.
    case fraud = 6
    /// Something else.
    case other = 7
}
