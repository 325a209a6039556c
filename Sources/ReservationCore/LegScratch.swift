// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// A leg while a decision is made.
struct ScratchLeg: BitwiseCopyable {
    var line: UInt32
    var account: UInt32
    /// Reserve: asked for, then granted. Ends: granted.
    var amount: Int64
    /// Confirm: of the amount, what is confirmed.
    var confirmed: Int64 = 0
    /// Index of the account's sum.
    var sum: UInt32 = 0
    var isShort = false
    /// Reserve, an order at once: the line names no warehouse; the account is one of its SKU's.
    var isOpen = false
}

/// What a decision does to one account, over all its legs there.
struct AccountSum: BitwiseCopyable {
    var account: UInt32
    var amount: Int64 = 0
    var confirmed: Int64 = 0
    /// Reserve: what may still be given out.
    var left: Int64 = 0
    var available: Int64 = 0
}

/// The legs of one decision, their sums per account and the locks that they need. Fixed room for
/// the largest decision, so that none allocates.
struct LegScratch: ~Copyable {
    var legs = FixedList<ScratchLeg>(capacity: CoreLimits.linesPerDecisionMax)
    var sums = FixedList<AccountSum>(capacity: CoreLimits.linesPerDecisionMax)
    var stripes = FixedList<UInt16>(capacity: CoreLimits.linesPerDecisionMax)
    private var order = FixedList<UInt64>(capacity: CoreLimits.linesPerDecisionMax)

    mutating func removeAll() {
        legs.removeAll()
        sums.removeAll()
        stripes.removeAll()
    }

    /// Sums the legs per account, accounts ascending, and lists the stripes to lock, ascending.
    mutating func addUp(_ accounts: borrowing AccountTable) {
        sums.removeAll()
        stripes.removeAll()
        if legs.count == 1 {
            let leg = legs[0]
            sums.append(
                AccountSum(account: leg.account, amount: leg.amount, confirmed: leg.confirmed))
            stripes.append(accounts.stripe(of: leg.account))
            return
        }
        // Account above, position below: sorted as plain numbers.
        order.removeAll()
        for index in 0..<legs.count {
            order.append(UInt64(legs[index].account) << 32 | UInt64(index))
        }
        order.sort { $0 < $1 }
        for position in 0..<order.count {
            let index = Int(UInt32(truncatingIfNeeded: order[position]))
            let leg = legs[index]
            if sums.isEmpty || sums[sums.count - 1].account != leg.account {
                sums.append(AccountSum(account: leg.account))
                stripes.append(accounts.stripe(of: leg.account))
            }
            sums[sums.count - 1].amount += leg.amount
            sums[sums.count - 1].confirmed += leg.confirmed
            legs[index].sum = UInt32(sums.count - 1)
        }
        stripes.sort { $0 < $1 }
        removeRepeatedStripes()
    }

    /// Forgets the legs that got nothing; the sums stay as they are.
    mutating func dropEmptyLegs() {
        var kept = 0
        for index in 0..<legs.count where legs[index].amount > 0 {
            legs[kept] = legs[index]
            kept += 1
        }
        legs.truncate(to: kept)
    }

    private mutating func removeRepeatedStripes() {
        var kept = 0
        for index in 0..<stripes.count where kept == 0 || stripes[index] != stripes[kept - 1] {
            stripes[kept] = stripes[index]
            kept += 1
        }
        stripes.truncate(to: kept)
    }
}
