// SPDX-License-Identifier: Apache-2.0

import Effects
import Journal
import Primitives
import Projection

@testable import Audit

/// What the checker's ledger comes to, in the tables' terms: the same journal read by other code.
struct LedgerComparison {
    private var model = LedgerModel(retention: RandomHistory.retention, keepsForgotten: true)

    init(_ records: [SampleRecord], retention: UInt64 = RandomHistory.retention) throws {
        model = LedgerModel(retention: retention, keepsForgotten: true)
        for record in records {
            try model.apply(
                record.bytes.span,
                at: LedgerModel.Place(
                    sequence: record.position.sequence, tick: record.position.tick.milliseconds,
                    wall: record.position.wall.milliseconds))
        }
        model.finish(at: model.highestTick)
    }

    /// What the checker finds wrong.
    var violations: [String] { model.violations.kept.map(\.explanation) }

    /// How often what was made counts, so that a test can tell that everything was there.
    var counts: (holds: Int, orders: Int, forgotten: Int) {
        (model.holds.count, model.orderRows.count, model.forgottenOutcomes.count)
    }

    private func text(_ number: UInt32) -> String { model.codes[Int(number)].name }

    private func stockKey(_ account: UInt32) -> Tables.StockKey {
        guard let row = model.accountRows[account] else { preconditionFailure("no account") }
        let account = model.accounts[row]
        return Tables.StockKey(
            brand: text(account.brand), sku: text(account.sku), warehouse: text(account.warehouse))
    }

    /// What differs, the first few.
    func differences(_ tables: Tables) -> [String] {
        var found = tables.mistakes
        found += stockDifferences(tables)
        found += holdDifferences(tables)
        let outcomes =
            model.outcomes.map { ($0.key, $0.value) }
            + model.forgottenOutcomes.map { ($0.key, $0.outcome) }
        if outcomes.count != tables.outcomes.count { found.append("number of outcomes") }
        for (key, outcome) in outcomes {
            let told = tables.outcomes[
                Tables.ID(brand: text(key.brand), id: key.id, sequence: outcome.sequence)]
            if told != expected(outcome) { found.append("outcome \(outcome.sequence)") }
        }
        if tables.codes.count != model.codes.count { found.append("number of codes") }
        for (number, code) in tables.codes where model.codes[Int(number)].name != code {
            found.append("code \(number)")
        }
        return Array(found.prefix(10))
    }

    /// Of a request that changed stock; those of orders and reservations are compared elsewhere.
    private func expected(_ outcome: ModelOutcome) -> Tables.Outcome? {
        switch outcome.effect {
        case .setStock(let account):
            Tables.Outcome(call: "SetStock", stock: stockKey(account))
        case .adjustStock(let account):
            Tables.Outcome(call: "AdjustStock", stock: stockKey(account))
        case .setStockPolicy, .transferStock, .extendReservation, .cancelOrder: nil
        }
    }

    private func stockDifferences(_ tables: Tables) -> [String] {
        var found: [String] = []
        if tables.stock.count != model.accounts.count { found.append("number of accounts") }
        for row in 0..<model.accounts.count {
            let account = model.accounts[row]
            let key = stockKey(account.number)
            guard let told = tables.stock[key] else {
                found.append("no stock \(key)")
                continue
            }
            let figures = StockFigures(
                onHand: account.onHand, held: account.held, allocated: account.allocated,
                safety: account.safety, version: account.version)
            if told.figures != figures || told.account != account.number
                || told.sourceVersion != account.sourceVersion
                || told.sequence != account.lastSequence
                || told.changed.milliseconds != account.lastWall
            {
                found.append("stock \(key): \(told) and not \(account)")
            }
        }
        return found
    }

    private func holdDifferences(_ tables: Tables) -> [String] {
        var found: [String] = []
        var (holds, orders) = (0, 0)
        for row in 0..<model.holds.count {
            let hold = model.holds[row]
            holds += 1
            let id = Tables.ID(
                brand: text(hold.brand), id: hold.id, sequence: hold.createdSequence)
            let lines = (0..<hold.legCount).map { index in
                let leg = hold[leg: index]
                let stock = stockKey(leg.account)
                return Tables.Line(
                    number: leg.line, sku: stock.sku, warehouse: stock.warehouse,
                    granted: leg.granted, isShort: leg.isShort)
            }
            let end = ReservationEndFacts(hold)
            guard let told = tables.reservations[id] else {
                found.append("no reservation of record \(hold.createdSequence)")
                continue
            }
            if told.dealer != text(hold.dealer) || told.state != end.state || told.lines != lines
                || told.fillMode != (hold.fillMode == 1 ? "ALL_OR_NOTHING" : "PARTIAL")
                || told.created.milliseconds != hold.created
                || told.deadline.milliseconds != hold.deadline
                || told.end?.sequence != end.sequence || told.end?.tick.milliseconds != end.tick
                || told.end?.wall.milliseconds != end.wall || told.end?.order != end.order
            {
                found.append("reservation of record \(hold.createdSequence): \(told)")
            }
            guard let order = end.order, let sequence = end.sequence else { continue }
            orders += 1
            let expected = Tables.Order(
                dealer: text(hold.dealer), reservation: hold.id,
                created: WallTime(milliseconds: hold.changed), sequence: sequence,
                lines: lines.indices.filter { hold[leg: $0].confirmed > 0 }.map {
                    var line = lines[$0]
                    line.granted = 0
                    line.isShort = false
                    line.confirmed = hold[leg: $0].confirmed
                    return line
                })
            if tables.orders[Tables.ID(brand: id.brand, id: order)] != expected {
                found.append("order of record \(sequence)")
            }
        }
        if holds != tables.reservations.count { found.append("number of reservations") }
        if orders != tables.orders.count { found.append("number of orders") }
        return found
    }

    private struct ReservationEndFacts {
        var state: String
        var sequence: UInt64?
        var tick: UInt64?
        var wall: Int64?
        var order: ClientID?

        init(_ hold: ModelHold) {
            switch hold.state {
            case .held: state = "HELD"
            case .confirmed: state = "CONFIRMED"
            case .released: state = "RELEASED"
            case .expired: state = "EXPIRED"
            }
            guard hold.state != .held else { return }
            (sequence, tick, wall) = (hold.lastSequence, hold.ended, hold.changed)
            if hold.state == .confirmed { order = hold.order }
        }
    }
}
