// SPDX-License-Identifier: Apache-2.0

/// Forgetting what has ended, so that an old id may be granted again and memory stays bounded.
extension LedgerModel {
    /// Whether something that ended at `ended` may have been forgotten by whoever made this record.
    func isPastRetention(_ ended: UInt64) -> Bool {
        AuditLimits.tick(ended, after: retention)
            <= AuditLimits.tick(place.tick, after: tickStepBack)
    }

    /// Milliseconds from `tick` to this record.
    func since(_ tick: UInt64) -> Int64 {
        Int64(truncatingIfNeeded: place.tick) &- Int64(truncatingIfNeeded: tick)
    }

    /// Drops what no loop can remember any more. What ended in the order of the journal ended nearly
    /// in the order of ticks: whoever waits behind a later tick waits a little longer.
    mutating func forgetOld() {
        while let row = endedHolds.first,
            AuditLimits.tick(holds[Int(row)].ended, after: retention) <= highestTick
        {
            endedHolds.removeFirst()
            forget(row)
        }
        while let row = endedOrders.first,
            AuditLimits.tick(orders[Int(row)].ended, after: retention) <= highestTick
        {
            endedOrders.removeFirst()
            forgetOrder(row)
        }
        while let key = oldOutcomes.first {
            // An id that took effect again waits twice; its later place counts.
            if let outcome = outcomes[key] {
                guard AuditLimits.tick(outcome.tick, after: retention) <= highestTick else { break }
                outcomes[key] = nil
                if keepsForgotten { forgottenOutcomes.append((key, outcome)) }
            }
            oldOutcomes.removeFirst()
        }
    }

    private mutating func forget(_ row: UInt32) {
        let hold = holds[Int(row)]
        let key = EntryKey(id: hold.id, brand: hold.brand)
        if holdRows[key] == row { holdRows[key] = nil }
        holds[Int(row)].isForgotten = true
        if !keepsForgotten { freeHolds.append(row) }
    }

    private mutating func forgetOrder(_ row: UInt32) {
        let order = orders[Int(row)]
        let key = EntryKey(id: order.id, brand: order.brand)
        if orderRows[key] == row { orderRows[key] = nil }
        orders[Int(row)].isForgotten = true
        if !keepsForgotten { freeOrders.append(row) }
    }
}
