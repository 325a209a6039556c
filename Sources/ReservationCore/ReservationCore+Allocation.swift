// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives

/// Lines that name no warehouse: the one with the most takes the line, and what it lacks comes from
/// the next. All accounts of the SKU are looked at under their locks.
///
/// Lines that do name one are served before those, in the same decision, as they have no choice.
extension ReservationCore {
    /// Lists every account that the command's lines may take from. No lock is held.
    func gatherCandidates(in context: inout DecisionContext) {
        var sku: UInt32 = .max
        for index in 0..<context.asked.legs.count {
            let leg = context.asked.legs[index]
            let own = accounts.masters[Int(leg.account)].sku
            guard leg.isOpen else {
                consider(leg.account, of: own, in: &context)
                continue
            }
            // Lines of one SKU mostly stand together; `arrange` drops what comes twice.
            guard own != sku else { continue }
            sku = own
            forEachAccount(of: sku) { consider($0, of: sku, in: &context) }
        }
        context.choice.arrange(accounts)
    }

    private func consider(_ account: UInt32, of sku: UInt32, in context: inout DecisionContext) {
        let candidate = WarehouseCandidate(sku: sku, account: account)
        if !context.choice.candidates.append(candidate) { context.choice.isTooLarge = true }
    }

    /// Settles what each line gets and from where. The caller holds all candidates' accounts.
    ///
    /// - Returns: nil when the decision's legs are settled, else why not. `isShort` says whether
    ///   there was less than was asked for.
    func allocate(
        _ fillMode: FillMode, isShort: inout Bool, in context: inout DecisionContext
    ) -> Refusal? {
        measureCandidates(in: &context)
        context.choice.legs.removeAll()
        var refusal: Refusal?
        for index in 0..<context.asked.legs.count where !context.asked.legs[index].isOpen {
            take(line: index, fillMode, &refusal, in: &context)
        }
        var crowded: Refusal?
        for index in 0..<context.asked.legs.count {
            let leg = context.asked.legs[index]
            guard leg.isOpen else {
                context.choice.legs.append(granted(leg, leg.confirmed))
                continue
            }
            if !spread(line: index, fillMode, &refusal, in: &context) {
                crowded.add(Refusal(.batchTooLarge), .batchTooLarge, line: index)
            }
        }
        if let refusal {
            isShort = refusal.reason.isShortage
            return refusal
        }
        // Room comes after stock, as it does for ids. With what is due given back, fewer
        // warehouses may do.
        if var crowded {
            isShort = true
            crowded.limit = .legsPerDecision
            return crowded
        }
        return keepChoice(isShort: &isShort, in: &context)
    }

    /// Makes the chosen legs the decision's own.
    private func keepChoice(
        isShort: inout Bool, in context: inout DecisionContext
    ) -> Refusal? {
        var given: Int64 = 0
        for index in 0..<context.choice.legs.count {
            given += context.choice.legs[index].amount
            if context.choice.legs[index].isShort { isShort = true }
        }
        if given == 0 {
            let first = context.asked.legs[0]
            var refusal = shortage(ofLine: 0, first, in: context)
            refusal.failingLines = UInt16(context.asked.legs.count)
            return refusal
        }
        return nil
    }

    /// Puts the chosen legs in the place of the lines, once the decision stands.
    func takeChoice(in context: inout DecisionContext) {
        context.asked.legs.removeAll()
        for index in 0..<context.choice.legs.count {
            context.asked.legs.append(context.choice.legs[index])
        }
        context.asked.addUp(accounts)
    }

    private func measureCandidates(in context: inout DecisionContext) {
        for index in 0..<context.choice.candidates.count {
            let row = accounts.rows[Int(context.choice.candidates[index].account)]
            #if PlantedFaults
                let available = plantedAvailable(row)
            #else
                let available = row.available
            #endif
            context.choice.candidates[index].exists = row.version > 0
            context.choice.candidates[index].available = available
            context.choice.candidates[index].left = row.version > 0 ? max(available, 0) : 0
            context.dependsOn(row.sequence)
        }
    }

