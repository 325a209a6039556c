// SPDX-License-Identifier: Apache-2.0

public import Effects
public import Primitives
internal import Synchronization

/// Confirm: a hold becomes an order, in whole or in part; what isn't confirmed returns at once.
extension ReservationCore {
    /// Makes the order `command.order` of a live hold.
    ///
    /// `lines` name line numbers, each once; none means all that was granted. `texts` is what the
    /// ranges in command and lines point into.
    ///
    /// - Returns: `.done` or `.replay` with `context.hold` and `context.legs` (as granted), or why
    ///   nothing changed.
    public func confirm(
        _ command: ConfirmCommand, lines: borrowing FixedList<LineAsk>, texts: Span<UInt8>,
        at now: DecisionTime, in context: inout DecisionContext
    ) -> Verdict {
        context.begin()
        // An expiry on the way, the confirmation.
        if let refusal = takeRoom(2 * RecordHeader.recordByteCountMax, for: .ends, in: &context) {
            return .refused(refusal)
        }
        defer { returnRoom(in: &context) }
        let brandText = texts.extracting(command.brand.indices)
        let brandHash = codes.hash(.brand, brand: 0, brandText)
        let reservation = identity(.reservation, brandHash: brandHash, id: command.id)
        let order = identity(.order, brandHash: brandHash, id: command.order)
        guard let brand = codes.find(.brand, brand: 0, brandText, hash: brandHash)
        else { return .refused(Refusal(.reservationNotFound)) }

        let first = min(reservation.stripe, order.stripe)
        let second = max(reservation.stripe, order.stripe)
        holdLocks.lock(first)
        if second != first { holdLocks.lock(second) }
        defer {
            if second != first { holdLocks.unlock(second) }
            holdLocks.unlock(first)
        }
        guard let row = findEntry(reservation, brand: brand, at: now)
        else { return .refused(Refusal(.reservationNotFound)) }
        expireIfDue(row, at: now, in: &context)
        context.dependsOn(holds.entries[row].sequence)
        switch holds.entries[row].state {
        case .expired: return .refused(refusal(.reservationExpired, state: .expired))
        case .released: return .refused(refusal(.alreadyReleased, state: .released))
        case .confirmed:
            guard holds.entries[row].counterpart == command.order,
                confirmsTheSame(
                    lines, row, findEntry(order, brand: brand, at: now), texts: texts,
                    in: &context)
            else { return .refused(refusal(.alreadyConfirmed, state: .confirmed)) }
            show(row, in: &context)
            return .replay
        case .held: break
        case .order, .cancelled, .free, .forgotten:
            preconditionFailure("only holds are indexed as reservations")
        }
        if let taken = findEntry(order, brand: brand, at: now) {
            context.dependsOn(holds.entries[taken].sequence)
            return .refused(Refusal(.idempotencyKeyReused))
        }
        gather(holds.entries[row], into: &context.ending)
        if let refusal = apply(lines, texts: texts, in: &context) { return .refused(refusal) }
        // The order's room was promised at the grant. Its stripe's part has room beyond that, in
        // practice always (CoreConfiguration.partCapacity).
        guard let orderRow = holds.takeEntry(in: order.stripe) else {
            var refusal = Refusal(.idTableFull)
            refusal.limit = .ids
            return .refused(refusal)
        }
        let sequence = confirm(row, order: command.order, at: now, in: &context)
        makeOrder(orderRow, order, of: row, sequence: sequence, at: now, in: &context)
        show(row, in: &context)
        return .done
    }

    func refusal(_ reason: RefusalReason, state: HoldState) -> Refusal {
        var refusal = Refusal(reason)
        refusal.state = state
        return refusal
    }

