// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import Projection

/// The tables as dictionaries: what the database would have after each batch. A row that is there
/// twice, or one that is changed and isn't there, is a mistake.
struct Tables {
    struct StockKey: Hashable, Comparable, CustomStringConvertible {
        var brand: String
        var sku: String
        var warehouse: String
        var description: String { "\(brand)/\(sku)/\(warehouse)" }
        static func < (left: StockKey, right: StockKey) -> Bool {
            left.description < right.description
        }
    }

    struct ID: Hashable {
        var brand: String
        var id: ClientID
        /// Of the record, where the table's key has it.
        var sequence: UInt64 = 0
    }

    struct Line: Hashable {
        var number: UInt32
        var sku: String
        var warehouse: String
        var granted: UInt32
        var isShort = false
        /// Of an order's line; of a reservation's the table doesn't say.
        var confirmed: UInt32 = 0
    }

    struct Reservation: Hashable {
        var dealer: String
        var fillMode: String
        var state: String
        var created: WallTime
        var deadline: Tick
        var end: ReservationEnd?
        var lines: [Line]
    }

    struct Order: Hashable {
        var dealer: String
        var reservation: ClientID?
        var created: WallTime
        var sequence: UInt64
        var lines: [Line]
    }

    struct Stock: Hashable {
        var row: StockRow
    }

    struct Outcome: Hashable {
        var call: String
        var stock: StockKey
    }

    var codes: [UInt32: String] = [:]
    var stock: [StockKey: StockRow] = [:]
    var reservations: [ID: Reservation] = [:]
    var orders: [ID: Order] = [:]
    var outcomes: [ID: Outcome] = [:]
    var movements: [MovementRow] = []
    var deadLetters: [UInt64: DeadLetterRow] = [:]
    var appliedSequence: UInt64 = 0
    var mistakes: [String] = []

    /// Writes a batch, as one transaction would.
    mutating func apply(_ batch: ProjectionBatch, _ book: CodeBook) {
        guard !batch.isEmpty else { return }
        if batch.firstSequence != appliedSequence + 1 { mistakes.append("WB001") }
        appliedSequence = batch.lastSequence
        func text(_ number: UInt32) -> String { String(decoding: book.text(number), as: UTF8.self) }
        for row in batch.codes {
            if codes.updateValue(text(row.number), forKey: row.number) != nil {
                mistakes.append("code \(row.number) twice")
            }
        }
        for row in batch.stock {
            let key = StockKey(
                brand: text(row.brand), sku: text(row.sku), warehouse: text(row.warehouse))
            let before = stock.updateValue(row, forKey: key)
            if let before, before.figures.version >= row.figures.version {
                mistakes.append("\(key) goes back")
            }
        }
        applyHolds(batch, text)
        for row in batch.outcomes {
            let id = ID(brand: text(row.brand), id: row.request, sequence: row.sequence)
            let outcome = Outcome(
                call: "\(row.call.text)",
                stock: StockKey(
                    brand: id.brand, sku: row.stock.map { text($0.sku) } ?? "",
                    warehouse: row.stock.map { text($0.warehouse) } ?? ""))
            if outcomes.updateValue(outcome, forKey: id) != nil { mistakes.append("outcome twice") }
        }
        movements += batch.movements
        for row in batch.deadLetters { deadLetters[row.sequence] = row }
    }

    private mutating func applyHolds(_ batch: ProjectionBatch, _ text: (UInt32) -> String) {
        for row in batch.reservations {
            let id = ID(
                brand: text(row.brand), id: row.reservation, sequence: row.grantedSequence)
            let first = Int(row.firstLine)
            let lines = batch.reservationLines[first..<first + Int(row.lineCount)].map {
                if $0.reservation != row.reservation || $0.grantedSequence != row.grantedSequence {
                    mistakes.append("a line of another reservation")
                }
                return Line(
                    number: $0.line, sku: text($0.sku), warehouse: text($0.warehouse),
                    granted: $0.granted, isShort: $0.isShort)
            }
            let reservation = Reservation(
                dealer: text(row.dealer), fillMode: "\(row.fillMode.text)",
                state: "\(row.state.text)", created: row.created, deadline: row.deadline,
                end: row.end, lines: lines)
            if reservations.updateValue(reservation, forKey: id) != nil {
                mistakes.append("reservation twice")
            }
        }
        for row in batch.ends {
            let id = ID(
                brand: text(row.brand), id: row.reservation, sequence: row.grantedSequence)
            if reservations[id]?.state != "HELD" { mistakes.append("ends what isn't held") }
            reservations[id]?.state = "\(row.state.text)"
            reservations[id]?.end = row.end
        }
        var linesByOrder: [ID: [Line]] = [:]
        for row in batch.orderLines {
            linesByOrder[ID(brand: text(row.brand), id: row.order), default: []].append(
                Line(
                    number: row.line, sku: text(row.sku), warehouse: text(row.warehouse),
                    granted: 0, confirmed: row.quantity))
        }
        for row in batch.orders {
            let id = ID(brand: text(row.brand), id: row.order)
            let order = Order(
                dealer: text(row.dealer), reservation: row.reservation, created: row.created,
                sequence: row.sequence, lines: linesByOrder[id] ?? [])
            // An id may come again once its order is cancelled; `RowTables` tells.
            orders[id] = order
        }
    }

    /// Adds up the movements; each account must come to what its row says.
    func figuresByMovements(_ book: CodeBook) -> [StockKey: [Int64]] {
        func text(_ number: UInt32) -> String { String(decoding: book.text(number), as: UTF8.self) }
        var sums: [StockKey: [Int64]] = [:]
        for row in movements {
            let key = StockKey(
                brand: text(row.brand), sku: text(row.sku), warehouse: text(row.warehouse))
            let sum = sums[key] ?? [0, 0, 0, 0]
            sums[key] = [
                sum[0] + row.onHandChange, sum[1] + row.heldChange, sum[2] + row.allocatedChange,
                sum[3] + row.safetyChange,
            ]
        }
        return sums
    }
}
