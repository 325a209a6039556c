// SPDX-License-Identifier: Apache-2.0

import Primitives
import ReservationCore

/// Orders: made at once, made of reservations, cancelled.
extension ShopModel {
    /// Files an order that was just made.
    mutating func add(
        order key: Int, content: UInt64?, dealer: Int, legs: [OrderLeg], reservations: [Int],
        wall: Int, sequence: UInt64
    ) {
        if let old = orders[key], let ended = old.ended {
            replaced.append(
                (ended, ended + bounds.retention, old.legs.count > 1 ? old.legs.count : 0))
        }
        let units = legs.reduce(0) { $0 + $1.quantity }
        orders[key] = Order(
            content: content, dealer: dealer, legs: legs, reservations: reservations,
            created: wall, changed: wall, sequence: sequence,
            events: [
                OrderEvent(
                    sequence: sequence, at: WallTime(milliseconds: Int64(wall)), kind: .created,
                    cause: 0, units: Int64(units))
            ])
        space += 160 + 40 * legs.count
    }

    /// Carries an order at once out.
    mutating func carryOutOrder(
        _ decision: ReserveDecision, of ask: ReserveAsk, at now: Int, wall: Int, sequence: UInt64
    ) {
        let key = key(ask.brand, ask.id)
        switch decision {
        case .replay: break
        case .refuse(let refusal, let isNew):
            guard isNew else { return }
            refusedOrders[key] = remembering(
                refusal, ask.content, sequence: lastChange(of: ask), over: refusedOrders[key],
                at: now)
            rememberedCount += 1
        case .grant(let granted):
            let legs = granted.filter { $0.granted > 0 }.map {
                OrderLeg(line: $0.line, account: $0.account, quantity: $0.granted)
            }
            var sums: [Int: Int] = [:]
            for leg in legs { sums[leg.account, default: 0] += leg.quantity }
            for (account, units) in sums {
                change(account, at: wall, sequence: sequence) { $0.allocated += units }
            }
            add(
                order: key, content: ask.content, dealer: ask.dealer, legs: legs,
                reservations: [], wall: wall, sequence: sequence)
        }
    }

    // MARK: - Of reservations

    /// What CreateOrder of reservations decides.
    enum OrderDecision {
        case replay
        case refuse(Refusal, isNew: Bool)
        case make([OrderLeg])

        var verdict: Verdict {
            switch self {
            case .replay: .replay
            case .refuse(let refusal, _): .refused(refusal)
            case .make: .done
            }
        }
    }

    /// Decides; holds that are due were expired before, as far as the core came.
    func decide(_ ask: OrderAsk, at now: Int, recall: Bool) -> OrderDecision {
        let key = key(ask.brand, ask.id)
        if let order = order(key, at: now) {
            return order.content == ask.content
                ? .replay : .refuse(Refusal(.idempotencyKeyReused), isNew: false)
        }
        if recall, let earlier = recalled(refusedOrders[key], at: now) {
            return .refuse(again(earlier, content: ask.content), isNew: false)
        }
        let parts = ask.reservations.map { hold(self.key(ask.brand, $0), at: now) }
        if let missing = parts.firstIndex(where: { $0 == nil }) {
            return .refuse(of(.reservationNotFound, at: missing), isNew: false)
        }
        let holds = parts.compactMap { $0 }
        if let ended = holds.firstIndex(where: { $0.state != .held }) {
            let state = holds[ended].state
            let reason: RefusalReason =
                switch state {
                case .confirmed: .alreadyConfirmed
                case .released: .alreadyReleased
                default: .reservationExpired
                }
            var refusal = refusal(reason, state)
            refusal.lineIndex = Int32(ended)
            return .refuse(refusal, isNew: true)
        }
        if fault != .dealersMixed,
            let other = holds.firstIndex(where: { $0.dealer != ask.dealer })
        {
            return .refuse(of(.invalidField, at: other), isNew: false)
        }
        if holds.reduce(0, { $0 + $1.legs.count }) > CoreLimits.linesPerDecisionMax {
            return .refuse(full(.batchTooLarge, .legsPerDecision), isNew: false)
        }
        return .make(legs(of: holds))
    }

    private func of(_ reason: RefusalReason, at index: Int) -> Refusal {
        var refusal = Refusal(reason)
        refusal.lineIndex = Int32(index)
        refusal.failingLines = 1
        return refusal
    }

