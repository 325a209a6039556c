// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import ReservationCore

/// Telling the meter from which stock new reservations and orders took.
extension StockadeService {
    /// Counts the new hold in the context for the account that its first units came from.
    func countGrant() {
        for index in 0..<context.legs.count where context.legs[index].granted > 0 {
            return tally.granted(context.legs[index].account)
        }
    }

    /// The same for the new order in the context, which was made without a reservation.
    func countOrdered() {
        for index in 0..<context.orderLegs.count where context.orderLegs[index].quantity > 0 {
            return tally.granted(context.orderLegs[index].account)
        }
    }
}
