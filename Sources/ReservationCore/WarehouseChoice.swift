// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// An account that a line may take from.
struct WarehouseCandidate: BitwiseCopyable {
    /// SKU above, account below: sorted, a SKU's accounts stand together.
    var key: UInt64
    /// What the account has for a new hold; below zero after a loss.
    var available: Int64 = 0
    /// Of that, what no line has taken yet; nil in effect when the account was never set.
    var left: Int64 = 0
    var exists = false

    init(sku: UInt32, account: UInt32) {
        key = UInt64(sku) << 32 | UInt64(account)
    }

    var account: UInt32 { UInt32(truncatingIfNeeded: key) }
    var sku: UInt32 { UInt32(key >> 32) }
}

/// Which warehouses the lines of one decision may take from, where some leave that to us.
///
/// Fixed room, and a bound to what sorting it may take.
struct WarehouseChoice: ~Copyable {
    static let candidatesMax = CoreLimits.candidatesPerDecisionMax

    /// Lines of the present command that name no warehouse.
    var openLines = 0
    /// More accounts than one decision may choose from.
    var isTooLarge = false
    /// Sorted by key, each account once.
    var candidates = FixedList<WarehouseCandidate>(capacity: WarehouseChoice.candidatesMax)
    /// The locks of all candidates, ascending, each once.
    var stripes = FixedList<UInt16>(capacity: WarehouseChoice.candidatesMax)
    /// What the lines get, in line order: what becomes the decision's legs.
    var legs = FixedList<ScratchLeg>(capacity: CoreLimits.linesPerDecisionMax)

    mutating func removeAll() {
        openLines = 0
        isTooLarge = false
        candidates.removeAll()
        stripes.removeAll()
        legs.removeAll()
    }

    /// Brings the candidates into order and lists their locks.
    mutating func arrange(_ accounts: borrowing AccountTable) {
        candidates.sort { $0.key < $1.key }
        var kept = 0
        for index in 0..<candidates.count
        where kept == 0 || candidates[index].key != candidates[kept - 1].key {
            candidates[kept] = candidates[index]
            kept += 1
        }
        candidates.truncate(to: kept)
        stripes.removeAll()
        for index in 0..<candidates.count {
            stripes.append(accounts.stripe(of: candidates[index].account))
        }
        stripes.sort { $0 < $1 }
        kept = 0
        for index in 0..<stripes.count where kept == 0 || stripes[index] != stripes[kept - 1] {
            stripes[kept] = stripes[index]
            kept += 1
        }
        stripes.truncate(to: kept)
    }

    /// The candidates of a SKU: a run, by binary search.
    func run(of sku: UInt32) -> Range<Int> {
        let first = position(of: UInt64(sku) << 32)
        return first..<position(of: (UInt64(sku) + 1) << 32)
    }

    /// The first candidate whose key isn't below `key`.
    func position(of key: UInt64) -> Int {
        var low = 0
        var high = candidates.count
        while low < high {
            let middle = (low + high) / 2
            if candidates[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
