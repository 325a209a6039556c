// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Journal
internal import Primitives

/// Reservations and the orders that they become.
extension ProjectionBatch {
    mutating func reserve(
        _ shape: RecordShape, _ record: Span<UInt8>, _ position: RecordPosition,
        _ books: inout ProjectionBooks
    ) throws(RowFault) {
        let sequence = position.sequence
        guard books.codes.isDefined(shape.brand, as: .brand, of: 0)
        else { throw RowFault(.unknownCode(shape.brand), sequence: sequence) }
        let dealer = shape.dealer(record)
        guard books.codes.isDefined(dealer, as: .dealer, of: shape.brand)
        else { throw RowFault(.unknownCode(dealer), sequence: sequence) }
        guard let fillMode = RowFillMode(rawValue: shape.fillMode)
        else { throw RowFault(.fillMode(shape.fillMode), sequence: sequence) }
        let key = LiveHolds.Key(id: shape.id(record), brand: shape.brand)
        try books.holds.check(key, sequence: sequence)
        try checkLegs(shape, record, position, books)
        try checkFigures(shape, record, position, &books)

        let timeToLive = shape.timeToLive(record)
        var row = ReservationRow(
            brand: shape.brand, reservation: key.id, grantedSequence: sequence, dealer: dealer,
            fillMode: fillMode, state: .held, created: position.wall,
            timeToLiveMilliseconds: timeToLive,
            deadline: position.tick.advanced(byMilliseconds: UInt64(timeToLive)), end: nil,
            firstLine: UInt32(reservationLines.count), lineCount: 0)
        for index in 0..<shape.legCount {
            let leg = shape.leg(index, record)
            let account = books.accounts[legAccounts[index]]
            reservationLines.append(
                ReservationLineRow(
                    brand: shape.brand, reservation: key.id, grantedSequence: sequence,
                    line: leg.line, sku: account.sku, warehouse: account.warehouse,
                    granted: leg.amount, isShort: leg.isShort))
        }
        row.lineCount = UInt32(shape.legCount)
        books.holds.insert(
            key,
            LiveHolds.Hold(
                grantedSequence: sequence, created: position.wall, dealer: dealer,
                batch: number, batchRow: UInt32(reservations.count)))
        reservations.append(row)
        applyFigures(.reserve, shape, record, position, &books)
    }

    /// A hold ends: it becomes an order, or all of it returns.
    mutating func end(
        _ state: ReservationState, _ kind: MovementRow.Kind, _ shape: RecordShape,
        _ record: Span<UInt8>, _ position: RecordPosition, _ books: inout ProjectionBooks
    ) throws(RowFault) {
        let key = LiveHolds.Key(id: shape.id(record), brand: shape.brand)
        guard let hold = books.holds[key]
        else { throw RowFault(.notHeld, sequence: position.sequence) }
        try checkLegs(shape, record, position, books)
        let isOwn = hold.batch == number
        if isOwn { try checkLines(reservations[Int(hold.batchRow)], shape, record, position) }
        try checkFigures(shape, record, position, &books)

        let order = state == .confirmed ? shape.order(record) : nil
        let end = ReservationEnd(
            sequence: position.sequence, wall: position.wall, tick: position.tick, order: order)
        if isOwn {
            reservations[Int(hold.batchRow)].state = state
            reservations[Int(hold.batchRow)].end = end
        } else {
            ends.append(
                ReservationEndRow(
                    brand: shape.brand, reservation: key.id,
                    grantedSequence: hold.grantedSequence, state: state, end: end))
            holdsBefore.append(hold)
        }
        if let order { confirm(order, key, hold, shape, record, position, books) }
        books.holds.remove(key)
        applyFigures(kind, shape, record, position, &books)
    }

