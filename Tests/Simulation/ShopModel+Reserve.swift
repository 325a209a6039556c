// SPDX-License-Identifier: Apache-2.0

import Effects
import ReservationCore

/// Reserve: identity, then existence, then room, then stock.
extension ShopModel {
    /// What Reserve decides.
    enum ReserveDecision {
        /// Granted before.
        case replay
        /// Nothing changes; `isNew` when it is to be remembered.
        case refuse(Refusal, isNew: Bool)
        /// Units for each line, and from where.
        case grant([Leg])

        var verdict: Verdict {
            switch self {
            case .replay: .replay
            case .refuse(let refusal, _): .refused(refusal)
            case .grant: .done
            }
        }
    }

    /// Which tables have no room for one more hold, or order.
    struct Room {
        var holdsFull: Bool
        var idsFull: Bool
        var legsFull: Bool
    }

    /// Decides; `recall` is false when the ring lost what it had.
    func decide(
        _ ask: ReserveAsk, isOrder: Bool = false, at now: Int, recall: Bool, room: Room
    ) -> ReserveDecision {
        let key = key(ask.brand, ask.id)
        if !isOrder, let hold = hold(key, at: now) {
            return hold.content == ask.content
                ? .replay : .refuse(Refusal(.idempotencyKeyReused), isNew: false)
        }
        if isOrder, let order = order(key, at: now) {
            return order.content == ask.content
                ? .replay : .refuse(Refusal(.idempotencyKeyReused), isNew: false)
        }
        let refused = isOrder ? refusedOrders[key] : refusedHolds[key]
        if recall, let earlier = recalled(refused, at: now) {
            return .refuse(again(earlier, content: ask.content), isNew: false)
        }
        if let missing = firstMissing(ask) { return .refuse(missing, isNew: false) }
        let decision =
            ask.lines.contains { $0.warehouse == nil && $0.special == nil }
            ? decideOpen(ask)
            : ask.fillMode == .partial ? decidePartial(ask) : decideAllOrNothing(ask)
        guard case .grant = decision else { return decision }
        if let full = full(ask, room) { return .refuse(full, isNew: false) }
        // A dealer's code is defined with the first grant.
        if !isDefined(3, brand: ask.brand, ask.dealer), codes.count >= bounds.codesMax {
            return .refuse(full(.tableFull, .codes), isNew: false)
        }
        return decision
    }

    private func full(_ ask: ReserveAsk, _ room: Room) -> Refusal? {
        var full: Refusal
        if room.holdsFull {
            full = Refusal(.tooManyHolds)
            full.limit = .holds
        } else if room.idsFull {
            full = Refusal(.idTableFull)
            full.limit = .ids
        } else if room.legsFull {
            full = Refusal(.tableFull)
            full.limit = .legs
        } else {
            return nil
        }
        return full
    }

    func again(_ earlier: Remembered, content: UInt64) -> Refusal {
        if earlier.isTombstone { return Refusal(.alreadyReleased) }
        if earlier.content != content { return Refusal(.idempotencyKeyReused) }
        var refusal = earlier.refusal
        refusal.isReplay = true
        return refusal
    }

    private func firstMissing(_ ask: ReserveAsk) -> Refusal? {
        var missing: Refusal?
        for (index, line) in ask.lines.enumerated() {
            guard let reason = absence(of: line, of: ask) else { continue }
            if missing == nil {
                missing = Refusal(reason)
                missing?.lineIndex = Int32(index)
            }
            missing?.failingLines += 1
        }
        return missing
    }

    private func absence(of line: LineOfReserve, of ask: ReserveAsk) -> RefusalReason? {
        if line.warehouse != nil || line.special != nil {
            return absence(of: account(line, of: ask))
        }
        if !isDefined(0, brand: 0, ask.brand) || !isDefined(1, brand: ask.brand, line.sku) {
            return .skuNotFound
        }
        return accounts(of: line.sku, brand: ask.brand).isEmpty ? .warehouseNotFound : nil
    }

    /// The accounts of a SKU that are there, by the core's numbers.
    func accounts(of sku: Int, brand: Int) -> [Int] {
        (0..<Shop.warehouses).map { Shop.account(brand: brand, sku: sku, warehouse: $0) }
            .filter { accounts[$0].exists }
            .sorted { (accounts[$0].number ?? 0) < (accounts[$1].number ?? 0) }
    }

    /// The account that a line names, or the first that it could mean.
    func account(_ line: LineOfReserve, of ask: ReserveAsk) -> Int {
        line.special.map { Shop.account($0, of: ask.brand) }
            ?? Shop.account(brand: ask.brand, sku: line.sku, warehouse: line.warehouse ?? 0)
    }

