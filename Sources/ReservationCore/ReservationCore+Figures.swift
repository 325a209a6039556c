// SPDX-License-Identifier: Apache-2.0

public import Effects
public import Primitives

/// How full the tables are, and single accounts: for those who watch a server. Any thread, never often.
extension ReservationCore {
    /// How much of each table is in use; each figure by itself.
    public struct Occupancy: Sendable {
        /// Accounts that were made.
        public var accounts = 0
        /// As many as there may be.
        public var accountsMax = 0
        /// Codes that were defined.
        public var codes = 0
        /// As many as there may be.
        public var codesMax = 0
        /// Live holds.
        public var holds = 0
        /// As many as there may be.
        public var holdsMax = 0
        /// Ids remembered or promised.
        public var ids = 0
        /// As many as there may be.
        public var idsMax = 0
    }

    /// How much of each table is in use now.
    public func occupancy() -> Occupancy {
        var now = Occupancy()
        defining.lock(0)
        now.accounts = accounts.madeCount
        now.codes = codes.definedCount
        defining.unlock(0)
        now.accountsMax = configuration.accountsMax
        now.codesMax = configuration.codesMax
        now.holds = liveHoldCount
        now.holdsMax = configuration.holdsMax
        now.ids = idCount
        now.idsMax = configuration.idsMax
        return now
    }

    /// The figures of an account by its number; nil when there is none. Takes the account's lock for a
    /// moment.
    public func figures(ofAccount number: UInt32) -> StockFigures? {
        defining.lock(0)
        let isMade = Int(number) < accounts.madeCount && accounts.masters[Int(number)].kind != 0
        defining.unlock(0)
        guard isMade else { return nil }
        let stripe = Int(accounts.stripe(of: number))
        accountLocks.lock(stripe)
        defer { accountLocks.unlock(stripe) }
        return accounts.rows[Int(number)].stockFigures
    }

    /// Appends the texts of an account that exists: its brand, its SKU and its warehouse.
    public func copyCodes(
        ofAccount number: UInt32, brand: inout ByteWriter, sku: inout ByteWriter,
        warehouse: inout ByteWriter
    ) {
        let master = accounts.masters[Int(number)]
        codes.copyText(of: master.brand, into: &brand)
        codes.copyText(of: master.sku, into: &sku)
        codes.copyText(of: master.warehouse, into: &warehouse)
    }
}
