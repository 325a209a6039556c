// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// Which accounts a loop grants from most: a sketch of fixed size over one of sixteen grants
/// (Metwally, Agrawal, El Abbadi: "Efficient computation of frequent and top-k elements", 2005).
///
/// Every 4,096 samples all weights are halved, so that what was hot an hour ago isn't any more. An
/// account with more than a 64th of the grants is surely in it.
struct HotAccounts {
    static let places = 64
    static let firstCell = 128
    static let cellCount = 1 + 2 * places
    /// One grant of so many is looked at.
    static let sampleInterval: UInt64 = 16
    private static let agingInterval: UInt64 = 4_096

    private let cells: TallyCells

    init(_ cells: TallyCells) { self.cells = cells }

    private static let grants = firstCell
    private static let firstAccount = firstCell + 1
    private static let firstWeight = firstCell + 1 + places

    @inline(__always)
    func granted(_ account: UInt32) {
        let grants = cells[HotAccounts.grants] &+ 1
        cells.set(grants, at: HotAccounts.grants)
        if grants % HotAccounts.sampleInterval == 0 { sample(account, grants) }
    }

    @inline(never)
    private func sample(_ account: UInt32, _ grants: UInt64) {
        if grants % (HotAccounts.sampleInterval * HotAccounts.agingInterval) == 0 { age() }
        var lightest = 0
        var least = UInt64.max
        for place in 0..<HotAccounts.places {
            if cells[HotAccounts.firstAccount + place] == UInt64(account) + 1 {
                return cells.add(1, at: HotAccounts.firstWeight + place)
            }
            let weight = cells[HotAccounts.firstWeight + place]
            if weight < least {
                least = weight
                lightest = place
            }
        }
        cells.set(UInt64(account) + 1, at: HotAccounts.firstAccount + lightest)
        cells.set(least + 1, at: HotAccounts.firstWeight + lightest)
    }

    private func age() {
        for place in 0..<HotAccounts.places {
            let cell = HotAccounts.firstWeight + place
            cells.set(cells[cell] / 2, at: cell)
        }
    }

    /// What is in a place. Any thread; a moment's mixture of two accounts is possible and harmless.
    func entry(_ place: Int) -> (account: UInt32, weight: UInt64)? {
        let account = cells[HotAccounts.firstAccount + place]
        let weight = cells[HotAccounts.firstWeight + place]
        return account == 0 || weight == 0 ? nil : (UInt32(account - 1), weight)
    }
}
