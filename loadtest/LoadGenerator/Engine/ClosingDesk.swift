// SPDX-License-Identifier: Apache-2.0

/// The closing phase: for each flash SKU one buyer who takes single units, one after the other, until it is
/// refused.
struct ClosingDesk: Sendable {
    /// A SKU's buyer.
    struct Buyer: Sendable {
        var bought: Int64 = 0
        /// It was told that nothing is left.
        var wasRefused = false
        /// Why it stopped otherwise.
        var note: String?
    }

    var buyers: [Buyer]
    let unitsMax: Int64

    /// Journeys of the closing phase are numbered from here, far above those of any load.
    static let firstNumber: UInt64 = 1 << 62

    init(skus: Int, unitsMax: Int64) {
        buyers = [Buyer](repeating: Buyer(), count: skus)
        self.unitsMax = unitsMax
    }

    /// The number of a buyer's next journey.
    func number(of sku: Int) -> UInt64 {
        ClosingDesk.firstNumber | UInt64(sku) << 40 | UInt64(buyers[sku].bought)
    }

    /// Takes note of how a buyer's journey ended; true when it goes on.
    mutating func note(_ row: JourneyRow) -> Bool {
        let sku = Int(row.closingSku)
        if row.hasFailed {
            buyers[sku].note = "a call of the closing phase got no answer"
        } else if row.isRefused {
            // Only a sold-out SKU is closed; another refusal proves nothing.
            buyers[sku].wasRefused = row.lastReasonWasStock
            if !row.lastReasonWasStock {
                buyers[sku].note = "the closing buyer was refused for another reason"
            }
        } else {
            buyers[sku].bought += 1
            if buyers[sku].bought < unitsMax { return true }
            buyers[sku].note = "more than \(unitsMax) units were left"
        }
        return false
    }
}
