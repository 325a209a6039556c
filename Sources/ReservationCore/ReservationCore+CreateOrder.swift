// SPDX-License-Identifier: Apache-2.0

public import Effects
public import Primitives
internal import Synchronization

/// Making an order: at once, or of reservations.
extension ReservationCore {
    /// Makes an order of lines: what it gets is allocated in the same decision, as Reserve and Confirm
    /// in one.
    ///
    /// `lines` are 1 to 500, their form checked; `texts` is what the ranges point into.
    ///
    /// - Returns: `.done` or `.replay` with the order in the context, or why nothing changed.
    /// - Complexity: as `reserve`.
    public func createOrder(
        _ command: CreateOrderCommand, lines: borrowing FixedList<LineAsk>, texts: Span<UInt8>,
        at now: DecisionTime, in context: inout DecisionContext
    ) -> Verdict {
        place(
            ReserveCommand(
                id: command.id, brand: command.brand, dealer: command.dealer,
                timeToLiveMilliseconds: CoreLimits.timeToLiveDefaultMilliseconds,
                fillMode: command.fillMode, fingerprint: command.fingerprint),
            as: .order, lines: lines, texts: texts, at: now, in: &context)
    }

    /// Makes an order of live reservations of the same dealer, each in whole: all of them, or nothing
    /// changes.
    ///
    /// `reservations` are 1 to 16 ids, each once.
    ///
    /// - Returns: `.done` or `.replay` with the order in the context, or why nothing changed.
    /// - Complexity: O(legs log legs).
    public func createOrder(
        _ command: CreateOrderCommand, from reservations: borrowing FixedList<ClientID>,
        texts: Span<UInt8>, at now: DecisionTime, in context: inout DecisionContext
    ) -> Verdict {
        context.begin()
        // Each reservation may expire on the way.
        let room = (reservations.count + 1) * RecordHeader.recordByteCountMax
        if let refusal = takeRoom(room, for: .ends, in: &context) { return .refused(refusal) }
        defer { returnRoom(in: &context) }
        let brandText = texts.extracting(command.brand.indices)
        let brandHash = codes.hash(.brand, brand: 0, brandText)
        let order = identity(.order, brandHash: brandHash, id: command.id)
        guard let brand = codes.find(.brand, brand: 0, brandText, hash: brandHash) else {
            return .refused(missing(.reservationNotFound, at: 0))
        }
        let dealerText = texts.extracting(command.dealer.indices)
        let dealer = codes.find(
            .dealer, brand: brand, dealerText,
            hash: codes.hash(.dealer, brand: brand, dealerText))

        listStripes(of: order, reservations, brandHash: brandHash, in: &context)
        holdLocks.lock(sorted: context.holdStripes)
        defer { holdLocks.unlock(sorted: context.holdStripes) }
        if let row = findEntry(order, brand: brand, at: now) {
            guard holds.entries[row].fingerprint == command.fingerprint else {
                context.dependsOn(holds.entries[row].sequence)
                return .refused(Refusal(.idempotencyKeyReused))
            }
            show(order: row, order, in: &context)
            return .replay
        }
        if let refused = recall(order, fingerprint: command.fingerprint, at: now, in: &context) {
            return .refused(refused)
        }
        if let refusal = gather(
            reservations, brandHash: brandHash, brand: brand, dealer: dealer, at: now,
            in: &context)
        {
            if refusal.state != nil {
                remember(
                    refusal, order, fingerprint: command.fingerprint, at: now, in: &context)
            }
            return .refused(refusal)
        }
        if let refusal = makeOrder(command, order, brand: brand, at: now, in: &context) {
            return .refused(refusal)
        }
        return .done
    }

    private func missing(_ reason: RefusalReason, at index: Int) -> Refusal {
        var refusal = Refusal(reason)
        refusal.lineIndex = Int32(index)
        refusal.failingLines = 1
        return refusal
    }

