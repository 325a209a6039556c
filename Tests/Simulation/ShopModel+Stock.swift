// SPDX-License-Identifier: Apache-2.0

import ReservationCore

/// SetStock and AdjustStock: the request's identity first.
extension ShopModel {
    /// Units on hand at most.
    static let onHandMax = 1_000_000_000_000

    /// What a stock request decides.
    enum StockDecision {
        /// Answered before.
        case replay
        /// The source's version isn't newer.
        case stale
        /// Nothing changes; `isNew` when it is to be remembered.
        case refuse(Refusal, isNew: Bool)
        /// The figure afterwards.
        case apply(Int)

        var verdict: Verdict {
            switch self {
            case .replay: .replay
            case .stale, .apply: .done
            case .refuse(let refusal, _): .refused(refusal)
            }
        }
    }

    /// The answer to a request id that was met before.
    func meet(
        _ key: Int, content: UInt64, at now: Int, recall: Bool
    ) -> StockDecision? {
        if let earlier = answered[key], !isForgotten(earlier.tick, at: now) {
            return earlier.content == content
                ? .replay : .refuse(Refusal(.idempotencyKeyReused), isNew: false)
        }
        if recall, let earlier = recalled(refusedRequests[key], at: now) {
            return .refuse(again(earlier, content: content), isNew: false)
        }
        return nil
    }

    /// Decides a SetStock whose codes were defined, if there was room for all of them.
    func decide(
        _ ask: SetAsk, at now: Int, recall: Bool, idsFull: Bool
    ) -> StockDecision {
        let brand = Shop.brand(of: ask.account)
        if let met = meet(
            key(brand, ask.request), content: ask.content, at: now, recall: recall)
        {
            return met
        }
        // An account that nobody could set must not be made.
        if accounts[ask.account].number == nil, idsFull {
            return .refuse(full(.idTableFull, .ids), isNew: false)
        }
        var missing = isDefined(0, brand: 0, brand) ? 0 : 1
        for name in Shop.names(of: ask.account)
        where !isDefined(name.kind, brand: brand, name.number) {
            missing += 1
        }
        if missing > 0, codes.count + missing > bounds.codesMax {
            return .refuse(full(.tableFull, .codes), isNew: false)
        }
        let account = accounts[ask.account]
        if account.number == nil, made.count >= bounds.accountsMax {
            return .refuse(full(.tableFull, .accounts), isNew: false)
        }
        if ask.sourceVersion != 0,
            ask.sourceVersion < account.sourceVersion
                || (ask.sourceVersion == account.sourceVersion && fault != .staleApplied)
        {
            return .stale
        }
        if idsFull { return .refuse(full(.idTableFull, .ids), isNew: false) }
        return .apply(ask.onHand)
    }

    /// Decides an AdjustStock.
    func decide(
        _ ask: AdjustAsk, at now: Int, recall: Bool, idsFull: Bool
    ) -> StockDecision {
        let brand = Shop.brand(of: ask.account)
        if let met = meet(
            key(brand, ask.request), content: ask.content, at: now, recall: recall)
        {
            return met
        }
        if let reason = absence(of: ask.account) { return .refuse(Refusal(reason), isNew: false) }
        let account = accounts[ask.account]
        if let expected = ask.expectedVersion, expected != account.version {
            var refusal = Refusal(.versionMismatch)
            refusal.requested = Int64(clamping: expected)
            refusal.available = Int64(clamping: account.version)
            return .refuse(refusal, isNew: false)
        }
        let after = account.onHand + ask.delta
        if after < 0 {
            var refusal = Refusal(.insufficientStock)
            refusal.requested = Int64(-ask.delta)
            refusal.available = Int64(account.onHand)
            return .refuse(refusal, isNew: true)
        }
        if after > ShopModel.onHandMax {
            var refusal = full(.quantityOutOfRange, .onHand)
            refusal.requested = Int64(ask.delta)
            refusal.available = Int64(account.onHand)
            return .refuse(refusal, isNew: false)
        }
        if idsFull { return .refuse(full(.idTableFull, .ids), isNew: false) }
        return .apply(after)
    }

    func full(_ reason: RefusalReason, _ limit: CoreLimit) -> Refusal {
        var refusal = Refusal(reason)
        refusal.limit = limit
        return refusal
    }

    /// A SetStock that gets past its identity and its codes makes the account.
    mutating func makeAccount(_ account: Int) {
        guard accounts[account].number == nil, made.count < bounds.accountsMax else { return }
        accounts[account].number = UInt32(made.count)
        made.append(account)
    }

    /// Carries a decision out.
    mutating func carryOut(
        _ decision: StockDecision, request: Int, account: Int, content: UInt64,
        sourceVersion: UInt64, at now: Int, wall: Int, sequence: UInt64
    ) {
        let key = key(Shop.brand(of: account), request)
        switch decision {
        case .replay, .stale: break
        case .refuse(let refusal, let isNew):
            guard isNew else { return }
            refusedRequests[key] = remembering(
                refusal, content, sequence: accounts[account].sequence,
                over: refusedRequests[key], at: now)
            rememberedCount += 1
        case .apply(let onHand):
            if let old = answered[key] {
                replaced.append((old.tick, old.tick + bounds.retention, 0))
            }
            change(account, at: wall, sequence: sequence) {
                $0.onHand = onHand
                if sourceVersion != 0 { $0.sourceVersion = sourceVersion }
            }
            answered[key] = Answered(
                content: content, account: account, tick: now, sequence: sequence)
        }
    }
}
