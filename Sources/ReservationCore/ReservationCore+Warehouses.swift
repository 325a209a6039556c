// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives

/// The accounts of one SKU, one for each of its warehouses: a chain that begins at its first.
///
/// A link is read and written under its account's stripe, one at a time and none held beside it, so
/// a walk meets each account that was there when it began.
extension ReservationCore {
    /// Calls `body` with the SKU's accounts, at most as many as a SKU may have. No account stripe is
    /// held. O(warehouses), a lock each.
    func forEachAccount(of sku: UInt32, _ body: (UInt32) -> Void) {
        var next = codes.firstAccount(of: sku)
        var count = 0
        while let account = next, count < CoreLimits.warehousesPerSkuMax {
            body(account)
            count += 1
            let stripe = Int(accounts.stripe(of: account))
            accountLocks.lock(stripe)
            next = accounts.sources[Int(account)].nextOfSku
            accountLocks.unlock(stripe)
        }
    }

    /// How many warehouses have an account of the SKU.
    func countWarehouses(of sku: UInt32) -> Int {
        var count = 0
        forEachAccount(of: sku) { _ in count += 1 }
        return count
    }

    /// Puts a new account behind its SKU's first; those that aren't of stock need no chain. The caller
    /// holds the defining lock or is alone.
    func chain(_ account: UInt32, _ kind: AccountKind, of sku: UInt32, in warehouse: UInt32) {
        if kind != .stock { return codes.noteFirstAccount(account, of: sku, in: warehouse) }
        guard let first = codes.firstAccount(of: sku)
        else { return codes.noteFirstAccount(account, of: sku, in: warehouse) }
        // The new one's link is in place before anybody can come to it.
        setNext(of: account, to: next(of: first))
        setNext(of: first, to: account)
    }

    private func next(of account: UInt32) -> UInt32? {
        let stripe = Int(accounts.stripe(of: account))
        accountLocks.lock(stripe)
        defer { accountLocks.unlock(stripe) }
        return accounts.sources[Int(account)].nextOfSku
    }

    private func setNext(of account: UInt32, to next: UInt32?) {
        let stripe = Int(accounts.stripe(of: account))
        accountLocks.lock(stripe)
        accounts.sources[Int(account)].nextOfSku = next
        accountLocks.unlock(stripe)
    }
}