    /// Lists the hold stripes of the order and its reservations, ascending, each once.
    private func listStripes(
        of order: Identity, _ reservations: borrowing FixedList<ClientID>, brandHash: UInt64,
        in context: inout DecisionContext
    ) {
        context.holdStripes.removeAll()
        context.holdStripes.append(UInt16(order.stripe))
        for index in 0..<reservations.count {
            let reservation = identity(
                .reservation, brandHash: brandHash, id: reservations[index])
            context.holdStripes.append(UInt16(reservation.stripe))
        }
        context.holdStripes.sort { $0 < $1 }
        var kept = 0
        for index in 0..<context.holdStripes.count
        where kept == 0 || context.holdStripes[index] != context.holdStripes[kept - 1] {
            context.holdStripes[kept] = context.holdStripes[index]
            kept += 1
        }
        context.holdStripes.truncate(to: kept)
    }

    /// Finds the holds and collects their legs, under the order's line numbers; why not, if one of
    /// them isn't live. The caller holds their stripes.
    private func gather(
        _ reservations: borrowing FixedList<ClientID>, brandHash: UInt64, brand: UInt32,
        dealer: UInt32?, at now: DecisionTime, in context: inout DecisionContext
    ) -> Refusal? {
        context.holdRows.removeAll()
        var refusal: Refusal?
        var legs = 0
        for index in 0..<reservations.count {
            let reservation = identity(
                .reservation, brandHash: brandHash, id: reservations[index])
            guard let row = findEntry(reservation, brand: brand, at: now) else {
                return missing(.reservationNotFound, at: index)
            }
            expireIfDue(row, at: now, in: &context)
            context.dependsOn(holds.entries[row].sequence)
            legs += Int(holds.entries[row].legCount)
            context.holdRows.append(row)
            guard refusal == nil, let ended = refusalOfEnded(row) else { continue }
            refusal = ended
            refusal?.lineIndex = Int32(index)
        }
        if let refusal { return refusal }
        for index in 0..<context.holdRows.count
        where holds.entries[context.holdRows[index]].dealer != dealer {
            return missing(.invalidField, at: index)
        }
        guard legs <= CoreLimits.linesPerDecisionMax else {
            var tooMany = Refusal(.batchTooLarge)
            tooMany.limit = .legsPerDecision
            return tooMany
        }
        collectLegs(in: &context)
        return nil
    }

    /// Why a hold that has ended can't be used any more; nil while it lives.
    func refusalOfEnded(_ row: Int) -> Refusal? {
        switch holds.entries[row].state {
        case .held: return nil
        case .confirmed: return refusal(.alreadyConfirmed, state: .confirmed)
        case .released: return refusal(.alreadyReleased, state: .released)
        case .expired: return refusal(.reservationExpired, state: .expired)
        case .order, .cancelled, .free, .forgotten:
            preconditionFailure("only holds are indexed as reservations")
        }
    }

    /// Puts all legs into the scratch. Those of one reservation keep their line numbers; those of
    /// several are numbered anew, as each begins with 1. A leg without units gets line number 0: it
    /// isn't in the order.
    private func collectLegs(in context: inout DecisionContext) {
        context.ending.removeAll()
        let isOnlyOne = context.holdRows.count == 1
        var line: UInt32 = 0
        for index in 0..<context.holdRows.count {
            var previous: UInt32 = 0
            holds.forEachLeg(of: holds.entries[context.holdRows[index]]) { leg in
                guard leg.amount > 0 else {
                    context.ending.legs.append(
                        ScratchLeg(line: 0, account: leg.account, amount: 0))
                    return
                }
                if leg.line != previous { line += 1 }
                previous = leg.line
                context.ending.legs.append(
                    ScratchLeg(
                        line: isOnlyOne ? leg.line : line, account: leg.account,
                        amount: leg.amount, confirmed: leg.amount))
            }
        }
    }

