// SPDX-License-Identifier: Apache-2.0

public import Effects
internal import Primitives

/// What is kept of an account: set in whole, by request.
extension ReservationCore {
    /// Sets an account's policy. Raising the safety stock may leave nothing available, and takes back
    /// nothing that was granted.
    ///
    /// - Returns: `.done` or `.replay` with `context.stock`, or why nothing changed.
    /// - Complexity: O(1); two locks.
    public func setStockPolicy(
        _ command: SetStockPolicyCommand, texts: Span<UInt8>, at now: DecisionTime,
        in context: inout DecisionContext
    ) -> Verdict {
        context.begin()
        if let refusal = takeRoom(RecordHeader.recordByteCountMax, for: .begins, in: &context) {
            return .refused(refusal)
        }
        defer { returnRoom(in: &context) }
        let brandText = texts.extracting(command.codes.brand.indices)
        let brandHash = codes.hash(.brand, brand: 0, brandText)
        let identity = identity(.request, brandHash: brandHash, id: command.request)
        let brand = codes.find(.brand, brand: 0, brandText, hash: brandHash)
        holdLocks.lock(identity.stripe)
        defer { holdLocks.unlock(identity.stripe) }
        if let verdict = meetRequest(
            identity, fingerprint: command.fingerprint, brand: brand, at: now, in: &context)
        {
            return verdict
        }
        guard let brand else { return .refused(Refusal(.skuNotFound)) }
        switch findAccount(
            command.codes.kind, brand: brand, sku: texts.extracting(command.codes.sku.indices),
            warehouse: texts.extracting(command.codes.warehouse.indices))
        {
        case .failure(let absent): return .refused(Refusal(absent.reason))
        case .success(let account):
            return setPolicy(command, identity, brand: brand, account, at: now, in: &context)
        }
    }

    /// The caller holds the request's stripe.
    private func setPolicy(
        _ command: SetStockPolicyCommand, _ identity: Identity, brand: UInt32,
        _ account: UInt32, at now: DecisionTime, in context: inout DecisionContext
    ) -> Verdict {
        let row = Int(account)
        let stripe = Int(accounts.stripe(of: account))
        accountLocks.lock(stripe)
        defer { accountLocks.unlock(stripe) }
        guard accounts.rows[row].version > 0
        else { return .refused(Refusal(.warehouseNotFound)) }
        guard let outcome = takeOutcome(in: identity.stripe)
        else { return .refused(idTableFull) }
        accounts.rows[row].floor = command.policy.safety
        accounts.rows[row].version += 1
        accounts.rows[row].changed = now.wall
        accounts.sources[row].policy = command.policy
        RecordWriting.setPolicy(
            brand: brand, request: command.request, fingerprint: command.fingerprint,
            account: account, policy: command.policy, figures: accounts.rows[row].stockFigures,
            into: &context.record)
        finish(
            outcome, identity, command.fingerprint, brand: brand, account: account, at: now,
            in: &context)
        return .done
    }
}
