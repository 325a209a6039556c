// SPDX-License-Identifier: Apache-2.0

public import Effects
internal import Primitives

/// The stock accounts: which codes a number stands for, and the figures after the last record. A
/// record of a hold tells held units and the version only, a stock row has all of them.
public struct AccountBook: Sendable {
    struct Account: BitwiseCopyable {
        var number: UInt32
        var brand: UInt32
        var sku: UInt32
        var warehouse: UInt32
        var figures: StockFigures
        /// 0: none was given.
        var sourceVersion: UInt64
        /// The batch that has a row of it, and which; 0: none.
        var batch: UInt32 = 0
        var batchRow: UInt32 = 0
        /// The check that met it last.
        var check: UInt64 = 0
    }

    struct Codes: Hashable {
        var brand: UInt32
        var sku: UInt32
        var warehouse: UInt32
    }

    private let capacity: Int
    private var accounts: [Account] = []
    private var rows: [UInt32: Int] = [:]
    private var rowsByCodes: [Codes: Int] = [:]

    /// Makes an empty book of at most `capacity` accounts.
    public init(capacity: Int) {
        self.capacity = capacity
    }

    /// Accounts in it.
    public var count: Int { accounts.count }

    /// Takes a stored row; `codes` must have been loaded before.
    ///
    /// - Throws: `RowFault` when it names unknown codes, is there already or out of range.
    public mutating func load(
        _ number: UInt32, brand: UInt32, sku: UInt32, warehouse: UInt32, figures: StockFigures,
        sourceVersion: UInt64, codes: CodeBook
    ) throws(RowFault) {
        try AccountBook.check(codes, brand: brand, sku: sku, warehouse: warehouse, sequence: 0)
        try AccountBook.check(figures, of: number, sequence: 0)
        guard rows[number] == nil else { throw RowFault(.accountTwice(number), sequence: 0) }
        let key = Codes(brand: brand, sku: sku, warehouse: warehouse)
        try checkNew(number, key, sequence: 0)
        _ = append(
            Account(
                number: number, brand: brand, sku: sku, warehouse: warehouse, figures: figures,
                sourceVersion: sourceVersion))
    }

    /// The figures of an account, if it is known.
    public func figures(_ number: UInt32) -> StockFigures? {
        rows[number].map { accounts[$0].figures }
    }

    // MARK: - For batches

    /// Where an account is.
    func row(_ number: UInt32) -> Int? { rows[number] }

    subscript(_ row: Int) -> Account {
        get { accounts[row] }
        _modify { yield &accounts[row] }
    }

    static func check(
        _ codes: CodeBook, brand: UInt32, sku: UInt32, warehouse: UInt32, sequence: UInt64
    ) throws(RowFault) {
        guard codes.isDefined(brand, as: .brand, of: 0)
        else { throw RowFault(.unknownCode(brand), sequence: sequence) }
        guard codes.isDefined(sku, as: .sku, of: brand)
        else { throw RowFault(.unknownCode(sku), sequence: sequence) }
        guard codes.isDefined(warehouse, as: .warehouse, of: brand)
        else { throw RowFault(.unknownCode(warehouse), sequence: sequence) }
    }

    static func check(
        _ figures: StockFigures, of account: UInt32, sequence: UInt64
    ) throws(RowFault) {
        guard figures.onHand.magnitude <= RowLimits.unitsMax,
            figures.held.magnitude <= RowLimits.unitsMax,
            figures.allocated.magnitude <= RowLimits.unitsMax,
            figures.safety.magnitude <= RowLimits.unitsMax
        else { throw RowFault(.figure(account: account), sequence: sequence) }
    }

    /// Whether an account that isn't known may get these codes.
    func checkNew(_ number: UInt32, _ codes: Codes, sequence: UInt64) throws(RowFault) {
        guard accounts.count < capacity
        else { throw RowFault(.bookFull(.accounts), sequence: sequence) }
        guard rowsByCodes[codes] == nil
        else { throw RowFault(.accountCodes(number), sequence: sequence) }
    }

    mutating func append(_ account: Account) -> Int {
        let row = accounts.count
        accounts.append(account)
        rows[account.number] = row
        rowsByCodes[
            Codes(brand: account.brand, sku: account.sku, warehouse: account.warehouse)] = row
        return row
    }

    /// Forgets the account that was made last.
    mutating func removeLast() {
        let account = accounts.removeLast()
        rows[account.number] = nil
        rowsByCodes[
            Codes(brand: account.brand, sku: account.sku, warehouse: account.warehouse)] = nil
    }
}