    /// Moves all legs from held to committed and files the order: one record. The caller holds all
    /// ids' stripes.
    private func makeOrder(
        _ command: CreateOrderCommand, _ order: Identity, brand: UInt32, at now: DecisionTime,
        in context: inout DecisionContext
    ) -> Refusal? {
        var kept = 0
        for index in 0..<context.ending.legs.count where context.ending.legs[index].amount > 0 {
            kept += 1
        }
        var notes: UInt32 = 0
        if context.holdRows.count > 1 {
            guard let taken = holds.notes.take(context.holdRows.count, .reservation) else {
                var refusal = Refusal(.tableFull)
                refusal.limit = .notes
                return refusal
            }
            notes = taken
        }
        // What the reservations with several lines set aside for an order, against what it takes.
        var promised = 0
        for index in 0..<context.holdRows.count {
            let count = Int(holds.entries[context.holdRows[index]].legCount)
            if count > 1 { promised += count }
        }
        let needed = kept > 1 ? kept : 0
        guard needed <= promised || holds.legs.promise(needed - promised) else {
            holds.notes.free(notes)
            var refusal = Refusal(.tableFull)
            refusal.limit = .legs
            return refusal
        }
        guard let row = holds.takeEntry(in: order.stripe) else {
            holds.notes.free(notes)
            if needed > promised { holds.legs.withdraw(needed - promised) }
            return idTableFull
        }
        if needed < promised { holds.legs.withdraw(promised - needed) }
        let sequence = commit(command, brand: brand, at: now, in: &context)
        endHolds(order: command.id, orderLegs: kept, sequence: sequence, at: now, in: &context)
        fileOrder(command, order, row, brand: brand, legs: kept, sequence, at: now, in: &context)
        if notes != 0 { noteReservations(notes, of: row, order, in: context) }
        show(order: row, order, in: &context)
        return nil
    }

    /// Changes the accounts and appends the record.
    private func commit(
        _ command: CreateOrderCommand, brand: UInt32, at now: DecisionTime,
        in context: inout DecisionContext
    ) -> UInt64 {
        context.ending.addUp(accounts)
        accountLocks.lock(sorted: context.ending.stripes)
        defer { accountLocks.unlock(sorted: context.ending.stripes) }
        var changedAccounts = 0
        for index in 0..<context.ending.sums.count where context.ending.sums[index].amount > 0 {
            changedAccounts += 1
        }
        RecordWriting.beginOrderFromHolds(
            brand: brand, order: command.id, fingerprint: command.fingerprint,
            dealer: holds.entries[context.holdRows[0]].dealer, holdCount: context.holdRows.count,
            legCount: context.ending.legs.count, accountCount: changedAccounts,
            into: &context.record)
        for index in 0..<context.holdRows.count {
            let hold = holds.entries[context.holdRows[index]]
            context.record.append(
                RecordHold(reservation: hold.id, legCount: UInt32(hold.legCount)))
        }
        for index in 0..<context.ending.legs.count {
            let leg = context.ending.legs[index]
            context.record.append(
                RecordLeg(
                    line: leg.line, account: leg.account, amount: UInt32(leg.amount),
                    isShort: false))
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
            accounts.rows[account].committed += sum.amount
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
        return sequence
    }

    private func endHolds(
        order: ClientID, orderLegs: Int, sequence: UInt64, at now: DecisionTime,
        in context: inout DecisionContext
    ) {
        var space = 0
        for index in 0..<context.holdRows.count {
            let row = context.holdRows[index]
            holds.entries[row].state = .confirmed
            holds.entries[row].counterpart = order
            holds.entries[row].setChanged(now)
            holds.entries[row].sequence = sequence
            space += EffectSpace.hold(legs: Int(holds.entries[row].legCount))
        }
        liveHolds.subtract(context.holdRows.count, ordering: .relaxed)
        // Each had counted an order in, and they made one.
        ids.subtract(context.holdRows.count - 1, ordering: .relaxed)
        sink.giveBack(space - EffectSpace.order(legs: orderLegs))
    }

    private func fileOrder(
        _ command: CreateOrderCommand, _ order: Identity, _ row: Int, brand: UInt32, legs: Int,
        _ sequence: UInt64, at now: DecisionTime, in context: inout DecisionContext
    ) {
        let first = holds.entries[context.holdRows[0]]
        var entry = EntryRow()
        entry.id = command.id
        entry.fingerprint = command.fingerprint
        if context.holdRows.count == 1 { entry.counterpart = first.id }
        entry.sequence = sequence
        entry.setCreated(now)
        entry.brand = brand
        entry.dealer = first.dealer
        entry.state = .order
        entry.legCount = UInt16(legs)
        for index in stride(from: context.ending.legs.count - 1, through: 0, by: -1) {
            let taken = context.ending.legs[index]
            guard taken.amount > 0 else { continue }
            let leg = Leg(
                line: taken.line, account: taken.account, amount: taken.amount, isShort: false)
            if legs == 1 {
                entry.leg = leg
            } else {
                entry.leg.next = holds.legs.push(leg, before: entry.leg.next)
            }
        }
        holds.entries[row] = entry
        holds.index.insert(order, row: row)
    }
}