    private mutating func confirm(
        _ order: ClientID, _ key: LiveHolds.Key, _ hold: LiveHolds.Hold, _ shape: RecordShape,
        _ record: Span<UInt8>, _ position: RecordPosition, _ books: borrowing ProjectionBooks
    ) {
        orders.append(
            OrderRow(
                brand: key.brand, order: order, dealer: hold.dealer, reservation: key.id,
                created: position.wall, sequence: position.sequence))
        for index in 0..<shape.legCount {
            let leg = shape.leg(index, record)
            guard leg.amount > 0 else { continue }
            let account = books.accounts[legAccounts[index]]
            orderLines.append(
                OrderLineRow(
                    brand: key.brand, order: order, line: leg.line, sku: account.sku,
                    warehouse: account.warehouse, quantity: leg.amount))
        }
    }

    // MARK: - Parts

    /// Finds the accounts of the legs; lines are numbered from 1 and there once.
    private mutating func checkLegs(
        _ shape: RecordShape, _ record: Span<UInt8>, _ position: RecordPosition,
        _ books: borrowing ProjectionBooks
    ) throws(RowFault) {
        legAccounts.removeAll(keepingCapacity: true)
        guard (1...RowLimits.legsMax).contains(shape.legCount)
        else { throw RowFault(.lines, sequence: position.sequence) }
        var highest: UInt32 = 0
        var isAscending = true
        for index in 0..<shape.legCount {
            let leg = shape.leg(index, record)
            guard leg.line > 0 else { throw RowFault(.lines, sequence: position.sequence) }
            isAscending = isAscending && leg.line > highest
            highest = max(highest, leg.line)
            legAccounts.append(try row(of: leg.account, shape.brand, position, books))
        }
        guard !isAscending else { return }
        // Clients may number lines as they like; hardly one does.
        var lines: Set<UInt32> = []
        for index in 0..<shape.legCount {
            guard lines.insert(shape.leg(index, record).line).inserted
            else { throw RowFault(.lines, sequence: position.sequence) }
        }
    }

    /// An end names the lines that were granted, and no more units of them. Of a grant in an earlier
    /// batch the lines aren't known any more: there the table is asked by the lines' numbers.
    private func checkLines(
        _ row: ReservationRow, _ shape: RecordShape, _ record: Span<UInt8>,
        _ position: RecordPosition
    ) throws(RowFault) {
        var isSame = shape.legCount == Int(row.lineCount)
        for index in 0..<shape.legCount where isSame {
            let leg = shape.leg(index, record)
            let line = reservationLines[Int(row.firstLine) + index]
            isSame = leg.line == line.line && leg.amount <= line.granted
        }
        guard isSame else { throw RowFault(.lines, sequence: position.sequence) }
    }

    /// Finds the accounts that the record changes, each once, and looks at their figures.
    private mutating func checkFigures(
        _ shape: RecordShape, _ record: Span<UInt8>, _ position: RecordPosition,
        _ books: inout ProjectionBooks
    ) throws(RowFault) {
        figureAccounts.removeAll(keepingCapacity: true)
        guard shape.figureCount <= RowLimits.legsMax
        else { throw RowFault(.lines, sequence: position.sequence) }
        books.checks += 1
        for index in 0..<shape.figureCount {
            let told = shape.figure(index, record)
            let row = try row(of: told.account, shape.brand, position, books)
            let account = books.accounts[row]
            guard account.check != books.checks
            else { throw RowFault(.accountTwice(told.account), sequence: position.sequence) }
            books.accounts[row].check = books.checks
            try check(ProjectionBatch.figures(told, account), account, position)
            figureAccounts.append(row)
        }
    }

    private mutating func applyFigures(
        _ kind: MovementRow.Kind, _ shape: RecordShape, _ record: Span<UInt8>,
        _ position: RecordPosition, _ books: inout ProjectionBooks
    ) {
        let reservation = shape.id(record)
        for index in 0..<shape.figureCount {
            let row = figureAccounts[index]
            let figures = ProjectionBatch.figures(
                shape.figure(index, record), books.accounts[row])
            change(row, to: figures, kind, line: index, reference: reservation, position, &books)
        }
    }

    /// All figures of an account after a record that tells some.
    private static func figures(
        _ told: Record.Figure, _ account: AccountBook.Account
    ) -> StockFigures {
        var figures = account.figures
        figures.held = told.held
        figures.allocated = told.committed ?? figures.allocated
        figures.version = told.version
        return figures
    }
}
