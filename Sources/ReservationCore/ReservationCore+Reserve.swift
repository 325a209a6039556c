// SPDX-License-Identifier: Apache-2.0

public import Effects
public import Primitives

/// Reserve: all lines under their locks, all or nothing (or what there is).
extension ReservationCore {
    /// Sets units aside until the command's deadline.
    ///
    /// `lines` are 1 to 500, their form checked; `texts` is what the ranges in command and lines
    /// point into.
    ///
    /// - Returns: `.done` or `.replay` with `context.hold` and `context.legs`, or why nothing changed.
    /// - Complexity: O(lines), plus O(lines log lines) with more than one; no allocation.
    public func reserve(
        _ command: ReserveCommand, lines: borrowing FixedList<LineAsk>, texts: Span<UInt8>,
        at now: DecisionTime, in context: inout DecisionContext
    ) -> Verdict {
        place(command, as: .reservation, lines: lines, texts: texts, at: now, in: &context)
    }

    /// Sets units aside as a hold, or allocates them to an order at once: one decision, and all but
    /// its last step is the same.
    func place(
        _ command: ReserveCommand, as kind: IdentityKind, lines: borrowing FixedList<LineAsk>,
        texts: Span<UInt8>, at now: DecisionTime, in context: inout DecisionContext
    ) -> Verdict {
        context.begin()
        let brandText = texts.extracting(command.brand.indices)
        let brand = codes.find(.brand, brand: 0, brandText, memo: context.memo)
        // With 100,000 SKUs and a million holds nearly every table access misses the cache. They are
        // asked for first, and used when they have come: what needs no table is done in between.
        if let brand { fetchCodes(of: lines, brand: brand, texts: texts, in: &context) }
        if let refusal = takeRoom(roomToPlace, for: .begins, in: &context) {
            return .refused(refusal)
        }
        defer { returnRoom(in: &context) }
        let brandHash =
            brand.map { codes.hash(of: $0) } ?? codes.hash(.brand, brand: 0, brandText)
        let identity = identity(kind, brandHash: brandHash, id: command.id)
        holds.index.prefetch(identity)
        let dealerText = texts.extracting(command.dealer.indices)
        var dealer: UInt32?
        if let brand {
            for index in 0..<lines.count { codes.prefetchRow(context.skuHashes[index]) }
            dealer = codes.find(.dealer, brand: brand, dealerText, memo: context.memo)
        }
        var missing = resolve(lines, brand: brand, texts: texts, in: &context)

        var isLastTry = !mayBeDue(at: now) || !context.mayCollect
        while true {
            holdLocks.lock(identity.stripe)
            let step = decide(
                command, identity, brand: brand, dealer: dealer, missing: missing,
                isLastTry: isLastTry, at: now, in: &context)
            holdLocks.unlock(identity.stripe)
            switch step {
            case .answer(let verdict): return verdict
            case .define(let brand):
                dealer = define(dealer: dealerText, of: brand, at: now, in: &context)
                guard dealer != nil else { return .refused(codeTableFull) }
                // The try has left its shares in the lines.
                missing = resolve(lines, brand: brand, texts: texts, in: &context)
            case .collect:
                // Collecting takes room of its own.
                returnRoom(in: &context)
                context.noteCollecting()
                if collectDue(at: now, in: &context) == .noRoom {
                    return .refused(Refusal(.journalStalled))
                }
                isLastTry = true
                if let refusal = takeRoom(roomToPlace, for: .begins, in: &context) {
                    return .refused(refusal)
                }
            }
        }
    }

    /// What a try to grant comes to.
    private enum PlacingStep {
        case answer(Verdict)
        /// Short of stock, and holds may be due that no wheel has collected: only the answer after
        /// that counts.
        case collect
        /// All is there but the dealer's code, of this brand: only a grant is worth a definition.
        case define(UInt32)
    }

