// SPDX-License-Identifier: Apache-2.0

/// Where a reservation stands; the raw value is the number in the `.proto`.
public enum ReservationState: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    /// Not said; never answered.
    case unspecified = 0
    /// The stock is set aside and the deadline hasn't passed.
    case held = 1
    /// The stock is allocated to an order.
    case confirmed = 2
    /// The client gave the stock back.
    case released = 3
    /// The deadline passed and the stock went back.
    case expired = 4
}