    /// Settles how much of each leg in the scratch is confirmed.
    private func apply(
        _ lines: borrowing FixedList<LineAsk>, texts: Span<UInt8>,
        in context: inout DecisionContext
    ) -> Refusal? {
        if lines.isEmpty {
            for index in 0..<context.ending.legs.count {
                context.ending.legs[index].confirmed = context.ending.legs[index].amount
            }
            return nil
        }
        var refusal: Refusal?
        for index in 0..<lines.count {
            let line = lines[index]
            guard let first = position(ofLine: line.line, near: index, in: context.ending) else {
                note(&refusal, line: index, requested: line.quantity, available: 0)
                continue
            }
            // A line that was spread over warehouses has several legs, which stand together.
            guard let wanted = distribute(line, from: first, texts: texts, in: &context) else {
                var contradiction = Refusal(.invalidField)
                contradiction.lineIndex = Int32(index)
                return contradiction
            }
            if wanted > 0 {
                note(
                    &refusal, line: index, requested: line.quantity,
                    available: line.quantity - wanted)
            }
        }
        return refusal
    }

    /// Spreads a line's units over its legs from `first` on that are of the codes it names; answers
    /// with what is left over, or nil when none is of them.
    private func distribute(
        _ line: LineAsk, from first: Int, texts: Span<UInt8>, in context: inout DecisionContext
    ) -> Int64? {
        let sku = texts.extracting(line.sku.indices)
        let warehouse = texts.extracting(line.warehouse.indices)
        var wanted = line.quantity
        var isMeant = false
        var leg = first
        while leg < context.ending.legs.count, context.ending.legs[leg].line == line.line {
            if isOf(context.ending.legs[leg].account, sku: sku, warehouse: warehouse) {
                isMeant = true
                let share = min(wanted, context.ending.legs[leg].amount)
                context.ending.legs[leg].confirmed = share
                wanted -= share
            }
            leg += 1
        }
        return isMeant ? wanted : nil
    }

    /// Whether an account is of the codes that a line names; an empty one is any.
    func isOf(_ account: UInt32, sku: Span<UInt8>, warehouse: Span<UInt8>) -> Bool {
        let master = accounts.masters[Int(account)]
        return (sku.isEmpty || codes.matches(master.sku, sku))
            && (warehouse.isEmpty || codes.matches(master.warehouse, warehouse))
    }

    /// Counts a line that confirms more than was reserved; the first one is named.
    private func note(
        _ refusal: inout Refusal?, line: Int, requested: Int64, available: Int64
    ) {
        if refusal == nil {
            refusal = Refusal(.exceedsReservation)
            refusal?.lineIndex = Int32(line)
            refusal?.requested = requested
            refusal?.available = available
        }
        refusal?.failingLines += 1
    }

    /// The first leg with this line number: nearly always at the same place as in the request.
    private func position(
        ofLine line: UInt32, near guess: Int, in scratch: borrowing LegScratch
    ) -> Int? {
        if guess < scratch.legs.count, scratch.legs[guess].line == line,
            guess == 0 || scratch.legs[guess - 1].line != line
        {
            return guess
        }
        for index in 0..<scratch.legs.count where scratch.legs[index].line == line {
            return index
        }
        return nil
    }

    /// Whether a confirmation asks for what the order has: the same again, or something else.
    private func confirmsTheSame(
        _ lines: borrowing FixedList<LineAsk>, _ row: Int, _ order: Int?, texts: Span<UInt8>,
        in context: inout DecisionContext
    ) -> Bool {
        // An order outlives its hold, but for the tick in which both are forgotten.
        guard let order else { return true }
        context.dependsOn(holds.entries[order].sequence)
        gather(holds.entries[row], into: &context.ending)
        if !lines.isEmpty {
            for index in 0..<lines.count {
                guard
                    let first = position(
                        ofLine: lines[index].line, near: index, in: context.ending)
                else { return false }
                guard distribute(lines[index], from: first, texts: texts, in: &context) == 0
                else { return false }
            }
            for index in 0..<context.ending.legs.count {
                context.ending.legs[index].amount = context.ending.legs[index].confirmed
            }
        }
        gather(holds.entries[order], into: &context.asked)
        var next = 0
        for index in 0..<context.ending.legs.count where context.ending.legs[index].amount > 0 {
            guard next < context.asked.legs.count,
                context.asked.legs[next].line == context.ending.legs[index].line,
                context.asked.legs[next].account == context.ending.legs[index].account,
                context.asked.legs[next].amount == context.ending.legs[index].amount
            else { return false }
            next += 1
        }
        return next == context.asked.legs.count
    }