    /// The dealer's definition, and the grant or an expiry of the same id.
    private var roomToPlace: Int { 2 * RecordHeader.recordByteCountMax }

    /// Hashes each line's SKU and asks for where it will be found.
    private func fetchCodes(
        of lines: borrowing FixedList<LineAsk>, brand: UInt32, texts: Span<UInt8>,
        in context: inout DecisionContext
    ) {
        context.skuHashes.removeAll()
        for index in 0..<lines.count {
            let hash = codes.hash(
                lines[index].kind.firstCode, brand: brand,
                texts.extracting(lines[index].sku.indices))
            codes.prefetch(hash)
            context.skuHashes.append(hash)
        }
    }

    /// Finds the account of each line; the refusal of the first line that has none.
    private func resolve(
        _ lines: borrowing FixedList<LineAsk>, brand: UInt32?, texts: Span<UInt8>,
        in context: inout DecisionContext
    ) -> Refusal? {
        context.asked.removeAll()
        context.choice.removeAll()
        guard let brand else {
            var refusal = Refusal(.skuNotFound)
            refusal.lineIndex = 0
            refusal.failingLines = UInt16(lines.count)
            return refusal
        }
        var missing: Refusal?
        for index in 0..<lines.count {
            let line = lines[index]
            let isOpen = line.warehouse.count == 0 && line.kind == .stock
            let sku = texts.extracting(line.sku.indices)
            let found =
                isOpen
                ? findFirstAccount(brand: brand, sku: sku, skuHash: context.skuHashes[index])
                : findAccount(
                    line.kind, brand: brand, sku: sku, skuHash: context.skuHashes[index],
                    warehouse: texts.extracting(line.warehouse.indices), memo: context.memo)
            switch found {
            case .success(let account):
                accounts.prefetch(account)
                if isOpen { context.choice.openLines += 1 }
                context.asked.legs.append(
                    ScratchLeg(
                        line: line.line, account: account, amount: line.quantity, isOpen: isOpen))
            case .failure(let absent):
                if missing == nil {
                    missing = Refusal(absent.reason)
                    missing?.lineIndex = Int32(index)
                }
                missing?.failingLines += 1
            }
        }
        guard missing == nil else { return missing }
        if context.choice.openLines > 0 {
            gatherCandidates(in: &context)
            if context.choice.isTooLarge {
                var refusal = Refusal(.batchTooLarge)
                refusal.limit = .candidates
                return refusal
            }
        } else {
            context.asked.addUp(accounts)
        }
        return nil
    }

    private func define(
        dealer text: Span<UInt8>, of brand: UInt32, at now: DecisionTime,
        in context: inout DecisionContext
    ) -> UInt32? {
        let hash = codes.hash(.dealer, brand: brand, text)
        defining.lock(0)
        defer { defining.unlock(0) }
        return findOrDefine(.dealer, brand: brand, text, hash: hash, at: now, in: &context)
    }

    private var codeTableFull: Refusal {
        var refusal = Refusal(.tableFull)
        refusal.limit = .codes
        return refusal
    }