    /// Which of the lines that fail a refusal names: purchase limits before stock before credit.
    func worst(_ failing: [Int], of ask: ReserveAsk) -> (
        line: Int, reason: RefusalReason, count: Int
    ) {
        let reasons = failing.map { index -> RefusalReason in
            switch Shop.kind(of: account(ask.lines[index], of: ask)) {
            case .stock: .insufficientStock
            case .credit: .creditExceeded
            case .quota: .purchaseLimitExceeded
            }
        }
        let order: [RefusalReason] =
            fault == .creditBeforeStock
            ? [.creditExceeded, .purchaseLimitExceeded, .insufficientStock]
            : [.purchaseLimitExceeded, .insufficientStock, .creditExceeded]
        for reason in order {
            guard let first = reasons.firstIndex(of: reason) else { continue }
            return (failing[first], reason, reasons.count { $0 == reason })
        }
        return (0, .insufficientStock, 0)
    }

    /// All accounts that a decision looks at.
    func accounts(of ask: ReserveAsk) -> [Int] {
        ask.lines.flatMap { line in
            line.warehouse == nil && line.special == nil
                ? accounts(of: line.sku, brand: ask.brand) : [account(line, of: ask)]
        }
    }

    private func legs(_ ask: ReserveAsk, _ amounts: [Int]) -> [Leg] {
        zip(ask.lines, amounts).map { line, amount in
            Leg(
                line: line.line, account: account(line, of: ask), asked: line.quantity,
                granted: amount)
        }
    }

    /// Units asked for per account.
    private func sums(_ ask: ReserveAsk) -> [Int: Int] {
        var sums: [Int: Int] = [:]
        for line in ask.lines { sums[account(line, of: ask), default: 0] += line.quantity }
        return sums
    }

    private func decideAllOrNothing(_ ask: ReserveAsk) -> ReserveDecision {
        let sums = sums(ask)
        let wanted = ask.lines.map { line in
            fault == .linesNotSummed ? line.quantity : sums[account(line, of: ask)] ?? 0
        }
        let failing = ask.lines.indices.filter {
            wanted[$0] > accounts[account(ask.lines[$0], of: ask)].available
        }
        if !failing.isEmpty {
            let worst = worst(failing, of: ask)
            var short = Refusal(worst.reason)
            short.lineIndex = Int32(worst.line)
            short.failingLines = UInt16(worst.count)
            short.requested = Int64(wanted[worst.line])
            short.available = Int64(accounts[account(ask.lines[worst.line], of: ask)].available)
            return .refuse(short, isNew: true)
        }
        return .grant(legs(ask, ask.lines.map(\.quantity)))
    }

    private func decidePartial(_ ask: ReserveAsk) -> ReserveDecision {
        var left: [Int: Int] = [:]
        var granted = [Int](repeating: 0, count: ask.lines.count)
        let order = Array(ask.lines.indices)
        for index in fault == .partialFromTheEnd ? order.reversed() : order {
            let account = account(ask.lines[index], of: ask)
            let there = left[account] ?? max(accounts[account].available, 0)
            granted[index] = min(ask.lines[index].quantity, there)
            left[account] = there - granted[index]
        }
        if granted.contains(where: { $0 > 0 }) { return .grant(legs(ask, granted)) }
        let first = account(ask.lines[0], of: ask)
        var short = Refusal(.insufficientStock)
        short.lineIndex = 0
        short.failingLines = UInt16(ask.lines.count)
        short.requested = Int64(sums(ask)[first] ?? 0)
        short.available = Int64(accounts[first].available)
        return .refuse(short, isNew: true)
    }

    /// The highest last change of the accounts that a decision about stock speaks of.
    func lastChange(of ask: ReserveAsk) -> UInt64 {
        accounts(of: ask).map { accounts[$0].sequence }.max() ?? 0
    }

    /// How long a hold lives that doesn't say: the shortest that the policies of its accounts name.
    func timeToLive(_ ask: ReserveAsk, _ legs: [Leg]) -> Int {
        if ask.timeToLive > 0 { return ask.timeToLive }
        let named = legs.filter { $0.granted > 0 }
            .map { Int(accounts[$0.account].policy.holdTimeToLiveMilliseconds) }
        return named.filter { $0 > 0 }.min() ?? 900_000
    }

    /// Carries a decision out.
    mutating func carryOut(
        _ decision: ReserveDecision, of ask: ReserveAsk, at now: Int, wall: Int, sequence: UInt64
    ) {
        let key = key(ask.brand, ask.id)
        switch decision {
        case .replay: break
        case .refuse(let refusal, let isNew):
            guard isNew else { return }
            refusedHolds[key] = remembering(
                refusal, ask.content, sequence: lastChange(of: ask), over: refusedHolds[key],
                at: now)
            rememberedCount += 1
        case .grant(let legs):
            if let old = holds[key], let ended = old.ended {
                replaced.append(
                    (
                        ended, max(old.deadline, ended + bounds.retention),
                        old.legs.count > 1 ? old.legs.count : 0
                    ))
            }
            var sums: [Int: Int] = [:]
            for leg in legs where leg.granted > 0 { sums[leg.account, default: 0] += leg.granted }
            let timeToLive = timeToLive(ask, legs)
            for (account, units) in sums {
                change(account, at: wall, sequence: sequence) { $0.held += units }
            }
            add(
                Hold(
                    content: ask.content, dealer: ask.dealer, fillMode: ask.fillMode, legs: legs,
                    created: wall, granted: now, deadline: now + timeToLive,
                    sequence: sequence), key)
        }
    }
}
