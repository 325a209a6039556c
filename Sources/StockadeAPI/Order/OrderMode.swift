// SPDX-License-Identifier: Apache-2.0

/// Where an order's units come from; the raw value is the number in the `.proto`.
public enum OrderMode: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    /// Not said; refused.
    case unspecified = 0
    /// From what is available.
    case direct = 1
    /// From reservations: all that they hold.
    case fromReservation = 2
}
