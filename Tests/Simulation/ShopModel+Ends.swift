// SPDX-License-Identifier: Apache-2.0

import ReservationCore

/// Confirm and Release: of confirm, release and expiry exactly one wins.
extension ShopModel {
    /// What Confirm decides.
    enum ConfirmDecision {
        /// Confirmed before, with the same order and lines.
        case replay
        /// Nothing changes.
        case refuse(Refusal)
        /// Units that each leg confirms.
        case confirm([Int])

        var verdict: Verdict {
            switch self {
            case .replay: .replay
            case .refuse(let refusal): .refused(refusal)
            case .confirm: .done
            }
        }
    }

    /// Decides; a due hold was expired before.
    func decide(_ ask: ConfirmAsk, at now: Int) -> ConfirmDecision {
        guard let hold = hold(key(ask.brand, ask.id), at: now)
        else { return .refuse(Refusal(.reservationNotFound)) }
        switch hold.state {
        case .expired: return .refuse(refusal(.reservationExpired, hold.state))
        case .released: return .refuse(refusal(.alreadyReleased, hold.state))
        case .confirmed:
            // An order of several reservations isn't what confirming one of them makes.
            let others = order(key(ask.brand, ask.order), at: now)?.reservations.count ?? 1
            let isSame =
                hold.order == ask.order && others == 1
                && amounts(ask.lines, of: hold) == hold.confirmed
            return isSame ? .replay : .refuse(refusal(.alreadyConfirmed, hold.state))
        case .held: break
        }
        if order(key(ask.brand, ask.order), at: now) != nil, fault != .ordersReused {
            return .refuse(Refusal(.idempotencyKeyReused))
        }
        return decide(ask.lines, of: hold)
    }

    func refusal(_ reason: RefusalReason, _ state: HoldState) -> Refusal {
        var refusal = Refusal(reason)
        refusal.state = state
        return refusal
    }

    /// What lines ask for of each leg; nil when a line isn't the hold's.
    private func amounts(_ lines: [LineOfConfirm], of hold: Hold) -> [Int]? {
        if lines.isEmpty { return hold.legs.map(\.granted) }
        var amounts = [Int](repeating: 0, count: hold.legs.count)
        for line in lines {
            // A line may have several legs, which are taken in their order.
            var wanted = line.quantity
            for (index, leg) in hold.legs.enumerated()
            where leg.line == line.line && !line.contradicts(leg.account) {
                amounts[index] = min(wanted, leg.granted)
                wanted -= amounts[index]
            }
            if wanted > 0 { return nil }
        }
        return amounts
    }

    private func decide(_ lines: [LineOfConfirm], of hold: Hold) -> ConfirmDecision {
        for (index, line) in lines.enumerated() {
            let legs = hold.legs.filter { $0.line == line.line }
            if !legs.isEmpty, legs.allSatisfy({ line.contradicts($0.account) }) {
                var refusal = Refusal(.invalidField)
                refusal.lineIndex = Int32(index)
                return .refuse(refusal)
            }
        }
        var exceeding: Refusal?
        for (index, line) in lines.enumerated() {
            let meant = hold.legs.filter {
                $0.line == line.line && !line.contradicts($0.account)
            }
            let granted = meant.reduce(0) { $0 + $1.granted }
            guard line.quantity > granted else { continue }
            if exceeding == nil {
                exceeding = Refusal(.exceedsReservation)
                exceeding?.lineIndex = Int32(index)
                exceeding?.requested = Int64(line.quantity)
                exceeding?.available = Int64(granted)
            }
            exceeding?.failingLines += 1
        }
        if let exceeding { return .refuse(exceeding) }
        return .confirm(amounts(lines, of: hold) ?? [])
    }

    /// Carries a confirmation out.
    mutating func carryOut(
        _ decision: ConfirmDecision, of ask: ConfirmAsk, at now: Int, wall: Int, sequence: UInt64
    ) {
        guard case .confirm(let amounts) = decision else { return }
        let key = key(ask.brand, ask.id)
        end(key, as: .confirmed, confirmed: amounts, at: now, wall: wall, sequence: sequence)
        holds[key]?.order = ask.order
        guard let hold = holds[key] else { return }
        let legs = zip(hold.legs, amounts).filter { $0.1 > 0 }.map { leg, amount in
            OrderLeg(line: leg.line, account: leg.account, quantity: amount)
        }
        add(
            order: self.key(ask.brand, ask.order), content: nil, dealer: hold.dealer, legs: legs,
            reservations: [ask.id], wall: wall, sequence: sequence)
    }

    /// What Release answers; a due hold was expired before.
    func decideRelease(_ key: Int, at now: Int) -> Verdict {
        guard let hold = hold(key, at: now) else { return .refused(Refusal(.reservationNotFound)) }
        switch hold.state {
        case .held, .expired: return .done
        case .released: return .replay
        case .confirmed: return .refused(refusal(.alreadyConfirmed, .confirmed))
        }
    }

    /// Carries a release out.
    mutating func carryOutRelease(_ key: Int, at now: Int, wall: Int, sequence: UInt64) {
        guard let hold = hold(key, at: now) else {
            if fault == .tombstonesLost { return }
            refusedHolds[key] = remembering(
                Refusal(.alreadyReleased), 0, isTombstone: true, over: refusedHolds[key], at: now)
            rememberedCount += 1
            return
        }
        if hold.state == .held {
            end(key, as: .released, confirmed: nil, at: now, wall: wall, sequence: sequence)
        }
    }
}
