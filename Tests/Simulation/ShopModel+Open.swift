// SPDX-License-Identifier: Apache-2.0

import ReservationCore

/// Lines that leave the warehouse open: the one with the most left gives first. Those that name one
/// are served before.
extension ShopModel {
    func decideOpen(_ ask: ReserveAsk) -> ReserveDecision {
        var left: [Int: Int] = [:]
        for account in accounts(of: ask) { left[account] = max(accounts[account].available, 0) }
        var fixed: [Int: Int] = [:]
        var short: [Int] = []
        for (index, line) in ask.lines.enumerated()
        where line.warehouse != nil || line.special != nil {
            let account = account(line, of: ask)
            let share = min(line.quantity, left[account] ?? 0)
            left[account, default: 0] -= share
            fixed[index] = share
            if share < line.quantity { short.append(index) }
        }
        var legs: [Leg] = []
        // Lines whose legs don't fit, and the places that are taken.
        var crowded: [Int] = []
        var places = 0
        for (index, line) in ask.lines.enumerated() {
            if let share = fixed[index] {
                legs.append(
                    Leg(
                        line: line.line, account: account(line, of: ask), asked: line.quantity,
                        granted: share))
                places += 1
                continue
            }
            // Each line that is still to come needs a leg at least.
            let most = CoreLimits.linesPerDecisionMax - (ask.lines.count - index - 1)
            let earlier = legs.count
            if !spread(line, of: ask, &left, into: &legs, most: most) { short.append(index) }
            places += legs.count - earlier
            if places > most {
                crowded.append(index)
                places = most
            }
        }
        var tooMany = full(.batchTooLarge, .legsPerDecision)
        tooMany.lineIndex = Int32(crowded.first ?? 0)
        tooMany.failingLines = UInt16(crowded.count)
        if !crowded.isEmpty, fault == .roomBeforeStock { return .refuse(tooMany, isNew: false) }
        let nothing = !legs.contains { $0.granted > 0 }
        if ask.fillMode == .allOrNothing ? !short.isEmpty : nothing {
            guard ask.fillMode == .allOrNothing else {
                var refusal = shortage(ofLine: 0, ask)
                refusal.failingLines = UInt16(ask.lines.count)
                return .refuse(refusal, isNew: true)
            }
            let worst = worst(short, of: ask)
            var refusal = shortage(ofLine: worst.line, ask)
            refusal.reason = worst.reason
            refusal.failingLines = UInt16(worst.count)
            return .refuse(refusal, isNew: true)
        }
        return crowded.isEmpty ? .grant(legs) : .refuse(tooMany, isNew: false)
    }

    /// Gives a line what there is; false when that was less than it asked for.
    private func spread(
        _ line: LineOfReserve, of ask: ReserveAsk, _ left: inout [Int: Int],
        into legs: inout [Leg], most: Int
    ) -> Bool {
        let candidates = accounts(of: line.sku, brand: ask.brand)
        var wanted = line.quantity
        while wanted > 0 {
            var best: Int?
            for account in candidates where left[account, default: 0] > 0 {
                guard let known = best else {
                    best = account
                    continue
                }
                let (one, other) = (left[account, default: 0], left[known, default: 0])
                let isBetter = fault == .emptiestFirst ? one < other : one > other
                if isBetter { best = account }
            }
            guard let best else { break }
            if ask.fillMode == .partial, legs.count >= most { break }
            let share = min(wanted, left[best, default: 0])
            left[best, default: 0] -= share
            wanted -= share
            legs.append(Leg(line: line.line, account: best, asked: share, granted: share))
        }
        guard wanted > 0 else { return true }
        if wanted < line.quantity {
            legs[legs.count - 1].asked += wanted
        } else {
            legs.append(
                Leg(line: line.line, account: candidates[0], asked: wanted, granted: 0))
        }
        return false
    }

    private func shortage(ofLine index: Int, _ ask: ReserveAsk) -> Refusal {
        let line = ask.lines[index]
        var refusal = Refusal(.insufficientStock)
        refusal.lineIndex = Int32(index)
        if line.warehouse == nil, line.special == nil {
            for other in ask.lines where other.sku == line.sku && other.special == nil {
                refusal.requested += Int64(other.quantity)
            }
            for account in accounts(of: line.sku, brand: ask.brand) {
                refusal.available += Int64(max(accounts[account].available, 0))
            }
        } else {
            let own = account(line, of: ask)
            for other in ask.lines where other.warehouse != nil || other.special != nil {
                if account(other, of: ask) == own { refusal.requested += Int64(other.quantity) }
            }
            refusal.available = Int64(accounts[own].available)
        }
        return refusal
    }
}