    /// A line that names its warehouse: what it gets is noted in its leg, `confirmed`.
    private func take(
        line index: Int, _ fillMode: FillMode, _ refusal: inout Refusal?,
        in context: inout DecisionContext
    ) {
        let leg = context.asked.legs[index]
        let sku = accounts.masters[Int(leg.account)].sku
        let place = context.choice.position(of: UInt64(sku) << 32 | UInt64(leg.account))
        let candidate = context.choice.candidates[place]
        guard candidate.exists else {
            return refusal.add(
                Refusal(.warehouseNotFound), .warehouseNotFound, line: index)
        }
        let share = min(candidate.left, leg.amount)
        if share < leg.amount, fillMode == .allOrNothing {
            refusal.add(
                shortage(ofLine: index, leg, in: context), shortage(of: leg.account), line: index)
        }
        context.choice.candidates[place].left -= share
        context.asked.legs[index].confirmed = share
    }

    private func granted(_ leg: ScratchLeg, _ amount: Int64) -> ScratchLeg {
        ScratchLeg(
            line: leg.line, account: leg.account, amount: amount, isShort: amount < leg.amount)
    }

    /// A line that names none: the warehouse with the most left, then the next. False when there is
    /// enough for it, but the decision has no room for so many legs.
    private func spread(
        line index: Int, _ fillMode: FillMode, _ refusal: inout Refusal?,
        in context: inout DecisionContext
    ) -> Bool {
        let leg = context.asked.legs[index]
        let run = context.choice.run(of: accounts.masters[Int(leg.account)].sku)
        // Each line that is still to come needs a leg at least.
        let most = CoreLimits.linesPerDecisionMax - (context.asked.legs.count - index - 1)
        var wanted = leg.amount
        var last = leg.account
        var exists = false
        var fits = true
        while wanted > 0 {
            guard let fullest = largest(in: run, &exists, context) else { break }
            if context.choice.legs.count >= most {
                // Partly is what was asked for, or else it doesn't fit.
                if fillMode == .partial { break }
                fits = false
            }
            let candidate = context.choice.candidates[fullest]
            let share = min(candidate.left, wanted)
            context.choice.candidates[fullest].left -= share
            wanted -= share
            last = candidate.account
            // What doesn't fit is counted all the same: a later line may be short.
            guard fits else { continue }
            context.choice.legs.append(
                ScratchLeg(line: leg.line, account: last, amount: share))
        }
        guard wanted > 0 else { return fits }
        guard exists else {
            refusal.add(Refusal(.warehouseNotFound), .warehouseNotFound, line: index)
            return true
        }
        if wanted == leg.amount {
            for index in run where context.choice.candidates[index].exists {
                last = context.choice.candidates[index].account
                break
            }
        }
        if fillMode == .allOrNothing {
            refusal.add(
                shortage(ofLine: index, leg, in: context), shortage(of: leg.account), line: index)
            return true
        }
        if wanted < leg.amount {
            context.choice.legs[context.choice.legs.count - 1].isShort = true
            return true
        }
        context.choice.legs.append(
            ScratchLeg(line: leg.line, account: last, amount: 0, isShort: true))
        return true
    }

    /// The candidate with the most left, the lowest account of equals; nil when none has any.
    private func largest(
        in run: Range<Int>, _ exists: inout Bool, _ context: borrowing DecisionContext
    ) -> Int? {
        var most: Int?
        for index in run {
            let candidate = context.choice.candidates[index]
            exists = exists || candidate.exists
            guard candidate.left > 0 else { continue }
            if let best = most, context.choice.candidates[best].left >= candidate.left { continue }
            most = index
        }
        return most
    }

    /// A line's want and what there was for it: of its account, or of its SKU in all warehouses.
    private func shortage(
        ofLine index: Int, _ leg: ScratchLeg, in context: borrowing DecisionContext
    ) -> Refusal {
        var refusal = Refusal(shortage(of: leg.account))
        refusal.lineIndex = Int32(index)
        let sku = accounts.masters[Int(leg.account)].sku
        for other in 0..<context.asked.legs.count {
            let line = context.asked.legs[other]
            let isSame =
                leg.isOpen
                ? accounts.masters[Int(line.account)].sku == sku
                : line.account == leg.account && !line.isOpen
            if isSame { refusal.requested += line.amount }
        }
        for index in context.choice.run(of: sku) {
            let candidate = context.choice.candidates[index]
            guard candidate.exists, leg.isOpen || candidate.account == leg.account
            else { continue }
            refusal.available += leg.isOpen ? max(candidate.available, 0) : candidate.available
        }
        return refusal
    }
}
