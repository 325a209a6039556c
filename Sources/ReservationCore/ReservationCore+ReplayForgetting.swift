// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives

/// What a replay forgets on its way, so that a long journal fits into the tables that it was
/// written from.
extension ReservationCore {
    /// Milliseconds by which the writer's other loops may have been ahead of a record's tick when
    /// they forgot: far more than any turn takes.
    private var tickSlack: UInt64 { 60_000 }

    /// Forgets and frees what has outlived its retention at `now`. Costs nothing when nothing has.
    func forgetEnded(at now: Tick) {
        while replaying[0].entries.first != 0, replaying[0].entries.due <= now {
            dropFirstEntry()
        }
        while replaying[0].outcomes.first != 0, replaying[0].outcomes.due <= now {
            dropFirstOutcome()
        }
    }

    /// Forgets also what another loop of the writer may have forgotten by then.
    func forgetEndedWithSlack(at point: ReplayPoint) {
        forgetEnded(at: point.time.tick.advanced(byMilliseconds: tickSlack))
    }

    /// Remembers that an entry has ended: after what ended before it.
    func enqueue(entry row: Int) {
        holds.entries[row].wheelNext = 0
        let last = replaying[0].entries.last
        if last == 0 {
            replaying[0].entries.first = UInt32(row + 1)
            replaying[0].entries.due = retentionEnd(holds.entries[row].changedTick)
        } else {
            holds.entries[Int(last) - 1].wheelNext = UInt32(row + 1)
        }
        replaying[0].entries.last = UInt32(row + 1)
    }

    /// Remembers an outcome: after those before it.
    func enqueue(outcome row: Int) {
        let last = replaying[0].outcomes.last
        if last == 0 {
            replaying[0].outcomes.first = UInt32(row + 1)
            replaying[0].outcomes.due = retentionEnd(holds.outcomes[row].changedTick)
        } else {
            holds.outcomes[Int(last) - 1].wheelNext = UInt32(row + 1)
        }
        replaying[0].outcomes.last = UInt32(row + 1)
    }

    private func retentionEnd(_ changed: Tick) -> Tick {
        changed.advanced(byMilliseconds: configuration.retentionMilliseconds)
    }

    private func dropFirstEntry() {
        let row = Int(replaying[0].entries.first) - 1
        let next = holds.entries[row].wheelNext
        if holds.entries[row].state != .forgotten {
            unindex(entry: row, identity(of: holds.entries[row]))
        }
        holds.freeEntry(row, in: row / holds.rowsPerPart)
        replaying[0].ids -= 1
        replaying[0].entries.first = next
        if next == 0 {
            replaying[0].entries = ReplayState.Queue()
        } else {
            replaying[0].entries.due = retentionEnd(holds.entries[Int(next) - 1].changedTick)
        }
    }

    private func dropFirstOutcome() {
        let row = Int(replaying[0].outcomes.first) - 1
        let next = holds.outcomes[row].wheelNext
        if holds.outcomes[row].isRemembered {
            unindex(outcome: row, identity(of: holds.outcomes[row]))
        }
        holds.freeEntry(row, in: row / holds.rowsPerPart)
        replaying[0].ids -= 1
        replaying[0].outcomes.first = next
        if next == 0 {
            replaying[0].outcomes = ReplayState.Queue()
        } else {
            replaying[0].outcomes.due = retentionEnd(holds.outcomes[Int(next) - 1].changedTick)
        }
    }

    // MARK: - The index

    /// Makes an ended entry invisible; its row is freed in its turn.
    func unindex(entry row: Int, _ identity: Identity) {
        forget(row, identity)
        holds.countIndexed(-1, in: identity.stripe)
    }

    /// Makes an outcome invisible; its row is freed in its turn.
    func unindex(outcome row: Int, _ identity: Identity) {
        forgetOutcome(row, identity)
        holds.countIndexed(-1, in: identity.stripe)
    }

    /// Files a row that was filled.
    func index(_ identity: Identity, row: Int) {
        holds.index.insert(identity, row: row)
        holds.countIndexed(1, in: identity.stripe)
    }

    // MARK: - Rows

    /// Counts `count` ids in and takes a row for one of them. The writer's tables had the room;
    /// where these don't, what another of its loops may have forgotten by then goes first.
    func takeEntry(
        _ identity: Identity, counting count: Int, at point: ReplayPoint
    ) throws(ReplayFault) -> Int {
        replaying[0].ids += count
        if let row = takeEntryNow(identity) { return row }
        forgetEndedWithSlack(at: point)
        if let row = takeEntryNow(identity) { return row }
        throw point.tooSmall(.ids, needed: max(replaying[0].ids, configuration.idsMax + 1))
    }

    private func takeEntryNow(_ identity: Identity) -> Int? {
        guard hasRoom(for: identity) else { return nil }
        return holds.takeEntry(in: identity.stripe)
    }

    /// Counts an outcome in and takes its row.
    func takeOutcome(
        _ identity: Identity, at point: ReplayPoint
    ) throws(ReplayFault) -> Int {
        replaying[0].ids += 1
        if let row = takeOutcomeNow(identity) { return row }
        forgetEndedWithSlack(at: point)
        if let row = takeOutcomeNow(identity) { return row }
        throw point.tooSmall(.ids, needed: max(replaying[0].ids, configuration.idsMax + 1))
    }

    private func takeOutcomeNow(_ identity: Identity) -> Int? {
        guard hasRoom(for: identity) else { return nil }
        return holds.takeEntry(in: identity.stripe)
    }

    /// A part of the index must keep a slot free, even if the order gets a note, or a search in it would never end.
    private func hasRoom(for identity: Identity) -> Bool {
        replaying[0].ids <= configuration.idsMax + configuration.idsForEnds
            && holds.state(identity.stripe).indexed + 2 < holds.index.slotsPerPart
    }
}
