// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Journal
internal import Primitives

/// Reservations, and the order that one of them becomes.
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

        let timeToLive = UInt64(shape.timeToLive(record))
        var row = ReservationRow(
            brand: shape.brand, reservation: key.id, grantedSequence: sequence, dealer: dealer,
            fillMode: fillMode, state: .held, created: position.wall,
            timeToLiveMilliseconds: timeToLive,
            deadline: position.tick.advanced(byMilliseconds: timeToLive), end: nil,
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
        if hold.batch == number {
            try checkLines(
                reservations[Int(hold.batchRow)], 0..<shape.legCount, shape, record, position,
                books)
        }
        try checkFigures(shape, record, position, &books)

        let order = state == .confirmed ? shape.order(record) : nil
        end(key, hold, state, order, position, &books)
        if let order {
            append(
                order, dealer: hold.dealer, reservation: key.id, shape, record, position, books)
        }
        applyFigures(kind, shape, record, position, &books)
    }

    /// Notes a hold's end, which was checked.
    mutating func end(
        _ key: LiveHolds.Key, _ hold: LiveHolds.Hold, _ state: ReservationState,
        _ order: ClientID?, _ position: RecordPosition, _ books: inout ProjectionBooks
    ) {
        let end = ReservationEnd(
            sequence: position.sequence, wall: position.wall, tick: position.tick, order: order)
        if hold.batch == number {
            reservations[Int(hold.batchRow)].state = state
            reservations[Int(hold.batchRow)].end = end
        } else {
            ends.append(
                ReservationEndRow(
                    brand: key.brand, reservation: key.id,
                    grantedSequence: hold.grantedSequence, state: state, end: end))
            holdsBefore.append(hold)
        }
        books.holds.remove(key)
    }

    /// A hold's deadline moves.
    mutating func extend(
        _ shape: RecordShape, _ record: Span<UInt8>, _ position: RecordPosition,
        _ books: inout ProjectionBooks
    ) throws(RowFault) {
        let key = LiveHolds.Key(id: shape.id(record), brand: shape.brand)
        guard let hold = books.holds[key]
        else { throw RowFault(.notHeld, sequence: position.sequence) }
        let deadline = Tick(milliseconds: shape.extendedDeadline(record))
        guard deadline.milliseconds <= RowLimits.numberMax
        else { throw RowFault(.deadline, sequence: position.sequence) }
        if hold.batch == number {
            try move(Int(hold.batchRow), to: deadline, position)
        } else if hold.extendingBatch == number {
            // Of one in the table the former deadline isn't known: there the table is asked.
            guard extensions[Int(hold.extensionRow)].deadline <= deadline
            else { throw RowFault(.deadline, sequence: position.sequence) }
            extensions[Int(hold.extensionRow)].deadline = deadline
        } else {
            // Taken back, the batch's number means nothing any more, so this needs no way back.
            var extended = hold
            extended.extendingBatch = number
            extended.extensionRow = UInt32(extensions.count)
            books.holds.insert(key, extended)
            extensions.append(
                ReservationExtensionRow(
                    brand: key.brand, reservation: key.id,
                    grantedSequence: hold.grantedSequence, deadline: deadline))
        }
        outcomes.append(
            OutcomeRow(
                brand: key.brand, request: shape.request(record), call: .extend, stock: nil,
                reference: key.id, sequence: position.sequence, wall: position.wall))
    }

    private mutating func move(
        _ row: Int, to deadline: Tick, _ position: RecordPosition
    ) throws(RowFault) {
        let former = reservations[row].deadline
        guard deadline >= former
        else { throw RowFault(.deadline, sequence: position.sequence) }
        reservations[row].timeToLiveMilliseconds +=
            deadline.milliseconds - former.milliseconds
        reservations[row].deadline = deadline
    }

    // MARK: - Parts

    /// Finds the accounts of the legs; lines are numbered from 1. A line stands together and has one
    /// leg, or several of one SKU on different accounts. In an order of holds a leg of nothing
    /// belongs to no line.
    mutating func checkLegs(
        _ shape: RecordShape, _ record: Span<UInt8>, _ position: RecordPosition,
        _ books: borrowing ProjectionBooks
    ) throws(RowFault) {
        legAccounts.removeAll(keepingCapacity: true)
        guard (1...RowLimits.legsMax).contains(shape.legCount)
        else { throw RowFault(.lines, sequence: position.sequence) }
        let skipsNothing = shape.type == .orderFromHolds
        var highest: UInt32 = 0
        var isAscending = true
        for index in 0..<shape.legCount {
            let leg = shape.leg(index, record)
            legAccounts.append(try row(of: leg.account, shape.brand, position, books))
            if skipsNothing && leg.amount == 0 { continue }
            guard leg.line > 0 else { throw RowFault(.lines, sequence: position.sequence) }
            isAscending = isAscending && leg.line > highest
            highest = max(highest, leg.line)
        }
        guard !isAscending else { return }
        try checkGroups(shape, record, position, books, skipsNothing: skipsNothing)
    }

    /// Clients may number lines as they like, and let the server choose warehouses; few do.
    private func checkGroups(
        _ shape: RecordShape, _ record: Span<UInt8>, _ position: RecordPosition,
        _ books: borrowing ProjectionBooks, skipsNothing: Bool
    ) throws(RowFault) {
        var lines: Set<UInt32> = []
        var accounts: Set<Int> = []
        var (last, sku) = (UInt32(0), UInt32(0))
        for index in 0..<shape.legCount {
            let leg = shape.leg(index, record)
            if skipsNothing && leg.amount == 0 { continue }
            let row = legAccounts[index]
            if leg.line != last {
                guard lines.insert(leg.line).inserted
                else { throw RowFault(.lines, sequence: position.sequence) }
                accounts.removeAll(keepingCapacity: true)
                (last, sku) = (leg.line, books.accounts[row].sku)
            }
            guard accounts.insert(row).inserted, books.accounts[row].sku == sku
            else { throw RowFault(.lines, sequence: position.sequence) }
        }
    }

    /// An end names what was granted, and no more units of it; those of an order of several holds
    /// have its line numbers. Of a grant in an earlier batch the lines aren't known any more.
    func checkLines(
        _ row: ReservationRow, _ legs: Range<Int>, _ shape: RecordShape, _ record: Span<UInt8>,
        _ position: RecordPosition, _ books: borrowing ProjectionBooks
    ) throws(RowFault) {
        var isSame = legs.count == Int(row.lineCount)
        for (place, index) in legs.enumerated() where isSame {
            let leg = shape.leg(index, record)
            let account = books.accounts[legAccounts[index]]
            let line = reservationLines[Int(row.firstLine) + place]
            isSame =
                leg.amount <= line.granted && account.sku == line.sku
                && account.warehouse == line.warehouse
                && (leg.line == line.line || shape.type == .orderFromHolds)
        }
        guard isSame else { throw RowFault(.lines, sequence: position.sequence) }
    }

    /// Finds the accounts that the record changes, each once, and looks at their figures.
    mutating func checkFigures(
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

    mutating func applyFigures(
        _ kind: MovementRow.Kind, _ shape: RecordShape, _ record: Span<UInt8>,
        _ position: RecordPosition, _ books: inout ProjectionBooks
    ) {
        let reference = shape.id(record)
        for index in 0..<shape.figureCount {
            let row = figureAccounts[index]
            let figures = ProjectionBatch.figures(
                shape.figure(index, record), books.accounts[row])
            change(row, to: figures, kind, line: index, reference: reference, position, &books)
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
