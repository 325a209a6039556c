// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives

/// What decisions read and write: one cache line, guarded by its account stripe.
struct AccountRow: BitwiseCopyable {
    var capacity: Int64 = 0
    var held: Int64 = 0
    var committed: Int64 = 0
    var floor: Int64 = 0
    /// Credit only: shipped and not paid.
    var outstanding: Int64 = 0
    /// 0 until the first figure is set: such an account doesn't exist for anybody yet.
    var version: UInt64 = 0
    var sequence: UInt64 = 0
    /// When the last change was made.
    var changed = WallTime(milliseconds: 0)

    /// What a new hold may take. Negative after a physical loss or a raised floor.
    var available: Int64 { capacity - floor - held - committed - outstanding }

    var stockFigures: StockFigures {
        StockFigures(
            onHand: capacity, held: held, allocated: committed, safety: floor, version: version)
    }
}

/// What an account stands for: written before the account is published, never again, and so read
/// without a lock.
struct AccountMaster: BitwiseCopyable {
    var brand: UInt32
    var sku: UInt32
    var warehouse: UInt32
    /// 0: a number that a journal leaves out.
    var kind: UInt8
}

/// What rarely changes, 32 bytes, guarded by the account stripe like the figures.
///
/// The limits need 40 bits each (`CoreLimits.onHandMax`), so that a time to live (27 bits) and the
/// number of another account (29 bits with its "none") fit above them.
struct AccountSource: BitwiseCopyable {
    var version: UInt64 = 0
    private var backorder: UInt64 = 0
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    private static let limitMask: UInt64 = 1 << 40 - 1
    private static let upperMask: UInt64 = 1 << 24 - 1

    /// The next account of the same SKU in the chain that begins at its first, or nil.
    var nextOfSku: UInt32? {
        get {
            let link = backorder >> 40 | (high >> 43) << 24
            return link == 0 ? nil : UInt32(link - 1)
        }
        set {
            let link = newValue.map { UInt64($0) + 1 } ?? 0
            backorder = backorder & AccountSource.limitMask | (link & AccountSource.upperMask) << 40
            high = high & (1 << 43 - 1) | (link >> 24) << 43
        }
    }

    /// The policy, but for the safety stock, which is one of the figures.
    var policy: StockPolicy {
        get {
            StockPolicy(
                backorderLimit: Int64(backorder & AccountSource.limitMask),
                lowWater: Int64(low & AccountSource.limitMask),
                highWater: Int64(high & AccountSource.limitMask),
                holdTimeToLiveMilliseconds: low >> 40 | (high >> 40 & 7) << 24)
        }
        set {
            let timeToLive = newValue.holdTimeToLiveMilliseconds
            backorder = backorder & ~AccountSource.limitMask | UInt64(newValue.backorderLimit)
            low = UInt64(newValue.lowWater) | (timeToLive & AccountSource.upperMask) << 40
            high =
                high & ~(1 << 43 - 1) | UInt64(newValue.highWater) | (timeToLive >> 24 & 7) << 40
        }
    }
}

/// Accounts by number, and their index by codes. Append-only and lock-free to search; rows are
/// made under the class-0 lock.
struct AccountTable: ~Copyable, Sendable {
    let rows: FixedTable<AccountRow>
    let masters: FixedTable<AccountMaster>
    let sources: FixedTable<AccountSource>
    private let index: PublishedIndex
    private let count: FixedTable<Int>  // one row, guarded by the class-0 lock
    private let hash: KeyedHash
    private let stripeFactor: UInt64
    private let stripeMask: UInt64

    init(capacity: Int, stripes: Int, hash: KeyedHash) {
        precondition(stripes > 0 && stripes & (stripes - 1) == 0 && stripes <= 1 << 16)
        rows = FixedTable(capacity: capacity, repeating: AccountRow())
        masters = FixedTable(
            capacity: capacity,
            repeating: AccountMaster(brand: 0, sku: 0, warehouse: 0, kind: 0))
        sources = FixedTable(capacity: capacity, repeating: AccountSource())
        index = PublishedIndex(rowsMax: capacity)
        count = FixedTable(capacity: 1, repeating: 0)
        self.hash = hash
        stripeFactor = hash([0x7374_7269_7065_7321]) | 1
        stripeMask = UInt64(stripes - 1)
    }

    static func byteCount(capacity: Int) -> Int {
        capacity
            * (MemoryLayout<AccountRow>.stride + MemoryLayout<AccountMaster>.stride
                + MemoryLayout<AccountSource>.stride + 16)
    }

    /// The hash of an account's codes.
    func hash(brand: UInt32, sku: UInt32, warehouse: UInt32) -> UInt64 {
        hash([UInt64(brand) << 32 | UInt64(sku), UInt64(warehouse)])
    }

    /// The number of an account, or nil. Lock-free.
    func find(brand: UInt32, sku: UInt32, warehouse: UInt32, hash: UInt64) -> UInt32? {
        let found = index.find(hash) { number in
            let master = masters[number]
            return master.sku == sku && master.warehouse == warehouse && master.brand == brand
        }
        return found.map { UInt32($0) }
    }

    /// The lock that guards an account's figures: a multiply-shift hash of its number under a secret
    /// factor (Dietzfelbinger et al., 1997), so that it costs no memory access.
    func stripe(of account: UInt32) -> UInt16 {
        UInt16(truncatingIfNeeded: (UInt64(account) &* stripeFactor) >> 48 & stripeMask)
    }

    /// Fetches an account's figures and policy: worth it when other work comes first.
    func prefetch(_ account: UInt32) {
        rows.prefetch(Int(account))
        sources.prefetch(Int(account))
    }

    /// Makes an account that doesn't exist yet; nil when the table is full. The caller holds the
    /// class-0 lock and looked before.
    func make(_ kind: AccountKind, brand: UInt32, sku: UInt32, warehouse: UInt32, hash: UInt64)
        -> UInt32?
    {
        let number = count[0]
        guard number < rows.capacity else { return nil }
        rows[number] = AccountRow()
        masters[number] = AccountMaster(
            brand: brand, sku: sku, warehouse: warehouse, kind: kind.rawValue)
        count[0] = number + 1
        index.insert(hash, row: number)
        return UInt32(number)
    }

    /// Makes the account that a journal has under `number`, which is free and within the table.
    /// Numbers below it that nobody made yet stay unset until their turn comes, if it does: they
    /// have no codes and nobody can find them. The caller is alone.
    func place(
        _ number: UInt32, _ kind: AccountKind, brand: UInt32, sku: UInt32, warehouse: UInt32,
        hash: UInt64
    ) {
        count[0] = max(count[0], Int(number) + 1)
        masters[Int(number)] = AccountMaster(
            brand: brand, sku: sku, warehouse: warehouse, kind: kind.rawValue)
        index.insert(hash, row: Int(number))
    }

    /// Whether `make` would find room. The caller holds the class-0 lock.
    var hasRoom: Bool { count[0] < rows.capacity }

    /// Accounts that were made. The caller holds the class-0 lock or is alone.
    var madeCount: Int { count[0] }
}
