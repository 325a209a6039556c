// SPDX-License-Identifier: Apache-2.0

import Effects
import Journal
import Primitives
import Projection
import Testing

@testable import Audit

/// The tables with all their columns, changed as the writer's statements change them, and compared
/// with what the checker of the tables expects of the same journal.
struct RowTables {
    private struct Line: Hashable {
        var made: UInt64
        var line: UInt32
        var warehouse: UInt32
    }

    private var codes: [CodeRow] = []
    private var stock: [UInt32: (row: StockRow, policy: StockPolicy)] = [:]
    private var reservations: [UInt64: ReservationRow] = [:]
    private var reservationLines: [Line: ReservationLineRow] = [:]
    private(set) var orders: [UInt64: OrderRow] = [:]
    private var orderLines: [Line: OrderLineRow] = [:]
    private(set) var events: [(row: OrderEventRow, made: UInt64, isEnd: Bool)] = []
    private var movements: [MovementRow] = []
    private(set) var outcomes: [OutcomeRow] = []
    private(set) var mistakes: [String] = []

    /// Writes a batch, as one transaction would.
    mutating func apply(_ batch: ProjectionBatch) {
        codes += batch.codes
        movements += batch.movements
        outcomes += batch.outcomes
        for row in batch.reservations {
            if reservations.updateValue(row, forKey: row.grantedSequence) != nil {
                mistakes.append("reservation twice")
            }
        }
        for row in batch.reservationLines {
            let key = Line(made: row.grantedSequence, line: row.line, warehouse: row.warehouse)
            if reservationLines.updateValue(row, forKey: key) != nil {
                mistakes.append("reservation line twice")
            }
        }
        for row in batch.orders {
            if orders.updateValue(row, forKey: row.sequence) != nil {
                mistakes.append("order twice")
            }
        }
        for row in batch.orderLines {
            let key = Line(made: row.sequence, line: row.line, warehouse: row.warehouse)
            if orderLines.updateValue(row, forKey: key) != nil {
                mistakes.append("order line twice")
            }
        }
        changeStock(batch)
        changeReservations(batch)
        changeOrders(batch)
    }

    private mutating func changeStock(_ batch: ProjectionBatch) {
        for row in batch.stock {
            stock[row.account] = (row, stock[row.account]?.policy ?? StockPolicy())
        }
        for row in batch.policies {
            if stock[row.account] == nil { mistakes.append("policy of nothing") }
            stock[row.account]?.policy = row.policy
        }
    }

    private mutating func changeReservations(_ batch: ProjectionBatch) {
        for row in batch.extensions {
            guard let former = reservations[row.grantedSequence], former.state == .held,
                former.deadline <= row.deadline
            else {
                mistakes.append("extends what isn't held")
                continue
            }
            reservations[row.grantedSequence]?.timeToLiveMilliseconds +=
                row.deadline.milliseconds - former.deadline.milliseconds
            reservations[row.grantedSequence]?.deadline = row.deadline
        }
        for row in batch.ends {
            if reservations[row.grantedSequence]?.state != .held {
                mistakes.append("ends what isn't held")
            }
            reservations[row.grantedSequence]?.state = row.state
            reservations[row.grantedSequence]?.end = row.end
        }
    }

    /// The uncancelled order of an id that was made before a record.
    private func order(
        _ brand: UInt32, _ id: ClientID, before sequence: UInt64, cancelled: Bool
    ) -> UInt64? {
        let found = orders.values.filter {
            $0.brand == brand && $0.order == id && $0.sequence < sequence
                && (cancelled || !$0.isCancelled)
        }
        return cancelled
            ? found.map(\.sequence).max() : found.count == 1 ? found[0].sequence : nil
    }

    private mutating func changeOrders(_ batch: ProjectionBatch) {
        for row in batch.orderLineCancels {
            guard
                let made = order(row.brand, row.order, before: row.lastSequence, cancelled: false)
            else {
                mistakes.append("a line of no order is cancelled")
                continue
            }
            let key = Line(made: made, line: row.line, warehouse: row.warehouse)
            let left = orderLines[key].map { UInt64($0.quantity - $0.cancelled) } ?? 0
            if row.units > left { mistakes.append("more is cancelled than there is") }
            orderLines[key]?.cancelled += UInt32(min(row.units, left))
        }
        for row in batch.orderCancels {
            guard
                let made = order(row.brand, row.order, before: row.lastSequence, cancelled: false)
            else {
                mistakes.append("an order that isn't there is cancelled")
                continue
            }
            orders[made]?.changed = row.changed
            orders[made]?.lastSequence = row.lastSequence
            orders[made]?.isCancelled = orderLines.allSatisfy {
                $0.key.made != made || $0.value.cancelled == $0.value.quantity
            }
        }
        for row in batch.orderEvents {
            guard let made = order(row.brand, row.order, before: row.sequence, cancelled: true),
                let order = orders[made]
            else {
                mistakes.append("something happened to no order")
                continue
            }
            events.append(
                (row, made, order.isCancelled && order.lastSequence == row.sequence))
        }
    }

    // MARK: - Compared

