// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Journal
internal import Primitives

/// Codes and stock figures.
extension ProjectionBatch {
    mutating func define(
        _ shape: RecordShape, _ record: Span<UInt8>, _ position: RecordPosition,
        _ books: inout ProjectionBooks
    ) throws(RowFault) {
        let number = shape.codeNumber(record)
        let rawKind = shape.codeKind(record)
        try books.codes.define(
            number, kind: rawKind, of: shape.brand, record.extracting(shape.codeText(record)),
            sequence: position.sequence)
        guard let kind = CodeKind(rawValue: rawKind) else { return }
        codes.append(
            CodeRow(number: number, kind: kind, brand: shape.brand, sequence: position.sequence))
    }

    mutating func setStock(
        _ shape: RecordShape, _ record: Span<UInt8>, _ position: RecordPosition,
        _ books: inout ProjectionBooks
    ) throws(RowFault) {
        let number = shape.account(record)
        let (sku, warehouse) = shape.stockCodes(record)
        let key = AccountBook.Codes(brand: shape.brand, sku: sku, warehouse: warehouse)
        let figures = shape.stockFigures(record)
        try AccountBook.check(
            books.codes, brand: shape.brand, sku: sku, warehouse: warehouse,
            sequence: position.sequence)
        let row: Int
        if let known = books.accounts.row(number) {
            let account = books.accounts[known]
            guard account.brand == key.brand, account.sku == sku, account.warehouse == warehouse
            else { throw RowFault(.accountCodes(number), sequence: position.sequence) }
            try check(figures, account, position)
            row = known
        } else {
            try books.accounts.checkNew(number, key, sequence: position.sequence)
            let account = AccountBook.Account(
                number: number, brand: shape.brand, sku: sku, warehouse: warehouse,
                figures: StockFigures(onHand: 0, held: 0, allocated: 0, safety: 0, version: 0),
                sourceVersion: 0)
            try check(figures, account, position)
            row = books.accounts.append(account)
            keep(row, nil, &books)
        }
        let request = shape.id(record)
        change(row, to: figures, .set, line: 0, reference: request, position, &books)
        let sourceVersion = shape.sourceVersion(record)
        if sourceVersion > 0 {
            books.accounts[row].sourceVersion = sourceVersion
            stock[Int(books.accounts[row].batchRow)].sourceVersion = sourceVersion
        }
        outcomes.append(
            OutcomeRow(
                brand: shape.brand, request: request, call: .setStock,
                stock: OutcomeRow.Stock(sku: sku, warehouse: warehouse),
                sequence: position.sequence, wall: position.wall))
    }

    mutating func adjustStock(
        _ shape: RecordShape, _ record: Span<UInt8>, _ position: RecordPosition,
        _ books: inout ProjectionBooks
    ) throws(RowFault) {
        let row = try row(of: shape.account(record), shape.brand, position, books)
        let account = books.accounts[row]
        let figures = shape.stockFigures(record)
        try check(figures, account, position)
        let request = shape.id(record)
        change(row, to: figures, .adjust, line: 0, reference: request, position, &books)
        outcomes.append(
            OutcomeRow(
                brand: shape.brand, request: request, call: .adjustStock,
                stock: OutcomeRow.Stock(sku: account.sku, warehouse: account.warehouse),
                sequence: position.sequence, wall: position.wall))
    }

    mutating func setPolicy(
        _ shape: RecordShape, _ record: Span<UInt8>, _ position: RecordPosition,
        _ books: inout ProjectionBooks
    ) throws(RowFault) {
        let row = try row(of: shape.account(record), shape.brand, position, books)
        let account = books.accounts[row]
        let figures = shape.stockFigures(record)
        try check(figures, account, position)
        let policy = shape.policy(record)
        for units in [policy.backorderLimit, policy.lowWater, policy.highWater] {
            guard (0...Int64(RowLimits.unitsMax)).contains(units)
            else { throw RowFault(.figure(account: account.number), sequence: position.sequence) }
        }
        let request = shape.id(record)
        change(row, to: figures, .policy, line: 0, reference: request, position, &books)
        let batchRow = Int(books.accounts[row].batchRow)
        if let policyRow = stock[batchRow].policyRow {
            policies[Int(policyRow)].policy = policy
        } else {
            stock[batchRow].policyRow = UInt32(policies.count)
            policies.append(PolicyRow(account: account.number, policy: policy))
        }
        outcomes.append(
            OutcomeRow(
                brand: shape.brand, request: request, call: .setStockPolicy,
                stock: OutcomeRow.Stock(sku: account.sku, warehouse: account.warehouse),
                sequence: position.sequence, wall: position.wall))
    }

