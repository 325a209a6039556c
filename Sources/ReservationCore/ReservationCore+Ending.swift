// SPDX-License-Identifier: Apache-2.0

public import Effects
internal import Primitives
internal import Synchronization

/// How a hold ends without an order: given back by its owner or by its deadline.
extension ReservationCore {
    /// Ends a live hold and gives its units back: one decision, one record. The caller holds the
    /// hold's stripe and no account stripe, and took room for the record.
    func end(
        _ row: Int, as type: RecordType, at now: DecisionTime,
        in context: inout DecisionContext
    ) {
        precondition(holds.entries[row].state == .held)
        let entry = holds.entries[row]
        gather(entry, into: &context.ending)
        context.ending.addUp(accounts)

        accountLocks.lock(sorted: context.ending.stripes)
        var changedAccounts = 0
        for index in 0..<context.ending.sums.count where context.ending.sums[index].amount > 0 {
            changedAccounts += 1
        }
        RecordWriting.beginEnd(
            type, brand: entry.brand, reservation: entry.id,
            legCount: context.ending.legs.count, accountCount: changedAccounts,
            into: &context.record)
        for index in 0..<context.ending.legs.count {
            let leg = context.ending.legs[index]
            context.record.append(
                RecordLeg(
                    line: leg.line, account: leg.account, amount: UInt32(leg.amount),
                    isShort: leg.isShort))
        }
        for index in 0..<context.ending.sums.count where context.ending.sums[index].amount > 0 {
            let sum = context.ending.sums[index]
            let account = Int(sum.account)
            #if PlantedFaults
                let returned = plantedReturn(
                    of: sum.amount, isExpiry: type == .expire, from: accounts.rows[account])
            #else
                let returned = sum.amount
            #endif
            precondition(accounts.rows[account].held >= returned, "held units underflow")
            accounts.rows[account].held -= returned
            accounts.rows[account].version += 1
            accounts.rows[account].changed = now.wall
            RecordWriting.addHeld(
                account: sum.account, held: accounts.rows[account].held,
                version: accounts.rows[account].version, into: &context.record)
        }
        let sequence = append(at: now, in: &context)
        for index in 0..<context.ending.sums.count where context.ending.sums[index].amount > 0 {
            accounts.rows[Int(context.ending.sums[index].account)].sequence = sequence
        }
        accountLocks.unlock(sorted: context.ending.stripes)

        holds.entries[row].state = type == .release ? .released : .expired
        if type == .expire { context.expiredCount &+= 1 }
        holds.entries[row].setChanged(now)
        holds.entries[row].sequence = sequence
        liveHolds.subtract(1, ordering: .relaxed)
        // The order that it can't become any more.
        ids.subtract(1, ordering: .relaxed)
        if entry.legCount > 1 { holds.legs.withdraw(Int(entry.legCount)) }
        sink.giveBack(EffectSpace.hold(legs: Int(entry.legCount)))
    }

    /// Expires a hold that is met after its deadline, however late the wheel. The caller holds the
    /// hold's stripe and took room for one more record.
    func expireIfDue(_ row: Int, at now: DecisionTime, in context: inout DecisionContext) {
        guard isDue(holds.entries[row], at: now) else { return }
        end(row, as: .expire, at: now, in: &context)
    }

    func isDue(_ entry: EntryRow, at now: DecisionTime) -> Bool {
        entry.state == .held && entry.deadline <= now.tick
    }

    /// Copies a hold's legs into the scratch.
    func gather(_ entry: EntryRow, into scratch: inout LegScratch) {
        scratch.removeAll()
        var leg = entry.leg
        if entry.legCount != 1 { leg = holds.legs[entry.leg.next] }
        for position in 0..<entry.legCount {
            scratch.legs.append(
                ScratchLeg(
                    line: leg.line, account: leg.account, amount: leg.amount,
                    isShort: leg.isShort))
            if position + 1 < entry.legCount { leg = holds.legs[leg.next] }
        }
    }

