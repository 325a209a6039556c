// SPDX-License-Identifier: Apache-2.0

import Foundation
import Primitives
import StockadeAPI
import Wire

@testable import LoadGenerator

/// A small sale as a run's ledger and a server's dump tell it; tests change the one or the other.
struct SaleBooks {
    struct Hold {
        var id: ClientID
        var state: ReservationState
        var deadline: UInt64 = 60_000
        var ended: UInt64?
        var order: ClientID?
        var lines: [Line]
    }

    struct Order {
        var id: ClientID
        /// Nil: it was made at once.
        var reservation: ClientID?
        /// Nil: what is left of it tells.
        var isCancelled: Bool?
        var lines: [Line]
    }

    struct Line {
        var number: Int
        var sku: Int
        var units: Int64
        var cancelled: Int64 = 0
    }

    static let units: [Int64] = [6, 6, 100]
    static let highestTick = 30_000

    let identity = RunIdentity(runID: 0xab, seed: 7)
    var rows: [CallRow] = []
    var holds: [Hold] = []
    var orders: [Order] = []
    /// Added to what the accounts really have: (SKU, field, units).
    var wrongFigures: [(sku: Int, field: String, units: Int64)] = []
    var closing: ClosingResult? = ClosingResult(refusedSKUs: [true, true])
    var isComplete = true
    /// Journeys that order at once: their rows go by the order's id.
    var purchases: Set<Int> = []
    /// Of each call so far, milliseconds.
    private var now: UInt64 = 0

    func reservation(_ journey: Int) -> ClientID { identity.id(.reserve, UInt64(journey)) }
    func order(_ journey: Int) -> ClientID { identity.id(.order, UInt64(journey)) }

    // MARK: - Calls

    /// Adds a row for each line: SKU, asked and granted.
    mutating func call(
        _ kind: CallKind, _ journey: Int, _ lines: [(sku: Int, asked: Int64, granted: Int64)],
        _ outcome: CallRow.Outcome = .acknowledged, state: ReservationState = .unspecified,
        reason: Reason = .unspecified, available: Int64 = -1, attempts: UInt32 = 1,
        flags: CallRow.Flags = []
    ) {
        now += 10
        if kind == .createOrder { purchases.insert(journey) }
        for (index, line) in lines.enumerated() {
            var row = CallRow()
            let id = purchases.contains(journey) ? order(journey) : reservation(journey)
            (row.reservationHigh, row.reservationLow) = (id.high, id.low)
            row.journey = UInt64(journey)
            (row.due, row.sent) = (now * 1_000_000, now * 1_000_000)
            row.answered = outcome == .unknown ? 0 : (now + 5) * 1_000_000
            (row.requested, row.granted) = (line.asked, line.granted)
            row.available = available
            row.sku = UInt32(line.sku)
            row.attempts = attempts
            row.timeToLive = 30_000
            (row.line, row.lines) = (UInt16(index + 1), UInt16(lines.count))
            (row.kind, row.outcome) = (kind.rawValue, outcome.rawValue)
            switch outcome {
            case .acknowledged: row.status = StatusCode.ok.rawValue
            case .refused: row.status = StatusCode.failedPrecondition.rawValue
            case .unknown: row.status = StatusCode.deadlineExceeded.rawValue
            }
            (row.reason, row.state, row.flags) = (reason.rawValue, state.rawValue, flags)
            rows.append(row)
        }
    }

    /// What the dump has of a reservation, and of its order if it is confirmed.
    mutating func keep(
        _ journey: Int, _ state: ReservationState, _ lines: [(sku: Int, units: Int64)]
    ) {
        let legs = lines.enumerated().map {
            Line(number: $0.offset + 1, sku: $0.element.sku, units: $0.element.units)
        }
        var hold = Hold(id: reservation(journey), state: state, lines: legs)
        switch state {
        case .confirmed:
            hold.order = order(journey)
            hold.ended = 500
            orders.append(
                Order(
                    id: order(journey), reservation: hold.id, lines: legs.filter { $0.units > 0 }))
        case .released: hold.ended = 500
        case .expired: hold.ended = hold.deadline + 3
        case .held, .unspecified: break
        }
        holds.append(hold)
    }

    /// What the dump has of an order that was made at once.
    mutating func keepOrder(
        _ journey: Int, _ lines: [(sku: Int, units: Int64, cancelled: Int64)]
    ) {
        orders.append(
            Order(
                id: order(journey),
                lines: lines.enumerated().map {
                    Line(
                        number: $0.offset + 1, sku: $0.element.sku, units: $0.element.units,
                        cancelled: $0.element.cancelled)
                }))
    }

    /// Changes what the dump has of a journey's order.
    mutating func changeOrder(_ journey: Int, _ edit: (inout Order) -> Void) {
        for index in orders.indices where orders[index].id == order(journey) {
            edit(&orders[index])
        }
    }

    /// Changes the rows of a journey's calls of a kind.
    mutating func change(_ kind: CallKind, _ journey: Int, _ edit: (inout CallRow) -> Void) {
        for index in rows.indices
        where rows[index].journey == UInt64(journey) && rows[index].kind == kind.rawValue {
            edit(&rows[index])
        }
    }

    /// Changes what the dump has of a reservation.
    mutating func changeHold(_ journey: Int, _ edit: (inout Hold) -> Void) {
        for index in holds.indices where holds[index].id == reservation(journey) {
            edit(&holds[index])
        }
    }

    mutating func forgetHold(_ journey: Int) {
        let id = reservation(journey)
        holds.removeAll { $0.id == id }
    }

    mutating func forgetOrder(_ journey: Int) {
        let id = order(journey)
        orders.removeAll { $0.id == id }
    }

    // MARK: - Files

