// SPDX-License-Identifier: Apache-2.0

/// A rule that the model gets wrong on purpose: a simulation that can't tell isn't worth its time.
enum PlantedFault: CaseIterable {
    /// A hold is still good at its deadline.
    case deadlineIncluded
    /// Each line is held against the stock by itself.
    case linesNotSummed
    /// What a confirmation leaves over stays held.
    case restNotReturned
    /// A source's version may come twice.
    case staleApplied
    /// A Release of an unknown id leaves nothing behind.
    case tombstonesLost
    /// PARTIAL gives the last lines first.
    case partialFromTheEnd
    /// A refusal is decided anew at each retry.
    case refusalsNotRemembered
    /// What has ended is remembered for a tenth too long.
    case retentionTooLong
    /// Ids of one brand are ids of every brand.
    case brandsShareIDs
    /// An order id may be used twice.
    case ordersReused
    /// A hold doesn't take the room of its order.
    case orderRoomNotCounted
    /// A change doesn't grow the version.
    case versionStandsStill
    /// Credit is looked at before stock.
    case creditBeforeStock
    /// A line without a warehouse takes from the one with the least.
    case emptiestFirst
    /// An order takes another dealer's reservations.
    case dealersMixed
    /// Cancelling a part cancels everything.
    case partsCancelAll
    /// Extending may bring a deadline nearer.
    case extendShortens
    /// That lines need too many legs is said before what they are short of.
    case roomBeforeStock
    /// A transfer takes the safety stock along.
    case safetyMoves
}