    mutating func transfer(
        _ shape: RecordShape, _ record: Span<UInt8>, _ position: RecordPosition,
        _ books: inout ProjectionBooks
    ) throws(RowFault) {
        let giver = try row(of: shape.account(record), shape.brand, position, books)
        let taker = try row(of: shape.otherAccount(record), shape.brand, position, books)
        guard giver != taker else {
            throw RowFault(
                .accountTwice(shape.account(record)), sequence: position.sequence)
        }
        let (from, to) = (books.accounts[giver], books.accounts[taker])
        // The outcome has one SKU.
        guard from.sku == to.sku
        else { throw RowFault(.accountCodes(to.number), sequence: position.sequence) }
        let (fromFigures, toFigures) = (
            shape.stockFigures(record), shape.otherStockFigures(record)
        )
        try check(fromFigures, from, position)
        try check(toFigures, to, position)
        let request = shape.id(record)
        change(giver, to: fromFigures, .transfer, line: 0, reference: request, position, &books)
        change(taker, to: toFigures, .transfer, line: 1, reference: request, position, &books)
        outcomes.append(
            OutcomeRow(
                brand: shape.brand, request: request, call: .transferStock,
                stock: OutcomeRow.Stock(
                    sku: from.sku, warehouse: from.warehouse, toWarehouse: to.warehouse),
                sequence: position.sequence, wall: position.wall))
    }

    // MARK: - Accounts

    /// Where an account of the brand is.
    func row(
        of account: UInt32, _ brand: UInt32, _ position: RecordPosition,
        _ books: borrowing ProjectionBooks
    ) throws(RowFault) -> Int {
        guard let row = books.accounts.row(account), books.accounts[row].brand == brand
        else { throw RowFault(.unknownAccount(account), sequence: position.sequence) }
        return row
    }

    /// Whether an account may stand like this after it stood like that.
    func check(
        _ figures: StockFigures, _ account: AccountBook.Account, _ position: RecordPosition
    ) throws(RowFault) {
        try AccountBook.check(figures, of: account.number, sequence: position.sequence)
        guard figures.version > account.figures.version, figures.version <= RowLimits.numberMax
        else {
            throw RowFault(
                .version(
                    account: account.number, told: figures.version,
                    known: account.figures.version),
                sequence: position.sequence)
        }
    }

    /// Notes what a record makes of an account: its row and a movement. It was checked.
    mutating func change(
        _ row: Int, to figures: StockFigures, _ kind: MovementRow.Kind, line: Int,
        reference: ClientID, _ position: RecordPosition, _ books: inout ProjectionBooks
    ) {
        if books.accounts[row].batch != number { keep(row, books.accounts[row], &books) }
        let account = books.accounts[row]
        movements.append(
            MovementRow(
                sequence: position.sequence, line: UInt32(line), kind: kind,
                account: account.number, brand: account.brand, sku: account.sku,
                warehouse: account.warehouse,
                wall: position.wall, onHandChange: figures.onHand - account.figures.onHand,
                heldChange: figures.held - account.figures.held,
                allocatedChange: figures.allocated - account.figures.allocated,
                safetyChange: figures.safety - account.figures.safety,
                reference: reference))
        books.accounts[row].figures = figures
        let batchRow = Int(account.batchRow)
        stock[batchRow].figures = figures
        stock[batchRow].sequence = position.sequence
        stock[batchRow].changed = position.wall
    }

    /// Gives an account its row in the batch, and keeps what it was.
    private mutating func keep(
        _ row: Int, _ before: AccountBook.Account?, _ books: inout ProjectionBooks
    ) {
        books.accounts[row].batch = number
        books.accounts[row].batchRow = UInt32(stock.count)
        let account = books.accounts[row]
        accountsBefore.append(AccountBefore(row: row, account: before))
        stock.append(
            StockRow(
                account: account.number, brand: account.brand, sku: account.sku,
                warehouse: account.warehouse, figures: account.figures,
                sourceVersion: account.sourceVersion, sequence: 0,
                changed: WallTime(milliseconds: 0)))
    }
}