    /// One try. The caller holds the id's stripe.
    private func decide(
        _ command: ReserveCommand, _ identity: Identity, brand: UInt32?, dealer: UInt32?,
        missing: Refusal?, isLastTry: Bool, at now: DecisionTime,
        in context: inout DecisionContext
    ) -> PlacingStep {
        if let row = findEntry(identity, brand: brand, at: now) {
            expireIfDue(row, at: now, in: &context)
            guard holds.entries[row].fingerprint == command.fingerprint else {
                context.dependsOn(holds.entries[row].sequence)
                return .answer(.refused(Refusal(.idempotencyKeyReused)))
            }
            #if PlantedFaults
                plantedSecondEffect(of: row, in: &context)
            #endif
            if identity.kind == .order {
                show(order: row, identity, in: &context)
            } else {
                show(row, in: &context)
            }
            return .answer(.replay)
        }
        if let refused = recall(identity, fingerprint: command.fingerprint, at: now, in: &context) {
            return .answer(.refused(refused))
        }
        if let missing { return .answer(.refused(missing)) }
        guard let brand else { return .answer(.refused(Refusal(.skuNotFound))) }
        holds.prefetchEntry(in: identity.stripe)
        lockAccounts(in: context)
        var isShort = false
        let unsettled = settle(
            command.fillMode, isLastTry: isLastTry, isShort: &isShort, in: &context)
        if isShort, !isLastTry {
            unlockAccounts(in: context)
            return .collect
        }
        if unsettled == nil { takeShares(as: identity.kind, in: &context) }
        if let refusal = unsettled
            ?? promiseRoom(
                in: identity.stripe, as: identity.kind, legs: context.asked.legs.count)
        {
            unlockAccounts(in: context)
            if refusal.reason.isShortage {
                remember(
                    refusal, identity, fingerprint: command.fingerprint, at: now, in: &context)
            }
            return .answer(.refused(refusal))
        }
        guard let dealer else {
            withdrawRoom(as: identity.kind, legs: context.asked.legs.count)
            unlockAccounts(in: context)
            return .define(brand)
        }
        var settled = command
        if settled.timeToLiveMilliseconds == 0 {
            settled.timeToLiveMilliseconds = timeToLiveByPolicy(in: &context)
        }
        let sequence = grant(
            settled, as: identity.kind, brand: brand, dealer: dealer, at: now, in: &context)
        unlockAccounts(in: context)
        keep(
            settled, identity, brand: brand, dealer: dealer, sequence: sequence, at: now,
            in: &context)
        return .answer(.done)
    }

    /// Locks what the decision may touch: of lines that leave the warehouse to us, all of the SKU.
    private func lockAccounts(in context: borrowing DecisionContext) {
        if context.choice.openLines > 0 {
            accountLocks.lock(sorted: context.choice.stripes)
        } else {
            accountLocks.lock(sorted: context.asked.stripes)
        }
    }

    private func unlockAccounts(in context: borrowing DecisionContext) {
        if context.choice.openLines > 0 {
            accountLocks.unlock(sorted: context.choice.stripes)
        } else {
            accountLocks.unlock(sorted: context.asked.stripes)
        }
    }

    /// Settles what each line gets. The caller holds the accounts.
    ///
    /// - Returns: nil when something is granted, else why nothing is. `isShort`: there was less than
    ///   was asked for; then nothing is settled, unless it is the last try.
    private func settle(
        _ fillMode: FillMode, isLastTry: Bool, isShort: inout Bool,
        in context: inout DecisionContext
    ) -> Refusal? {
        if context.choice.openLines > 0 {
            return allocate(fillMode, isShort: &isShort, in: &context)
        }
        let supply = measure(in: &context)
        isShort = supply == .short
        if isShort, !isLastTry { return nil }
        return settle(fillMode, supply, in: &context)
    }

    /// Brings the shares that were settled into the decision's legs.
    private func takeShares(as kind: IdentityKind, in context: inout DecisionContext) {
        if context.choice.openLines > 0 { takeChoice(in: &context) }
        // An order has only what it got.
        if kind == .order { context.asked.dropEmptyLegs() }
    }

    /// The shortest life that the policies of what is granted give a hold.
    private func timeToLiveByPolicy(in context: inout DecisionContext) -> UInt64 {
        var shortest: UInt64 = 0
        for index in 0..<context.asked.sums.count where context.asked.sums[index].amount > 0 {
            let own = accounts.sources[Int(context.asked.sums[index].account)].policy
                .holdTimeToLiveMilliseconds
            if own > 0, shortest == 0 || own < shortest { shortest = own }
        }
        return shortest > 0 ? shortest : CoreLimits.timeToLiveDefaultMilliseconds
    }

    private enum Supply {
        case enough, short, noAccount
    }

