// SPDX-License-Identifier: Apache-2.0

public import Effects
public import Primitives

/// Cancelling an order, in whole or in part: its units are free at once.
extension ReservationCore {
    /// Cancels what is left of an order, or what `lines` say of it. An order of which nothing is left
    /// has ended.
    ///
    /// `lines` name line numbers, each once; none means all that is left. `texts` is what the ranges
    /// in command and lines point into.
    ///
    /// - Returns: `.done` or `.replay` with the order in the context as it is now, or why nothing
    ///   changed.
    /// - Complexity: O(legs log legs).
    public func cancelOrder(
        _ command: CancelOrderCommand, lines: borrowing FixedList<LineAsk>, texts: Span<UInt8>,
        at now: DecisionTime, in context: inout DecisionContext
    ) -> Verdict {
        context.begin()
        // Room for its end is kept; parts of it, of which there may be many, take what is free.
        let purpose: RoomPurpose = lines.isEmpty ? .ends : .begins
        if let refusal = takeRoom(RecordHeader.recordByteCountMax, for: purpose, in: &context) {
            return .refused(refusal)
        }
        defer { returnRoom(in: &context) }
        let brandText = texts.extracting(command.brand.indices)
        let brandHash = codes.hash(.brand, brand: 0, brandText)
        let order = identity(.order, brandHash: brandHash, id: command.order)
        let request = identity(.request, brandHash: brandHash, id: command.request)
        guard let brand = codes.find(.brand, brand: 0, brandText, hash: brandHash)
        else { return .refused(Refusal(.orderNotFound)) }
        let first = min(order.stripe, request.stripe)
        let second = max(order.stripe, request.stripe)
        holdLocks.lock(first)
        if second != first { holdLocks.lock(second) }
        defer {
            if second != first { holdLocks.unlock(second) }
            holdLocks.unlock(first)
        }
        let met = meet(
            request, fingerprint: command.fingerprint, brand: brand, at: now, in: &context)
        if case .refused = met { return met ?? .replay }
        guard let row = findEntry(order, brand: brand, at: now)
        else { return .refused(Refusal(.orderNotFound)) }
        if met == .replay {
            show(order: row, order, in: &context)
            return .replay
        }
        context.dependsOn(holds.entries[row].sequence)
        if let refusal = settle(row, lines, texts: texts, in: &context) {
            if refusal.reason != .invalidField {
                remember(
                    refusal, request, fingerprint: command.fingerprint, at: now, in: &context)
            }
            return .refused(refusal)
        }
        guard let outcome = takeOutcome(in: request.stripe, for: purpose)
        else { return .refused(idTableFull) }
        let sequence = cancel(command, row, order, at: now, in: &context)
        file(
            outcome, request, command.fingerprint, brand: brand, account: 0, sequence: sequence,
            at: now)
        show(order: row, order, in: &context)
        return .done
    }

    /// What a request id was answered with before, or nil: `.replay` when it took effect. The caller
    /// holds its stripe.
    func meet(
        _ request: Identity, fingerprint: UInt64, brand: UInt32, at now: DecisionTime,
        in context: inout DecisionContext
    ) -> Verdict? {
        if let row = findOutcome(request, brand: brand, at: now) {
            context.dependsOn(holds.outcomes[row].sequence)
            guard holds.outcomes[row].fingerprint == fingerprint
            else { return .refused(Refusal(.idempotencyKeyReused)) }
            return .replay
        }
        return recall(request, fingerprint: fingerprint, at: now, in: &context)
            .map { .refused($0) }
    }

    /// Settles how much of each leg is cancelled: `amount` of a scratch leg is what is left of it,
    /// `confirmed` what goes.
    private func settle(
        _ row: Int, _ lines: borrowing FixedList<LineAsk>, texts: Span<UInt8>,
        in context: inout DecisionContext
    ) -> Refusal? {
        guard holds.entries[row].state == .order else {
            var refusal = Refusal(.orderStateConflict)
            refusal.orderState = .cancelled
            return refusal
        }
        context.ending.removeAll()
        let takesAll = lines.isEmpty
        holds.forEachOrderLeg(of: holds.entries[row]) { leg, cancelled in
            let left = leg.amount - cancelled
            context.ending.legs.append(
                ScratchLeg(
                    line: leg.line, account: leg.account, amount: left,
                    confirmed: takesAll ? left : 0))
        }
        var refusal: Refusal?
        for index in 0..<lines.count {
            if let contradiction = take(
                lines[index], index, texts: texts, &refusal, in: &context)
            {
                return contradiction
            }
        }
        return refusal
    }

