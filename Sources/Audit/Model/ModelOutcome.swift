// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// A request that took effect.
struct ModelOutcome {
    /// What it did, and to what.
    enum Effect {
        case setStock(account: UInt32)
        case adjustStock(account: UInt32)
        case setStockPolicy(account: UInt32)
        case transferStock(from: UInt32, to: UInt32)
        case extendReservation(ClientID)
        case cancelOrder(ClientID)
    }

    var effect: Effect
    var sequence: UInt64
    /// Of its record.
    var tick: UInt64
}