    /// Reads what every account has, and whether it is enough. The caller holds the accounts.
    private func measure(in context: inout DecisionContext) -> Supply {
        var supply = Supply.enough
        for index in 0..<context.asked.sums.count {
            let row = accounts.rows[Int(context.asked.sums[index].account)]
            // Made by a SetStock that hasn't set it: it doesn't exist for anybody yet.
            if row.version == 0 { return .noAccount }
            #if PlantedFaults
                let available = plantedAvailable(row)
            #else
                let available = row.available
            #endif
            context.asked.sums[index].available = available
            context.asked.sums[index].left = max(available, 0)
            if context.asked.sums[index].amount > available { supply = .short }
            context.dependsOn(row.sequence)
        }
        return supply
    }

    /// Settles what each leg gets, or why none gets anything. The caller holds the accounts.
    private func settle(
        _ fillMode: FillMode, _ supply: Supply, in context: inout DecisionContext
    ) -> Refusal? {
        switch supply {
        case .enough: return nil
        case .noAccount: return refusalOfUnsetAccounts(in: context)
        case .short: break
        }
        switch fillMode {
        case .allOrNothing:
            var refusal: Refusal?
            for index in 0..<context.asked.legs.count {
                let sum = context.asked.sums[Int(context.asked.legs[index].sum)]
                guard sum.amount > sum.available else { continue }
                let reason = shortage(of: sum.account)
                refusal.add(shortage(reason, of: sum), reason, line: index)
            }
            return refusal
        case .partial:
            var given: Int64 = 0
            let first = context.asked.sums[Int(context.asked.legs[0].sum)]
            for index in 0..<context.asked.legs.count {
                let sum = Int(context.asked.legs[index].sum)
                let asked = context.asked.legs[index].amount
                let share = min(asked, context.asked.sums[sum].left)
                context.asked.sums[sum].left -= share
                context.asked.legs[index].isShort = share < asked
                context.asked.legs[index].amount = share
                given += share
            }
            for index in 0..<context.asked.sums.count {
                let sum = context.asked.sums[index]
                context.asked.sums[index].amount = max(sum.available, 0) - sum.left
            }
            guard given == 0 else { return nil }
            var refusal = shortage(.insufficientStock, of: first)
            refusal.lineIndex = 0
            refusal.failingLines = UInt16(context.asked.legs.count)
            return refusal
        }
    }

    /// Why less than asked for of an account is refused.
    func shortage(of account: UInt32) -> RefusalReason {
        AccountKind(rawValue: accounts.masters[Int(account)].kind)?.shortage ?? .insufficientStock
    }

    /// Names the first line whose account was made by a SetStock that never set it.
    private func refusalOfUnsetAccounts(in context: borrowing DecisionContext) -> Refusal {
        var refusal = Refusal(.warehouseNotFound)
        for index in 0..<context.asked.legs.count {
            let account = Int(context.asked.legs[index].account)
            guard accounts.rows[account].version == 0 else { continue }
            if refusal.lineIndex < 0 { refusal.lineIndex = Int32(index) }
            refusal.failingLines += 1
        }
        return refusal
    }

    private func shortage(_ reason: RefusalReason, of sum: AccountSum) -> Refusal {
        var refusal = Refusal(reason)
        refusal.requested = sum.amount
        refusal.available = sum.available
        return refusal
    }

