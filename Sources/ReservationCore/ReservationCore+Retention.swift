// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives
internal import Synchronization

/// Forgetting what has ended, once its retention is over.
extension ReservationCore {
    func hasOutlivedRetention(_ row: EntryRow, at now: Tick) -> Bool {
        switch row.state {
        case .confirmed, .released, .expired, .cancelled:
            row.changedTick.advanced(byMilliseconds: configuration.retentionMilliseconds) <= now
        case .held, .order, .free, .forgotten: false
        }
    }

    func hasOutlivedRetention(_ row: OutcomeRow, at now: Tick) -> Bool {
        row.changedTick.advanced(byMilliseconds: configuration.retentionMilliseconds) <= now
    }

    /// Makes an ended hold or order invisible. Its row stays chained in the wheel, which frees it when it
    /// comes by: at once, unless the hold's deadline lay further ahead than the retention. Until then
    /// it counts as an id, so that the rows never run out before the count does.
    func forget(_ row: Int, _ identity: Identity) {
        holds.index.remove(identity, row: row)
        let entry = holds.entries[row]
        if entry.state == .cancelled { dropNotes(of: row, identity) }
        if entry.legCount > 1 { holds.legs.free(entry.leg.next, count: Int(entry.legCount)) }
        holds.entries[row].legCount = 0
        holds.entries[row].state = .forgotten
    }

    func forgetOutcome(_ row: Int, _ identity: Identity) {
        holds.index.remove(identity, row: row)
        holds.outcomes[row].isRemembered = false
    }

    /// The identity under which an entry was indexed.
    func identity(of entry: EntryRow) -> Identity {
        identity(
            entry.state == .order || entry.state == .cancelled ? .order : .reservation,
            brandHash: codes.hash(of: entry.brand), id: entry.id)
    }

    func identity(of outcome: OutcomeRow) -> Identity {
        identity(.request, brandHash: codes.hash(of: outcome.brand), id: outcome.id)
    }
}