    /// Goes through the wheels of the stripes `s` with `s mod loops = loop`, as far as a turn's
    /// budget reaches: at most 256 expiries, each a decision of its own.
    ///
    /// Called each 10 ms by every loop for its own stripes. O(ticks since the last turn + due).
    public func turnWheels(
        loop: Int, of loops: Int, at now: DecisionTime, in context: inout DecisionContext
    ) {
        context.begin()
        var budget = WheelBudget()
        let own = (holds.count - loop + loops - 1) / loops
        context.wheelRotation = own == 0 ? 0 : (context.wheelRotation + 1) % own
        for offset in 0..<own {
            let stripe = loop + (context.wheelRotation + offset) % own * loops
            _ = turnWheel(stripe, at: now, budget: &budget, in: &context)
        }
    }

    /// How far a turn of a wheel came.
    enum WheelProgress {
        /// Through the tick that was asked for.
        case through
        /// The budget of a turn was used up; the rest waits for the next.
        case budgetSpent
        /// The journal had no room for an expiry.
        case noRoom
    }

    /// Collects holds that are due in any stripe, at most 256.
    func collectDue(at now: DecisionTime, in context: inout DecisionContext) -> WheelProgress {
        var budget = WheelBudget()
        for stripe in 0..<holds.count {
            let progress = turnWheel(stripe, at: now, budget: &budget, in: &context)
            if progress != .through { return progress }
        }
        collectedThrough.max(now.tick.milliseconds, ordering: .relaxed)
        return .through
    }

    /// Whether something may be due that no wheel has collected yet.
    func mayBeDue(at now: DecisionTime) -> Bool {
        collectedThrough.load(ordering: .relaxed) < now.tick.milliseconds
    }

    /// What one turn may do.
    struct WheelBudget {
        var expiries = CoreLimits.expiriesPerTurnMax
        var moves = CoreLimits.wheelMovesPerTurnMax
    }

    /// Turns one stripe's wheel through `now`, or as far as budget and room reach.
    private func turnWheel(
        _ stripe: Int, at now: DecisionTime, budget: inout WheelBudget,
        in context: inout DecisionContext
    ) -> WheelProgress {
        while true {
            guard budget.expiries > 0, budget.moves > 0 else { return .budgetSpent }
            // A wheel that has nothing to do must not ask the journal for room, so look first.
            holdLocks.lock(stripe)
            let isThrough = holds.state(stripe).wheelTick >= now.tick.milliseconds
            holdLocks.unlock(stripe)
            if isThrough { return .through }
            let most = min(CoreLimits.wheelEntriesPerLockMax, budget.expiries)
            guard
                sink.takeRoom(most * RecordHeader.recordByteCountMax, for: .ends) == .granted
            else { return .noRoom }
            context.roomTaken = most * RecordHeader.recordByteCountMax
            context.roomUsed = 0
            holdLocks.lock(stripe)
            var handled = 0
            while handled < most,
                let due = holds.nextDue(in: stripe, through: now.tick, moves: &budget.moves)
            {
                handled += 1
                handle(due, in: stripe, at: now, budget: &budget, context: &context)
            }
            holdLocks.unlock(stripe)
            returnRoom(in: &context)
        }
    }

    /// Does what a row was put away for. The caller holds the stripe.
    private func handle(
        _ due: WheelEntry, in stripe: Int, at now: DecisionTime, budget: inout WheelBudget,
        context: inout DecisionContext
    ) {
        switch due {
        case .outcome(let row):
            let outcome = holds.outcomes[row]
            if outcome.isRemembered {
                guard hasOutlivedRetention(outcome, at: now.tick) else {
                    return holds.schedule(due, at: holds.due(due), in: stripe)
                }
                forgetOutcome(row, identity(of: outcome))
            }
            holds.freeOutcome(row, in: stripe)
            context.forgottenCount &+= 1
            ids.subtract(1, ordering: .relaxed)
        case .entry(let row):
            if isDue(holds.entries[row], at: now) {
                budget.expiries -= 1
                end(row, as: .expire, at: now, in: &context)
            }
            if hasOutlivedRetention(holds.entries[row], at: now.tick) {
                forget(row, identity(of: holds.entries[row]))
            }
            if holds.entries[row].state == .forgotten {
                holds.freeEntry(row, in: stripe)
                context.forgottenCount &+= 1
                ids.subtract(1, ordering: .relaxed)
            } else {
                holds.schedule(due, at: holds.due(due), in: stripe)
            }
        }
    }
}