    /// Changes every account and appends the record. The caller holds the accounts.
    private func grant(
        _ command: ReserveCommand, as kind: IdentityKind, brand: UInt32, dealer: UInt32,
        at now: DecisionTime, in context: inout DecisionContext
    ) -> UInt64 {
        var changedAccounts = 0
        for index in 0..<context.asked.sums.count where context.asked.sums[index].amount > 0 {
            changedAccounts += 1
        }
        if kind == .order {
            RecordWriting.beginOrder(
                brand: brand, order: command.id, fingerprint: command.fingerprint,
                dealer: dealer, fillMode: command.fillMode.rawValue,
                legCount: context.asked.legs.count, accountCount: changedAccounts,
                into: &context.record)
        } else {
            RecordWriting.beginReserve(
                brand: brand, reservation: command.id, fingerprint: command.fingerprint,
                dealer: dealer, timeToLive: UInt32(command.timeToLiveMilliseconds),
                fillMode: command.fillMode.rawValue, legCount: context.asked.legs.count,
                accountCount: changedAccounts, into: &context.record)
        }
        for index in 0..<context.asked.legs.count {
            let leg = context.asked.legs[index]
            context.record.append(
                RecordLeg(
                    line: leg.line, account: leg.account, amount: UInt32(leg.amount),
                    isShort: leg.isShort))
        }
        for index in 0..<context.asked.sums.count where context.asked.sums[index].amount > 0 {
            let sum = context.asked.sums[index]
            let account = Int(sum.account)
            if kind == .order {
                accounts.rows[account].committed += sum.amount
            } else {
                accounts.rows[account].held += sum.amount
            }
            accounts.rows[account].version += 1
            accounts.rows[account].changed = now.wall
            #if PlantedFaults
                let availableMin = plantedAvailableMin
            #else
                let availableMin: Int64 = 0
            #endif
            precondition(
                accounts.rows[account].available >= availableMin, "a unit would be granted twice")
            if kind == .order {
                RecordWriting.addHeldAndCommitted(
                    account: sum.account, held: accounts.rows[account].held,
                    committed: accounts.rows[account].committed,
                    version: accounts.rows[account].version, into: &context.record)
            } else {
                RecordWriting.addHeld(
                    account: sum.account, held: accounts.rows[account].held,
                    version: accounts.rows[account].version, into: &context.record)
            }
        }
        let sequence = append(at: now, in: &context)
        for index in 0..<context.asked.sums.count where context.asked.sums[index].amount > 0 {
            accounts.rows[Int(context.asked.sums[index].account)].sequence = sequence
        }
        return sequence
    }

    /// Files the hold, or the order, that was granted. The caller holds its stripe and promised the room.
    private func keep(
        _ command: ReserveCommand, _ identity: Identity, brand: UInt32, dealer: UInt32,
        sequence: UInt64, at now: DecisionTime, in context: inout DecisionContext
    ) {
        guard let row = holds.takeEntry(in: identity.stripe)
        else { preconditionFailure("the room was promised under the same lock") }
        var entry = EntryRow()
        entry.id = command.id
        entry.fingerprint = command.fingerprint
        entry.sequence = sequence
        entry.setCreated(now)
        entry.brand = brand
        entry.dealer = dealer
        if identity.kind == .order {
            entry.state = .order
        } else {
            entry.state = .held
            entry.deadline = now.tick.advanced(byMilliseconds: command.timeToLiveMilliseconds)
        }
        entry.fillMode = command.fillMode.rawValue
        entry.legCount = UInt16(context.asked.legs.count)
        for index in stride(from: context.asked.legs.count - 1, through: 0, by: -1) {
            let asked = context.asked.legs[index]
            let leg = Leg(
                line: asked.line, account: asked.account, amount: asked.amount,
                isShort: asked.isShort)
            if entry.legCount == 1 {
                entry.leg = leg
            } else {
                entry.leg.next = holds.legs.push(leg, before: entry.leg.next)
            }
        }
        holds.entries[row] = entry
        holds.index.insert(identity, row: row)
        if identity.kind == .order {
            // Not in the wheel: an order stays until it is cancelled.
            sink.setAside(EffectSpace.order(legs: Int(entry.legCount)))
            show(order: row, identity, in: &context)
        } else {
            sink.setAside(EffectSpace.hold(legs: Int(entry.legCount)))
            holds.schedule(.entry(row), at: entry.deadline, in: identity.stripe)
            show(row, in: &context)
        }
    }
}