    /// What the checker expects and isn't here, or the other way round, the first few.
    func differences(_ records: [SampleRecord], _ book: CodeBook) throws -> [String] {
        let changed = orders.values.filter { $0.lastSequence != $0.sequence }
        var image = JournalImage(
            changedOrders: Dictionary(
                uniqueKeysWithValues: changed.map { ($0.sequence, $0.lastSequence) }))
        var expected: Set<String> = []
        var keys: [ComparedTable: TableKey] = [:]
        var found = mistakes
        func take(_ rows: [ExpectedRow]) {
            for row in rows {
                // As the cursors are read: each table's rows ascending.
                if let last = keys[row.table], !(last < row.key) {
                    found.append("\(row.table) out of order: \(row.values.map(\.description))")
                }
                keys[row.table] = row.key
                expected.insert(
                    "\(row.table) \(row.values.map(\.description).joined(separator: ", "))")
            }
        }
        for record in records {
            image.apply(
                try Record(record.bytes.span),
                at: LedgerModel.Place(
                    sequence: record.position.sequence, tick: record.position.tick.milliseconds,
                    wall: record.position.wall.milliseconds))
            take(image.rows)
        }
        take(image.stock())
        image.forEachHeld { (rows) throws(Never) in take(rows) }
        take(image.unchangedOrders())
        let told = Set(rows(book))
        found += told.subtracting(expected).map { "too many: \($0)" }.sorted().prefix(5)
        found += expected.subtracting(told).map { "missing: \($0)" }.sorted().prefix(5)
        return found
    }
}

extension RowTables {
    /// Every row, column by column as the checker reads them.
    private func rows(_ book: CodeBook) -> [String] {
        func text(_ number: UInt32?) -> TableValue {
            number.map { .text(String(decoding: book.text($0), as: UTF8.self)) } ?? .null
        }
        func id(_ id: ClientID?) -> TableValue { id.map { .id($0) } ?? .null }
        func wall(_ time: WallTime?) -> TableValue { time.map { .wall($0.milliseconds) } ?? .null }
        func number(_ value: UInt64?) -> TableValue { value.map { .number($0) } ?? .null }
        var lines: [String] = []
        func add(_ table: ComparedTable, _ values: [TableValue]) {
            #expect(values.count == table.form.columns.count)
            lines.append("\(table) \(values.map(\.description).joined(separator: ", "))")
        }
        for row in codes {
            add(
                .codes,
                [
                    number(row.sequence), number(UInt64(row.number)),
                    number(UInt64(row.kind.rawValue)),
                    row.brand == 0 ? .null : number(UInt64(row.brand)), text(row.number),
                ])
        }
        for (account, (row, policy)) in stock {
            add(
                .stock,
                [number(UInt64(account)), text(row.brand), text(row.sku), text(row.warehouse)]
                    + [row.figures.onHand, row.figures.held, row.figures.allocated]
                    .map { .integer($0) } + [.integer(row.figures.safety)]
                    + [
                        number(row.figures.version),
                        row.sourceVersion == 0 ? .null : .text("\(row.sourceVersion)"),
                        number(row.sequence), wall(row.changed),
                        .integer(policy.backorderLimit), .integer(policy.lowWater),
                        .integer(policy.highWater), number(policy.holdTimeToLiveMilliseconds),
                    ])
        }
        for row in movements {
            add(
                .movements,
                [
                    number(row.sequence), number(UInt64(row.line)), wall(row.wall),
                    .text("\(row.kind.text)"), text(row.brand), text(row.sku),
                    text(row.warehouse), .integer(row.onHandChange), .integer(row.heldChange),
                    .integer(row.allocatedChange), id(row.reference),
                    number(UInt64(row.account)), .integer(row.safetyChange),
                ])
        }
        for row in outcomes {
            add(
                .outcomes,
                [
                    number(row.sequence), text(row.brand), id(row.request),
                    .text("\(row.call.text)"), text(row.stock?.sku), text(row.stock?.warehouse),
                    wall(row.wall), text(row.stock?.toWarehouse), id(row.reference),
                ])
        }
        for row in reservations.values {
            add(
                .reservations,
                [
                    number(row.end?.sequence), number(row.grantedSequence), text(row.brand),
                    id(row.reservation), text(row.dealer), .text("\(row.fillMode.text)"),
                    .text("\(row.state.text)"), wall(row.created),
                    number(row.timeToLiveMilliseconds), number(row.deadline.milliseconds),
                    wall(row.end?.wall), number(row.end?.tick.milliseconds), id(row.end?.order),
                ])
        }
        for row in reservationLines.values {
            add(
                .reservationLines,
                [
                    number(reservations[row.grantedSequence]?.end?.sequence),
                    number(row.grantedSequence), number(UInt64(row.line)), text(row.warehouse),
                    text(row.brand), id(row.reservation), text(row.sku),
                    number(UInt64(row.granted)), .bool(row.isShort),
                ])
        }
        for row in orders.values {
            add(
                .orders,
                [
                    number(row.lastSequence), number(row.sequence), text(row.brand),
                    id(row.order), text(row.dealer), id(row.reservation),
                    .text(row.isCancelled ? "CANCELLED" : "ACCEPTED"),
                    .text(row.isCancelled ? "CANCELLED" : "ALLOCATED"), .text("UNPAID"),
                    wall(row.created), wall(row.changed),
                ])
        }
        for row in orderLines.values {
            add(
                .orderLines,
                [
                    number(orders[row.sequence]?.lastSequence), number(row.sequence),
                    number(UInt64(row.line)), text(row.warehouse), text(row.brand), id(row.order),
                    text(row.sku), number(UInt64(row.quantity)), number(UInt64(row.cancelled)),
                ])
        }
        for (row, made, isEnd) in events {
            add(
                .orderEvents,
                [
                    number(row.sequence), number(made), text(row.brand), id(row.order),
                    wall(row.wall), .text(isEnd ? "CANCELLED" : "CANCELLED_IN_PART"),
                    .text("ACCEPTED"), .text(isEnd ? "CANCELLED" : "ACCEPTED"),
                    .text(row.causeText), number(row.units), id(row.request),
                ])
        }
        return lines
    }
}