    /// Takes a line's units off its legs, in their order.
    private func take(
        _ line: LineAsk, _ index: Int, texts: Span<UInt8>, _ refusal: inout Refusal?,
        in context: inout DecisionContext
    ) -> Refusal? {
        let sku = texts.extracting(line.sku.indices)
        let warehouse = texts.extracting(line.warehouse.indices)
        var wanted = line.quantity
        var left: Int64 = 0
        var isKnown = false
        var isMeant = false
        for place in 0..<context.ending.legs.count
        where context.ending.legs[place].line == line.line {
            let leg = context.ending.legs[place]
            isKnown = true
            guard isOf(leg.account, sku: sku, warehouse: warehouse) else { continue }
            isMeant = true
            left += leg.amount
            let share = min(wanted, leg.amount)
            context.ending.legs[place].confirmed = share
            wanted -= share
        }
        if isKnown, !isMeant {
            var contradiction = Refusal(.invalidField)
            contradiction.lineIndex = Int32(index)
            return contradiction
        }
        if wanted > 0 {
            if refusal == nil {
                refusal = Refusal(.exceedsReservation)
                refusal?.lineIndex = Int32(index)
                refusal?.requested = line.quantity
                refusal?.available = left
                if !isKnown { refusal?.orderLines = lineCount(in: context.ending) }
            }
            refusal?.failingLines += 1
        }
        return nil
    }

    /// Legs of a line that is spread over warehouses follow one another.
    private func lineCount(in legs: borrowing LegScratch) -> UInt16 {
        var count: UInt16 = 0
        for index in 0..<legs.legs.count
        where index == 0 || legs.legs[index].line != legs.legs[index - 1].line {
            count += 1
        }
        return count
    }

    /// Takes the settled units off what is committed: one record. The caller holds both stripes.
    private func cancel(
        _ command: CancelOrderCommand, _ row: Int, _ order: Identity, at now: DecisionTime,
        in context: inout DecisionContext
    ) -> UInt64 {
        let entry = holds.entries[row]
        context.ending.addUp(accounts)
        accountLocks.lock(sorted: context.ending.stripes)
        var legs = 0
        var units: Int64 = 0
        var left: Int64 = 0
        for index in 0..<context.ending.legs.count {
            let leg = context.ending.legs[index]
            if leg.confirmed > 0 { legs += 1 }
            units += leg.confirmed
            left += leg.amount - leg.confirmed
        }
        var changedAccounts = 0
        for index in 0..<context.ending.sums.count where context.ending.sums[index].confirmed > 0 {
            changedAccounts += 1
        }
        RecordWriting.beginCancel(
            brand: entry.brand, order: entry.id, request: command.request,
            fingerprint: command.fingerprint, cause: command.cause, legCount: legs,
            accountCount: changedAccounts, into: &context.record)
        for index in 0..<context.ending.legs.count where context.ending.legs[index].confirmed > 0 {
            let leg = context.ending.legs[index]
            context.record.append(
                RecordLeg(
                    line: leg.line, account: leg.account, amount: UInt32(leg.confirmed),
                    isShort: false))
        }
        for index in 0..<context.ending.sums.count where context.ending.sums[index].confirmed > 0 {
            let sum = context.ending.sums[index]
            let account = Int(sum.account)
            precondition(
                accounts.rows[account].committed >= sum.confirmed, "committed units underflow")
            accounts.rows[account].committed -= sum.confirmed
            accounts.rows[account].version += 1
            accounts.rows[account].changed = now.wall
            RecordWriting.addHeldAndCommitted(
                account: sum.account, held: accounts.rows[account].held,
                committed: accounts.rows[account].committed,
                version: accounts.rows[account].version, into: &context.record)
        }
        let sequence = append(at: now, in: &context)
        for index in 0..<context.ending.sums.count where context.ending.sums[index].confirmed > 0 {
            accounts.rows[Int(context.ending.sums[index].account)].sequence = sequence
        }
        accountLocks.unlock(sorted: context.ending.stripes)

        let event = OrderEvent(
            sequence: sequence, at: now.wall, kind: left == 0 ? .cancelled : .cancelledInPart,
            cause: command.cause, units: units)
        markCancelled(row, order, event, at: now, in: context)
        return sequence
    }

    /// Notes in the order what was cancelled, and its end if nothing is left.
    private func markCancelled(
        _ row: Int, _ order: Identity, _ event: OrderEvent, at now: DecisionTime,
        in context: borrowing DecisionContext
    ) {
        // The note of how it began is made from the row as it still is.
        note(event, of: row, order)
        if holds.entries[row].legCount == 1 {
            holds.entries[row].leg.cancelledOfOnly += context.ending.legs[0].confirmed
        } else {
            var cell = holds.entries[row].leg.next
            for index in 0..<context.ending.legs.count {
                holds.legs.cancel(context.ending.legs[index].confirmed, of: cell)
                cell = holds.legs[cell].next
            }
        }
        holds.entries[row].setChanged(now)
        holds.entries[row].sequence = event.sequence
        guard event.kind == .cancelled else { return }
        holds.entries[row].state = .cancelled
        holds.schedule(.entry(row), at: holds.due(.entry(row)), in: order.stripe)
        sink.giveBack(EffectSpace.order(legs: Int(holds.entries[row].legCount)))
    }
}
