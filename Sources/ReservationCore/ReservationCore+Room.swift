// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Room in the tables for what is placed.
extension ReservationCore {
    /// Counts a hold, its order and their legs in, or an order alone, or says what is full. The
    /// caller holds the stripe.
    func promiseRoom(in stripe: Int, as kind: IdentityKind, legs: Int) -> Refusal? {
        var refusal = Refusal(.idTableFull)
        refusal.limit = .ids
        let (entries, holdCount) = countPlaced(as: kind)
        let live = liveHolds.add(holdCount, ordering: .relaxed).newValue
        let known = ids.add(entries, ordering: .relaxed).newValue
        if live > configuration.holdsMax, holdCount > 0 {
            refusal = Refusal(.tooManyHolds)
            refusal.limit = .holds
        } else if known <= configuration.idsMax, holds.hasEntry(in: stripe) {
            // A hold's own legs and those of its order; a single one lies in the row.
            if legs <= 1 || holds.legs.promise(entries * legs) { return nil }
            refusal = Refusal(.tableFull)
            refusal.limit = .legs
        }
        liveHolds.subtract(holdCount, ordering: .relaxed)
        ids.subtract(entries, ordering: .relaxed)
        return refusal
    }

    /// Counts out what `promiseRoom` counted in.
    func withdrawRoom(as kind: IdentityKind, legs: Int) {
        let (entries, holdCount) = countPlaced(as: kind)
        if legs > 1 { holds.legs.withdraw(entries * legs) }
        liveHolds.subtract(holdCount, ordering: .relaxed)
        ids.subtract(entries, ordering: .relaxed)
    }

    /// Ids and live holds that a hold, with its order to be, or an order alone counts as.
    private func countPlaced(as kind: IdentityKind) -> (entries: Int, holds: Int) {
        kind == .order ? (1, 0) : (2, 1)
    }
}