    /// Moves units from held to committed and returns the rest: one record. The caller holds both
    /// ids' stripes; the scratch has the legs.
    private func confirm(
        _ row: Int, order: ClientID, at now: DecisionTime, in context: inout DecisionContext
    ) -> UInt64 {
        let entry = holds.entries[row]
        context.ending.addUp(accounts)
        accountLocks.lock(sorted: context.ending.stripes)
        var changedAccounts = 0
        for index in 0..<context.ending.sums.count where context.ending.sums[index].amount > 0 {
            changedAccounts += 1
        }
        RecordWriting.beginConfirm(
            brand: entry.brand, reservation: entry.id, order: order,
            legCount: context.ending.legs.count, accountCount: changedAccounts,
            into: &context.record)
        for index in 0..<context.ending.legs.count {
            let leg = context.ending.legs[index]
            context.record.append(
                RecordLeg(
                    line: leg.line, account: leg.account, amount: UInt32(leg.confirmed),
                    isShort: leg.confirmed < leg.amount))
        }
        for index in 0..<context.ending.sums.count where context.ending.sums[index].amount > 0 {
            let sum = context.ending.sums[index]
            let account = Int(sum.account)
            #if PlantedFaults
                let returned = plantedReturn(
                    of: sum.amount, isExpiry: false, from: accounts.rows[account])
            #else
                let returned = sum.amount
            #endif
            precondition(accounts.rows[account].held >= returned, "held units underflow")
            accounts.rows[account].held -= returned
            accounts.rows[account].committed += sum.confirmed
            accounts.rows[account].version += 1
            accounts.rows[account].changed = now.wall
            RecordWriting.addHeldAndCommitted(
                account: sum.account, held: accounts.rows[account].held,
                committed: accounts.rows[account].committed,
                version: accounts.rows[account].version, into: &context.record)
        }
        let sequence = append(at: now, in: &context)
        for index in 0..<context.ending.sums.count where context.ending.sums[index].amount > 0 {
            accounts.rows[Int(context.ending.sums[index].account)].sequence = sequence
        }
        accountLocks.unlock(sorted: context.ending.stripes)

        holds.entries[row].state = .confirmed
        holds.entries[row].counterpart = order
        holds.entries[row].setChanged(now)
        holds.entries[row].sequence = sequence
        liveHolds.subtract(1, ordering: .relaxed)
        return sequence
    }

    /// Files the order with a copy of what was confirmed, in the stripe of its own id. An order that
    /// hasn't ended isn't in the wheel: it stays.
    private func makeOrder(
        _ orderRow: Int, _ identity: Identity, of row: Int, sequence: UInt64,
        at now: DecisionTime, in context: inout DecisionContext
    ) {
        let hold = holds.entries[row]
        var count = 0
        for index in 0..<context.ending.legs.count where context.ending.legs[index].confirmed > 0 {
            count += 1
        }
        var entry = EntryRow()
        entry.id = identity.id
        entry.counterpart = hold.id
        entry.sequence = sequence
        entry.setCreated(now)
        entry.brand = hold.brand
        entry.dealer = hold.dealer
        entry.state = .order
        entry.legCount = UInt16(count)
        for index in stride(from: context.ending.legs.count - 1, through: 0, by: -1) {
            let confirmed = context.ending.legs[index]
            guard confirmed.confirmed > 0 else { continue }
            let leg = Leg(
                line: confirmed.line, account: confirmed.account, amount: confirmed.confirmed,
                isShort: false)
            if count == 1 {
                entry.leg = leg
            } else {
                entry.leg.next = holds.legs.push(leg, before: entry.leg.next)
            }
        }
        // Of the cells promised at the grant, those that the order doesn't take.
        if hold.legCount > 1 {
            holds.legs.withdraw(Int(hold.legCount) - (count > 1 ? count : 0))
        }
        // The hold's own end happened; the order's is still to come.
        sink.giveBack(
            EffectSpace.hold(legs: Int(hold.legCount)) - EffectSpace.order(legs: count))
        holds.entries[orderRow] = entry
        holds.index.insert(identity, row: orderRow)
    }
}
