// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives

/// Policies that were set, and units that moved between warehouses.
extension LedgerModel {
    mutating func setPolicy(
        _ request: ClientID, of brand: UInt32, _ number: UInt32, _ policy: StockPolicy,
        _ figures: StockFigures
    ) {
        settle(request, of: brand, as: .setStockPolicy(account: number))
        for (field, value) in [
            ("safety stock", policy.safety), ("backorder limit", policy.backorderLimit),
            ("low water", policy.lowWater), ("high water", policy.highWater),
        ] where !(0...AuditLimits.onHandMax).contains(value) {
            violate(
                .form, "sets a \(field) of \(value); 0 to \(AuditLimits.onHandMax) are allowed")
        }
        if policy.lowWater > policy.highWater {
            violate(
                .form,
                "sets a low water of \(policy.lowWater), above the high water of "
                    + "\(policy.highWater)")
        }
        let timeToLive = policy.holdTimeToLiveMilliseconds
        if timeToLive != 0,
            !AuditLimits.timeToLive.contains(UInt32(clamping: timeToLive))
        {
            violate(
                .form,
                "sets a time to live of \(timeToLive) ms; 0, or \(AuditLimits.timeToLive.lowerBound) "
                    + "to \(AuditLimits.timeToLive.upperBound) are allowed")
        }
        guard let row = row(of: number, brand: brand, to: "sets the policy of") else { return }
        accounts[row].policy = policy
        compare(figures, row)
    }

    /// The one gives what the other gets, and of what is available only.
    mutating func transfer(
        _ request: ClientID, of brand: UInt32, _ quantity: Int64,
        from giver: (account: UInt32, figures: StockFigures),
        to taker: (account: UInt32, figures: StockFigures)
    ) {
        settle(
            request, of: brand, as: .transferStock(from: giver.account, to: taker.account))
        if !(1...AuditLimits.quantityMax).contains(quantity) {
            violate(
                .form,
                "moves \(quantity) units; 1 to \(AuditLimits.quantityMax) are allowed")
        }
        let giverRow = row(of: giver.account, brand: brand, to: "takes from")
        let takerRow = row(of: taker.account, brand: brand, to: "gives to")
        if let giverRow, let takerRow {
            let from = accounts[giverRow]
            let to = accounts[takerRow]
            if from.sku != to.sku || from.warehouse == to.warehouse {
                violate(
                    .account,
                    "moves units from \(name(ofAccount: from.number)) to "
                        + "\(name(ofAccount: to.number)), which isn't another warehouse of the SKU")
            }
        }
        if let giverRow {
            accounts[giverRow].transferred &-= quantity
            compare(giver.figures, giverRow)
            let account = accounts[giverRow]
            checkAvailable(account, held: account.held, allocated: account.allocated)
        }
        if let takerRow {
            accounts[takerRow].transferred &+= quantity
            compare(taker.figures, takerRow)
        }
    }
}