    /// The lines of several reservations are numbered anew.
    private func legs(of holds: [Hold]) -> [OrderLeg] {
        var legs: [OrderLeg] = []
        var number = 0
        for hold in holds {
            var lines: [Int: Int] = [:]
            for leg in hold.legs where leg.granted > 0 {
                if lines[leg.line] == nil {
                    number += 1
                    lines[leg.line] = number
                }
                let line = holds.count == 1 ? leg.line : lines[leg.line] ?? 0
                legs.append(OrderLeg(line: line, account: leg.account, quantity: leg.granted))
            }
        }
        return legs
    }

    /// The last change of what a refused order of reservations speaks of.
    func lastChange(of ask: OrderAsk, at now: Int) -> UInt64 {
        ask.reservations.compactMap { hold(key(ask.brand, $0), at: now)?.sequence }.max() ?? 0
    }

    mutating func carryOut(
        _ decision: OrderDecision, of ask: OrderAsk, at now: Int, wall: Int, sequence: UInt64
    ) {
        let key = key(ask.brand, ask.id)
        switch decision {
        case .replay: break
        case .refuse(let refusal, let isNew):
            guard isNew else { return }
            refusedOrders[key] = remembering(
                refusal, ask.content, sequence: lastChange(of: ask, at: now),
                over: refusedOrders[key], at: now)
            rememberedCount += 1
        case .make(let legs):
            var units: [Int: Int] = [:]
            for leg in legs { units[leg.account, default: 0] += leg.quantity }
            for (account, amount) in units {
                change(account, at: wall, sequence: sequence) {
                    $0.held -= amount
                    $0.allocated += amount
                }
            }
            for id in ask.reservations {
                close(self.key(ask.brand, id), order: ask.id, at: now, sequence: sequence)
            }
            add(
                order: key, content: ask.content, dealer: ask.dealer, legs: legs,
                reservations: ask.reservations, wall: wall, sequence: sequence)
        }
    }

    /// A hold becomes part of an order; its units were moved.
    private mutating func close(_ key: Int, order: Int, at now: Int, sequence: UInt64) {
        guard var hold = holds[key] else { return }
        hold.state = .confirmed
        hold.ended = now
        hold.sequence = sequence
        hold.order = order
        hold.confirmed = hold.legs.map(\.granted)
        holds[key] = hold
        live.remove(key)
        space -= 2 * (160 + 40 * hold.legs.count)
    }

    // MARK: - Cancelling

    /// What a call with a request id that needs no figure decides.
    enum RequestDecision {
        case replay
        case refuse(Refusal, isNew: Bool)
        case apply

        var verdict: Verdict {
            switch self {
            case .replay: .replay
            case .refuse(let refusal, _): .refused(refusal)
            case .apply: .done
            }
        }
    }

    func decide(
        _ ask: CancelAsk, at now: Int, recall: Bool, idsFull: Bool
    ) -> RequestDecision {
        let met = meet(
            key(ask.brand, ask.request), content: ask.content, at: now, recall: recall)
        if case .refuse(let refusal, _) = met { return .refuse(refusal, isNew: false) }
        guard let order = order(key(ask.brand, ask.order), at: now)
        else { return .refuse(Refusal(.orderNotFound), isNew: false) }
        if met != nil { return .replay }
        if order.ended != nil {
            var refusal = Refusal(.orderStateConflict)
            refusal.orderState = .cancelled
            return .refuse(refusal, isNew: true)
        }
        var exceeding: Refusal?
        for (index, line) in ask.lines.enumerated() {
            let all = order.legs.filter { $0.line == line.line }
            let legs = all.filter { !line.contradicts($0.account) }
            if !all.isEmpty, legs.isEmpty {
                var refusal = Refusal(.invalidField)
                refusal.lineIndex = Int32(index)
                return .refuse(refusal, isNew: false)
            }
            let left = legs.reduce(0) { $0 + $1.left }
            guard line.quantity > left else { continue }
            if exceeding == nil {
                exceeding = Refusal(.exceedsReservation)
                exceeding?.lineIndex = Int32(index)
                exceeding?.requested = Int64(line.quantity)
                exceeding?.available = Int64(left)
                if all.isEmpty {
                    exceeding?.orderLines = UInt16(Set(order.legs.map(\.line)).count)
                }
            }
            exceeding?.failingLines += 1
        }
        if let exceeding { return .refuse(exceeding, isNew: true) }
        if idsFull { return .refuse(full(.idTableFull, .ids), isNew: false) }
        return .apply
    }