    func write(to folder: String) throws -> OracleInput {
        let ledger = try CallLedger(
            "\(folder)/ledger",
            CallLedgerHead(
                identity: identity, startedUnixMicroseconds: 1, brand: identity.brand), threads: 1)
        var page = CallLedgerPage(ledger)
        for row in rows { page.append(row, at: 0) }
        page.handOver()
        ledger.finish()
        ledger.run()
        if let fault = ledger.end(isComplete: isComplete) { throw OracleFault(fault) }
        try dump.write(toFile: "\(folder)/dump", atomically: false, encoding: .ascii)
        var input = OracleInput(
            ledgerPath: "\(folder)/ledger", dumpPath: "\(folder)/dump",
            workFolder: "\(folder)/work",
            identity: identity, brand: identity.brand, skus: SaleBooks.units.count,
            units: { SaleBooks.units[$0] })
        input.flash = 2
        input.closing = closing
        input.journalCheckExit = 0
        input.postgres = PostgresReading("postgres: up to record 9 of 9, 0 behind")
        input.postgresGap = nil
        return input
    }

    /// The checks that fail.
    func failed(_ edit: (inout OracleInput) -> Void = { _ in }) throws -> Set<CheckName> {
        Set(try results(edit).filter { $0.outcome == .failed }.map(\.name))
    }

    /// What became of the last check that needs no Postgres.
    func undersold() throws -> CheckResult.Outcome? {
        try results().first { $0.name == .undersold }?.outcome
    }

    func results(_ edit: (inout OracleInput) -> Void = { _ in }) throws -> [CheckResult] {
        let folder = try TestFolder()
        var input = try write(to: folder.path)
        edit(&input)
        return try Oracle.verify(input).checks
    }

    private var dump: String {
        var lines = [
            #"{"kind":"journal","format_version":1,"uuid":"\#(OracleText.id(order(0)))","#
                + #""last_sequence":9,"epoch":1,"highest_tick":\#(SaleBooks.highestTick),"#
                + #""last_record_wall_ms":1,"retention_ms":86400000,"torn":false,"violations":0}"#
        ]
        for sku in SaleBooks.units.indices { lines.append(account(sku)) }
        for (index, hold) in holds.enumerated() {
            let legs = hold.lines.map {
                #"{"line_number":\#($0.number),\#(place($0.sku)),"granted":\#($0.units),"#
                    + #""confirmed":0,"short":false}"#
            }
            lines.append(
                #"{"kind":"hold","reservation_id":"\#(OracleText.id(hold.id))",\#(owner),"#
                    + #""state":"\#(OracleText.state(hold.state))","fill_mode":"ALL_OR_NOTHING","#
                    + #""created_ms":1,"last_change_ms":1,"created_sequence":\#(index),"#
                    + #""last_sequence":1,"deadline_tick":\#(hold.deadline),"#
                    + #""ended_tick":\#(hold.ended.map { "\($0)" } ?? "null"),"#
                    + #""order_id":\#(hold.order.map { "\"\(OracleText.id($0))\"" } ?? "null"),"#
                    + #""lines":[\#(legs.joined(separator: ","))]}"#)
        }
        for (index, order) in orders.enumerated() {
            let legs = order.lines.map {
                #"{"line_number":\#($0.number),\#(place($0.sku)),"quantity":\#($0.units),"#
                    + #""cancelled":\#($0.cancelled)}"#
            }
            let reservation = order.reservation.map { "\"\(OracleText.id($0))\"" }
            let isCancelled =
                order.isCancelled ?? order.lines.allSatisfy { $0.units == $0.cancelled }
            lines.append(
                #"{"kind":"order","order_id":"\#(OracleText.id(order.id))","#
                    + #""reservation_id":\#(reservation ?? "null"),"#
                    + #""reservation_ids":[\#(reservation ?? "")],\#(owner),"#
                    + #""state":"\#(isCancelled ? "CANCELLED" : "ACCEPTED")","created_ms":1,"sequence":\#(100 + index),"#
                    + #""lines":[\#(legs.joined(separator: ","))]}"#)
        }
        lines.append(
            #"{"kind":"hold","reservation_id":"\#(OracleText.id(order(0)))","brand":"other"}"#)
        return lines.map { $0 + "\n" }.joined()
    }

    private var owner: String { #""brand":"\#(identity.brand)","dealer":"d""# }

    private func place(_ sku: Int) -> String {
        #""sku":"\#(SkuCodes.code(sku))","warehouse":"main""#
    }

    private func account(_ sku: Int) -> String {
        func sum(_ lines: [Line]) -> Int64 {
            lines.filter { $0.sku == sku }.reduce(0) { $0 + $1.units - $1.cancelled }
        }
        var figures = [
            "on_hand": SaleBooks.units[sku],
            "held": holds.filter { $0.state == .held }.map { sum($0.lines) }.reduce(0, +),
            "allocated": orders.map { sum($0.lines) }.reduce(0, +), "safety": 0,
        ]
        figures["available"] =
            SaleBooks.units[sku] - (figures["held"] ?? 0) - (figures["allocated"] ?? 0)
        for wrong in wrongFigures where wrong.sku == sku {
            figures[wrong.field, default: 0] += wrong.units
        }
        let texts = figures.map { #""\#($0.key)":\#($0.value)"# }.sorted()
        return
            #"{"kind":"account","account":\#(sku),"brand":"\#(identity.brand)",\#(place(sku)),"#
            + texts.joined(separator: ",") + #","version":1,"source_version":0}"#
    }
}

/// A folder that is gone when its test is.
final class TestFolder {
    let path: String

    init() throws {
        let place = FileManager.default.temporaryDirectory
            .appendingPathComponent("stampede-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        path = place.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var names: [String] { names(in: "") }

    func names(in folder: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)").sorted()) ?? []
    }
}
