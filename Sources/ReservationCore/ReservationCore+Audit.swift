// SPDX-License-Identifier: Apache-2.0

internal import Primitives
internal import Synchronization

/// Recounting everything, for tests and a server that has stopped serving: nobody else may decide
/// meanwhile.
extension ReservationCore {
    /// What doesn't add up, one sentence each; empty when all is well. O(everything).
    public func audit() -> [String] {
        var violations: [String] = []
        var held: [UInt32: Int64] = [:]
        var committed: [UInt32: Int64] = [:]
        var live = 0
        var known = 0
        for stripe in 0..<holds.count {
            for row in holds.touchedEntries(in: stripe) {
                let entry = holds.entries[row]
                switch entry.state {
                case .held:
                    live += 1
                    known += 2
                    holds.forEachLeg(of: entry) { held[$0.account, default: 0] += $0.amount }
                case .order:
                    known += 1
                    holds.forEachOrderLeg(of: entry) { leg, cancelled in
                        committed[leg.account, default: 0] += leg.amount - cancelled
                    }
                case .cancelled, .confirmed, .released, .expired, .forgotten: known += 1
                case .free: break
                }
            }
            for row in holds.touchedEntries(in: stripe) where holds.isOutcome(row) {
                known += 1
            }
        }
        for number in 0..<accounts.madeCount {
            let row = accounts.rows[number]
            let heldByHolds = held[UInt32(number)] ?? 0
            let committedByOrders = committed[UInt32(number)] ?? 0
            if row.held != heldByHolds {
                violations.append("account \(number): held \(row.held), live legs \(heldByHolds)")
            }
            if row.committed != committedByOrders {
                violations.append(
                    "account \(number): committed \(row.committed), orders \(committedByOrders)")
            }
            if row.capacity < 0 || row.held < 0 || row.committed < 0 {
                violations.append("account \(number): a figure is negative")
            }
        }
        if live != liveHoldCount {
            violations.append("live holds counted \(liveHoldCount), found \(live)")
        }
        if known != idCount { violations.append("ids counted \(idCount), found \(known)") }
        return violations
    }
}