    mutating func carryOut(_ ask: CancelAsk, at now: Int, wall: Int, sequence: UInt64) {
        let key = key(ask.brand, ask.order)
        guard var order = orders[key] else { return }
        var gone: [Int: Int] = [:]
        var wanted: [Int: LineOfConfirm] = [:]
        for line in ask.lines { wanted[line.line] = line }
        for index in order.legs.indices {
            var share = order.legs[index].left
            if !ask.lines.isEmpty, fault != .partsCancelAll {
                let line = wanted[order.legs[index].line]
                let isMeant = line.map { !$0.contradicts(order.legs[index].account) } ?? false
                share = min(share, isMeant ? line?.quantity ?? 0 : 0)
                wanted[order.legs[index].line]?.quantity -= share
            }
            order.legs[index].cancelled += share
            if share > 0 { gone[order.legs[index].account, default: 0] += share }
        }
        for (account, units) in gone {
            change(account, at: wall, sequence: sequence) { $0.allocated -= units }
        }
        let isOver = !order.legs.contains { $0.left > 0 }
        order.events.append(
            OrderEvent(
                sequence: sequence, at: WallTime(milliseconds: Int64(wall)),
                kind: isOver ? .cancelled : .cancelledInPart, cause: ask.cause,
                units: Int64(gone.values.reduce(0, +))))
        order.changed = wall
        order.sequence = sequence
        if isOver {
            order.ended = now
            space -= 160 + 40 * order.legs.count
        }
        orders[key] = order
        answer(ask.request, brand: ask.brand, content: ask.content, at: now, sequence: sequence)
    }

    // MARK: - Extending

    func decide(
        _ ask: ExtendAsk, at now: Int, recall: Bool, idsFull: Bool
    ) -> RequestDecision {
        let met = meet(
            key(ask.brand, ask.request), content: ask.content, at: now, recall: recall)
        if case .refuse(let refusal, _) = met { return .refuse(refusal, isNew: false) }
        guard let hold = hold(key(ask.brand, ask.id), at: now)
        else { return .refuse(Refusal(.reservationNotFound), isNew: false) }
        if met != nil { return .replay }
        switch hold.state {
        case .confirmed: return .refuse(refusal(.alreadyConfirmed, .confirmed), isNew: true)
        case .released: return .refuse(refusal(.alreadyReleased, .released), isNew: true)
        case .expired: return .refuse(refusal(.reservationExpired, .expired), isNew: true)
        case .held: break
        }
        if now + ask.timeToLive > hold.granted + Int(CoreLimits.timeToLiveMaxMilliseconds) {
            return .refuse(full(.invalidField, .timeToLive), isNew: false)
        }
        if idsFull { return .refuse(full(.idTableFull, .ids), isNew: false) }
        return .apply
    }

    mutating func carryOut(_ ask: ExtendAsk, at now: Int, sequence: UInt64) {
        let key = key(ask.brand, ask.id)
        guard var hold = holds[key] else { return }
        let wanted = now + ask.timeToLive
        hold.deadline = fault == .extendShortens ? wanted : max(hold.deadline, wanted)
        hold.sequence = sequence
        holds[key] = hold
        answer(ask.request, brand: ask.brand, content: ask.content, at: now, sequence: sequence)
    }

    /// Remembers a request that took effect on no account.
    private mutating func answer(
        _ request: Int, brand: Int, content: UInt64, at now: Int, sequence: UInt64
    ) {
        let key = key(brand, request)
        if let old = answered[key] {
            replaced.append((old.tick, old.tick + bounds.retention, 0))
        }
        answered[key] = Answered(
            content: content, account: Shop.account(brand: brand, sku: 0, warehouse: 0), tick: now,
            sequence: sequence)
    }

    /// Remembers a refused request.
    mutating func refuse(
        _ refusal: Refusal, request: Int, brand: Int, content: UInt64, sequence: UInt64,
        at now: Int
    ) {
        let key = key(brand, request)
        refusedRequests[key] = remembering(
            refusal, content, sequence: sequence, over: refusedRequests[key], at: now)
        rememberedCount += 1
    }
}
