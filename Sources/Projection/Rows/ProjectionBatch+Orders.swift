// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Journal
internal import Primitives

/// Orders that are made at once or of several reservations, and what is cancelled of them.
extension ProjectionBatch {
    mutating func order(
        _ shape: RecordShape, _ record: Span<UInt8>, _ position: RecordPosition,
        _ books: inout ProjectionBooks
    ) throws(RowFault) {
        try checkParties(shape, record, position, books)
        try checkLegs(shape, record, position, books)
        for index in 0..<shape.legCount {
            guard shape.leg(index, record).amount > 0
            else { throw RowFault(.lines, sequence: position.sequence) }
        }
        try checkFigures(shape, record, position, &books)
        append(
            shape.id(record), dealer: shape.dealer(record), reservation: nil, shape, record,
            position, books)
        applyFigures(.order, shape, record, position, &books)
    }

    mutating func orderFromHolds(
        _ shape: RecordShape, _ record: Span<UInt8>, _ position: RecordPosition,
        _ books: inout ProjectionBooks
    ) throws(RowFault) {
        try checkParties(shape, record, position, books)
        try checkLegs(shape, record, position, books)
        try checkHolds(shape, record, position, books)
        try checkFigures(shape, record, position, &books)
        let order = shape.id(record)
        for index in 0..<shape.holdCount {
            let key = holdKey(index, shape, record)
            guard let hold = books.holds[key] else { continue }
            end(key, hold, .confirmed, order, position, &books)
        }
        append(
            order, dealer: shape.dealer(record),
            reservation: shape.holdCount == 1 ? shape.hold(0, record).reservation : nil, shape,
            record, position, books)
        applyFigures(.confirm, shape, record, position, &books)
    }

    mutating func cancel(
        _ shape: RecordShape, _ record: Span<UInt8>, _ position: RecordPosition,
        _ books: inout ProjectionBooks
    ) throws(RowFault) {
        try checkLegs(shape, record, position, books)
        try checkFigures(shape, record, position, &books)
        let key = OrderIndex.Key(id: shape.id(record), brand: shape.brand)
        if let row = orderIndex.row(of: key, in: orders) {
            try cancelOwn(row, shape, record, position, books)
        } else {
            cancelStored(key, shape, record, position, books)
        }
        var units: UInt64 = 0
        for index in 0..<shape.legCount { units += UInt64(shape.leg(index, record).amount) }
        orderEvents.append(
            OrderEventRow(
                brand: key.brand, order: key.id, sequence: position.sequence, wall: position.wall,
                cause: shape.cause(record), units: units, request: shape.request(record)))
        outcomes.append(
            OutcomeRow(
                brand: key.brand, request: shape.request(record), call: .cancelOrder, stock: nil,
                reference: key.id, sequence: position.sequence, wall: position.wall))
        applyFigures(.cancel, shape, record, position, &books)
    }

    /// Notes an order and its lines; those of nothing aren't there.
    mutating func append(
        _ order: ClientID, dealer: UInt32, reservation: ClientID?, _ shape: RecordShape,
        _ record: Span<UInt8>, _ position: RecordPosition, _ books: borrowing ProjectionBooks
    ) {
        var row = OrderRow(
            brand: shape.brand, order: order, dealer: dealer, reservation: reservation,
            created: position.wall, sequence: position.sequence, changed: position.wall,
            lastSequence: position.sequence, firstLine: UInt32(orderLines.count), lineCount: 0)
        for index in 0..<shape.legCount {
            let leg = shape.leg(index, record)
            guard leg.amount > 0 else { continue }
            let account = books.accounts[legAccounts[index]]
            orderLines.append(
                OrderLineRow(
                    brand: shape.brand, order: order, sequence: position.sequence,
                    line: leg.line, sku: account.sku, warehouse: account.warehouse,
                    quantity: leg.amount))
            row.lineCount += 1
        }
        orders.append(row)
    }

    // MARK: - Parts

    private func checkParties(
        _ shape: RecordShape, _ record: Span<UInt8>, _ position: RecordPosition,
        _ books: borrowing ProjectionBooks
    ) throws(RowFault) {
        guard books.codes.isDefined(shape.brand, as: .brand, of: 0)
        else { throw RowFault(.unknownCode(shape.brand), sequence: position.sequence) }
        let dealer = shape.dealer(record)
        guard books.codes.isDefined(dealer, as: .dealer, of: shape.brand)
        else { throw RowFault(.unknownCode(dealer), sequence: position.sequence) }
    }

