// SPDX-License-Identifier: Apache-2.0

/// What changed an account; the raw value is the number in the `.proto`.
public enum MovementKind: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    /// Not said; never answered.
    case unspecified = 0
    /// SetStock.
    case set = 1
    /// AdjustStock.
    case adjust = 2
    /// Reserve.
    case reserve = 3
    /// Confirm, or CreateOrder from reservations.
    case confirm = 4
    /// Release.
    case release = 5
    /// A reservation's deadline.
    case expire = 6
    /// CreateOrder without a reservation.
    case order = 7
    /// CancelOrder.
    case cancel = 8
    /// TransferStock.
    case transfer = 9
    /// SetStockPolicy.
    case policy = 10
}
