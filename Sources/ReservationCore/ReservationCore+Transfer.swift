// SPDX-License-Identifier: Apache-2.0

public import Effects
internal import Primitives

/// Moving units from one warehouse to another: both figures in one decision.
extension ReservationCore {
    /// Takes units from what is available in one warehouse and adds them to another.
    ///
    /// - Returns: `.done` or `.replay` with `context.stock` (the one that gave) and
    ///   `context.otherStock`, or why nothing changed.
    /// - Complexity: O(1); three locks.
    public func transferStock(
        _ command: TransferStockCommand, texts: Span<UInt8>, at now: DecisionTime,
        in context: inout DecisionContext
    ) -> Verdict {
        context.begin()
        if let refusal = takeRoom(RecordHeader.recordByteCountMax, for: .begins, in: &context) {
            return .refused(refusal)
        }
        defer { returnRoom(in: &context) }
        let brandText = texts.extracting(command.brand.indices)
        let brandHash = codes.hash(.brand, brand: 0, brandText)
        let identity = identity(.request, brandHash: brandHash, id: command.request)
        let brand = codes.find(.brand, brand: 0, brandText, hash: brandHash)
        holdLocks.lock(identity.stripe)
        defer { holdLocks.unlock(identity.stripe) }
        let met = meetRequest(
            identity, fingerprint: command.fingerprint, brand: brand, at: now, in: &context)
        if case .refused = met { return met ?? .replay }
        guard let brand else { return .refused(Refusal(.skuNotFound)) }
        let sku = texts.extracting(command.sku.indices)
        let from: UInt32
        switch findAccount(
            brand: brand, sku: sku, warehouse: texts.extracting(command.fromWarehouse.indices))
        {
        case .failure(let absent): return .refused(Refusal(absent.reason))
        case .success(let account): from = account
        }
        let to: UInt32
        switch findAccount(
            brand: brand, sku: sku, warehouse: texts.extracting(command.toWarehouse.indices))
        {
        case .failure(let absent): return .refused(ofOther(absent.reason))
        case .success(let account): to = account
        }
        let first = min(accounts.stripe(of: from), accounts.stripe(of: to))
        let second = max(accounts.stripe(of: from), accounts.stripe(of: to))
        accountLocks.lock(Int(first))
        if second != first { accountLocks.lock(Int(second)) }
        defer {
            if second != first { accountLocks.unlock(Int(second)) }
            accountLocks.unlock(Int(first))
        }
        if met == .replay {
            showBoth(from, to, in: &context)
            return .replay
        }
        return move(command, identity, brand: brand, from: from, to: to, at: now, in: &context)
    }

    private func ofOther(_ reason: RefusalReason) -> Refusal {
        var refusal = Refusal(reason)
        refusal.isOther = true
        return refusal
    }

    private func showBoth(_ from: UInt32, _ to: UInt32, in context: inout DecisionContext) {
        show(account: to, in: &context)
        context.otherStock = context.stock
        show(account: from, in: &context)
    }

    private func markChanged(_ account: UInt32, at now: DecisionTime) {
        accounts.rows[Int(account)].version += 1
        accounts.rows[Int(account)].changed = now.wall
    }

    /// The caller holds the request's stripe and both accounts.
    private func move(
        _ command: TransferStockCommand, _ identity: Identity, brand: UInt32, from: UInt32,
        to: UInt32, at now: DecisionTime, in context: inout DecisionContext
    ) -> Verdict {
        let giver = accounts.rows[Int(from)]
        let taker = accounts.rows[Int(to)]
        guard giver.version > 0 else { return .refused(Refusal(.warehouseNotFound)) }
        guard taker.version > 0 else { return .refused(ofOther(.warehouseNotFound)) }
        context.dependsOn(giver.sequence)
        context.dependsOn(taker.sequence)
        guard taker.capacity + command.quantity <= CoreLimits.onHandMax else {
            var refusal = ofOther(.quantityOutOfRange)
            refusal.requested = command.quantity
            refusal.available = taker.capacity
            refusal.limit = .onHand
            return .refused(refusal)
        }
        guard command.quantity <= giver.available else {
            var refusal = Refusal(.insufficientStock)
            refusal.requested = command.quantity
            refusal.available = giver.available
            remember(refusal, identity, fingerprint: command.fingerprint, at: now, in: &context)
            return .refused(refusal)
        }
        guard let outcome = takeOutcome(in: identity.stripe)
        else { return .refused(idTableFull) }
        accounts.rows[Int(from)].capacity -= command.quantity
        accounts.rows[Int(to)].capacity += command.quantity
        markChanged(from, at: now)
        markChanged(to, at: now)
        RecordWriting.transfer(
            brand: brand, request: command.request, fingerprint: command.fingerprint,
            quantity: command.quantity, from: from, to: to,
            fromFigures: accounts.rows[Int(from)].stockFigures,
            toFigures: accounts.rows[Int(to)].stockFigures, into: &context.record)
        let sequence = append(at: now, in: &context)
        accounts.rows[Int(from)].sequence = sequence
        accounts.rows[Int(to)].sequence = sequence
        file(
            outcome, identity, command.fingerprint, brand: brand, account: from,
            sequence: sequence, at: now)
        showBoth(from, to, in: &context)
        return .done
    }
}
