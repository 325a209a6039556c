// SPDX-License-Identifier: Apache-2.0

import Effects
import ReservationCore

/// Policies and transfers.
extension ShopModel {
    func decide(
        _ ask: PolicyAsk, at now: Int, recall: Bool, idsFull: Bool
    ) -> StockDecision {
        let brand = Shop.brand(of: ask.account)
        if let met = meet(
            key(brand, ask.request), content: ask.content, at: now, recall: recall)
        {
            return met
        }
        if let reason = absence(of: ask.account) { return .refuse(Refusal(reason), isNew: false) }
        if idsFull { return .refuse(full(.idTableFull, .ids), isNew: false) }
        return .apply(accounts[ask.account].onHand)
    }

    func decide(
        _ ask: TransferAsk, at now: Int, recall: Bool, idsFull: Bool
    ) -> StockDecision {
        let brand = Shop.brand(of: ask.from)
        if let met = meet(
            key(brand, ask.request), content: ask.content, at: now, recall: recall)
        {
            return met
        }
        if let reason = absence(of: ask.from) { return .refuse(Refusal(reason), isNew: false) }
        if let reason = absence(of: ask.to) {
            var refusal = Refusal(reason)
            refusal.isOther = true
            return .refuse(refusal, isNew: false)
        }
        let (giver, taker) = (accounts[ask.from], accounts[ask.to])
        if taker.onHand + ask.quantity > ShopModel.onHandMax {
            var refusal = full(.quantityOutOfRange, .onHand)
            refusal.isOther = true
            refusal.requested = Int64(ask.quantity)
            refusal.available = Int64(taker.onHand)
            return .refuse(refusal, isNew: false)
        }
        let there =
            fault == .safetyMoves ? giver.available + Int(giver.policy.safety) : giver.available
        if ask.quantity > there {
            var refusal = Refusal(.insufficientStock)
            refusal.requested = Int64(ask.quantity)
            refusal.available = Int64(giver.available)
            return .refuse(refusal, isNew: true)
        }
        if idsFull { return .refuse(full(.idTableFull, .ids), isNew: false) }
        return .apply(giver.onHand - ask.quantity)
    }

    /// Adds what a transfer brought; its giver was changed before.
    mutating func carryOutTransfer(_ ask: TransferAsk, wall: Int, sequence: UInt64) {
        change(ask.to, at: wall, sequence: sequence) { $0.onHand += ask.quantity }
    }

    /// Keeps a policy; the account's version was grown before.
    mutating func carryOutPolicy(_ ask: PolicyAsk) {
        accounts[ask.account].policy = ask.policy
    }
}