    private func holdKey(
        _ index: Int, _ shape: RecordShape, _ record: Span<UInt8>
    ) -> LiveHolds.Key {
        LiveHolds.Key(id: shape.hold(index, record).reservation, brand: shape.brand)
    }

    /// Each of the holds is held, and there once, with the legs that it was granted.
    private func checkHolds(
        _ shape: RecordShape, _ record: Span<UInt8>, _ position: RecordPosition,
        _ books: borrowing ProjectionBooks
    ) throws(RowFault) {
        guard (1...RowLimits.reservationsMax).contains(shape.holdCount)
        else { throw RowFault(.reservations, sequence: position.sequence) }
        var firstLeg = 0
        for index in 0..<shape.holdCount {
            let key = holdKey(index, shape, record)
            for other in 0..<index where holdKey(other, shape, record) == key {
                throw RowFault(.reservations, sequence: position.sequence)
            }
            guard let hold = books.holds[key]
            else { throw RowFault(.notHeld, sequence: position.sequence) }
            let legs = firstLeg..<firstLeg + Int(shape.hold(index, record).legCount)
            if hold.batch == number {
                try checkLines(
                    reservations[Int(hold.batchRow)], legs, shape, record, position, books)
            }
            firstLeg = legs.upperBound
        }
    }

    /// Cancels of an order that was made in the batch: its rows change, and no table is asked.
    private mutating func cancelOwn(
        _ row: Int, _ shape: RecordShape, _ record: Span<UInt8>, _ position: RecordPosition,
        _ books: borrowing ProjectionBooks
    ) throws(RowFault) {
        let order = orders[row]
        let lines = Int(order.firstLine)..<Int(order.firstLine + order.lineCount)
        // The legs come in the order of the lines, so one pass finds them all.
        for isWriting in [false, true] {
            var line = lines.lowerBound
            for index in 0..<shape.legCount {
                let leg = shape.leg(index, record)
                let warehouse = books.accounts[legAccounts[index]].warehouse
                while line < lines.upperBound,
                    orderLines[line].line != leg.line || orderLines[line].warehouse != warehouse
                {
                    line += 1
                }
                guard line < lines.upperBound,
                    leg.amount <= orderLines[line].quantity - orderLines[line].cancelled
                else { throw RowFault(.cancelled, sequence: position.sequence) }
                if isWriting { orderLines[line].cancelled += leg.amount }
                line += 1
            }
        }
        orders[row].changed = position.wall
        orders[row].lastSequence = position.sequence
        orders[row].isCancelled = lines.allSatisfy {
            orderLines[$0].cancelled == orderLines[$0].quantity
        }
    }

    /// Cancels of an order that the table has, or should have: it refuses what it doesn't have.
    private mutating func cancelStored(
        _ key: OrderIndex.Key, _ shape: RecordShape, _ record: Span<UInt8>,
        _ position: RecordPosition, _ books: borrowing ProjectionBooks
    ) {
        if let row = orderIndex.cancels[key] {
            orderCancels[row].changed = position.wall
            orderCancels[row].lastSequence = position.sequence
        } else {
            orderIndex.cancels[key] = orderCancels.count
            orderCancels.append(
                OrderCancelRow(
                    brand: key.brand, order: key.id, changed: position.wall,
                    lastSequence: position.sequence))
        }
        for index in 0..<shape.legCount {
            let leg = shape.leg(index, record)
            let line = OrderIndex.Line(
                order: key, line: leg.line,
                warehouse: books.accounts[legAccounts[index]].warehouse)
            if let row = orderIndex.lineCancels[line] {
                orderLineCancels[row].units += UInt64(leg.amount)
                orderLineCancels[row].lastSequence = position.sequence
            } else {
                orderIndex.lineCancels[line] = orderLineCancels.count
                orderLineCancels.append(
                    OrderLineCancelRow(
                        brand: key.brand, order: key.id, line: leg.line,
                        warehouse: line.warehouse, units: UInt64(leg.amount),
                        lastSequence: position.sequence))
            }
        }
    }
}
