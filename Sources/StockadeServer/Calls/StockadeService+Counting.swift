// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import ReservationCore

/// Telling the meter from which stock new reservations and orders took.
///
/// Mutating, though they change nothing of the service, as are others of its methods: for one that
/// isn't, the compiler (6.3.1) first copies the whole service, 1.5 KB a call.
extension StockadeService {
    /// Counts the new hold in the context for the account that its first units came from.
    mutating func countGrant() {
        for index in 0..<context.legs.count where context.legs[index].granted > 0 {
            return tally.granted(context.legs[index].account)
        }
    }

    /// The same for the new order in the context, which was made without a reservation.
    mutating func countOrdered() {
        for index in 0..<context.orderLegs.count where context.orderLegs[index].quantity > 0 {
            return tally.granted(context.orderLegs[index].account)
        }
    }
}
