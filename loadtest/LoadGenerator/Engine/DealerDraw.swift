// SPDX-License-Identifier: Apache-2.0

/// Which dealer a journey is of: a tier by its share of the journeys, in it any dealer.
struct DealerDraw: Sendable {
    /// A tier as the draw needs it.
    struct Tier: Sendable {
        var name: [UInt8]
        var dealers: Int64
        /// Journeys of this tier and of those before it, of 1.
        var ordersUpTo: Double
        var quantity: ClosedRange<Int64>
        var lines: ClosedRange<Int>
    }

    let tiers: [Tier]

    init(_ dealers: Dealers) {
        var upTo = 0.0
        tiers = dealers.tiers.map { tier in
            upTo += tier.orders
            return Tier(
                name: Array("dealer-\(tier.name)-".utf8),
                dealers: max(1, Int64((Double(dealers.count) * tier.share).rounded())),
                ordersUpTo: upTo, quantity: tier.quantity, lines: tier.lines)
        }
    }

    /// Draws a tier, and a dealer of it.
    func draw(_ stream: inout DrawStream) -> (tier: Int, dealer: UInt32) {
        let place = stream.unit()
        var tier = 0
        while tier + 1 < tiers.count, place > tiers[tier].ordersUpTo { tier += 1 }
        return (tier, UInt32(stream.number(in: 0...tiers[tier].dealers - 1)))
    }
}
