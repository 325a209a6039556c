// SPDX-License-Identifier: Apache-2.0

/// What only the end of the journal shows.
extension LedgerModel {
    /// Recounts everything: held is the sum of the live legs, allocated that of the orders. Called once,
    /// after the last record.
    mutating func finish(at tick: UInt64) {
        pass(tick)
        var live: [UInt32: Int64] = [:]
        var ordered: [UInt32: Int64] = [:]
        for index in 0..<holds.count {
            let hold = holds[index]
            switch hold.state {
            case .held:
                for leg in 0..<hold.legCount where !hold.isForgotten {
                    live[hold[leg: leg].account, default: 0] &+= Int64(hold[leg: leg].granted)
                }
            case .confirmed, .released, .expired: break
            }
        }
        // What is forgotten is cancelled, so nothing of it remains.
        for index in 0..<orders.count where !orders[index].isForgotten {
            let order = orders[index]
            for leg in 0..<order.legCount {
                ordered[order[leg: leg].account, default: 0] &+= Int64(order[leg: leg].remaining)
            }
        }
        for row in 0..<accounts.count {
            let account = accounts[row]
            let held = live[account.number] ?? 0
            if account.held != held {
                violations.add(
                    .liveLegs, at: 0,
                    "at the end \(name(ofAccount: account.number)) holds \(account.held), but "
                        + "its live reservations have \(held)")
            }
            let allocated = ordered[account.number] ?? 0
            if account.allocated != allocated {
                violations.add(
                    .allocated, at: 0,
                    "at the end \(name(ofAccount: account.number)) has \(account.allocated) "
                        + "allocated, but its orders have \(allocated)")
            }
        }
    }

    /// Whether a hold would be unknown to a server that began now. Rows that wait for another hold are
    /// forgotten too.
    func isForgotten(_ hold: ModelHold) -> Bool {
        if hold.isForgotten { return true }
        return hold.state != .held && isForgotten(since: hold.ended)
    }

    /// Whether an order would be unknown to a server that began now.
    func isForgotten(_ order: ModelOrder) -> Bool {
        order.isForgotten || order.isCancelled && isForgotten(since: order.ended)
    }

    func isForgotten(since tick: UInt64) -> Bool {
        AuditLimits.tick(tick, after: retention) <= highestTick
    }
}
