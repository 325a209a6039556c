// SPDX-License-Identifier: Apache-2.0

import Effects
import Journal
import Primitives
import Projection
import Testing

/// Orders, cancellations and what came with them that make no sense: buried, and nothing changed.
@Suite struct OrderPoisonTests {
    /// A SKU in two warehouses (accounts 20 and 21) and another one (22), and a reservation of two
    /// legs in one line that is held.
    private struct Bench {
        var books = ProjectionBooks.empty()
        var batch = ProjectionBatch()
        private let pen = Pen()
        private var versions: [UInt32: UInt64] = [20: 1, 21: 1, 22: 1]

        init() throws {
            batch.begin(&books)
            let codes: [(UInt8, String)] = [
                (1, "ACME"), (2, "pen"), (2, "ink"), (3, "north"), (3, "south"), (4, "D1"),
            ]
            for (number, code) in codes.enumerated() {
                RecordWriting.define(
                    brand: 0, number: UInt32(number), kind: code.0, text: Array(code.1.utf8).span,
                    into: &pen.writer)
                try take()
            }
            let accounts: [(UInt32, UInt32, UInt32)] = [(20, 1, 3), (21, 1, 4), (22, 2, 3)]
            for (account, sku, warehouse) in accounts {
                RecordWriting.setStock(
                    brand: 0, request: ClientID(high: 1, low: UInt64(account)), fingerprint: 0,
                    account: account, sku: sku, warehouse: warehouse, sourceVersion: 0,
                    figures: figures(1), into: &pen.writer)
                try take()
            }
            reserve(1)
            try take()
        }

        private func figures(_ version: UInt64) -> StockFigures {
            StockFigures(onHand: 100, held: 0, allocated: 0, safety: 0, version: version)
        }

        /// The figures of some accounts, each with its next version.
        private mutating func end(_ told: [UInt32]) {
            for account in told {
                versions[account, default: 0] += 1
                RecordWriting.addHeldAndCommitted(
                    account: account, held: 0, committed: 0, version: versions[account] ?? 0,
                    into: &pen.writer)
            }
            RecordHeader.end(&pen.writer)
        }

        private func legs(_ legs: [(UInt32, UInt32, UInt32)]) {
            for (line, account, amount) in legs {
                pen.writer.append(
                    RecordLeg(line: line, account: account, amount: amount, isShort: false))
            }
        }

        static let split: [(UInt32, UInt32, UInt32)] = [(1, 20, 5), (1, 21, 3)]

        mutating func reserve(_ id: UInt64, _ asked: [(UInt32, UInt32, UInt32)] = Bench.split) {
            RecordWriting.beginReserve(
                brand: 0, reservation: ClientID(high: 2, low: id), fingerprint: 0, dealer: 5,
                timeToLive: 1_000, fillMode: 1, legCount: asked.count, accountCount: 0,
                into: &pen.writer)
            legs(asked)
            RecordHeader.end(&pen.writer)
        }

        mutating func order(
            _ id: UInt64, _ asked: [(UInt32, UInt32, UInt32)], dealer: UInt32 = 5
        ) {
            RecordWriting.beginOrder(
                brand: 0, order: ClientID(high: 3, low: id), fingerprint: 0, dealer: dealer,
                fillMode: 1, legCount: asked.count, accountCount: 1, into: &pen.writer)
            legs(asked)
            end([20])
        }

        mutating func orderFromHolds(
            _ holds: [(UInt64, UInt32)], _ asked: [(UInt32, UInt32, UInt32)] = Bench.split
        ) {
            RecordWriting.beginOrderFromHolds(
                brand: 0, order: ClientID(high: 3, low: 9), fingerprint: 0, dealer: 5,
                holdCount: holds.count, legCount: asked.count, accountCount: 1, into: &pen.writer)
            for (id, count) in holds {
                pen.writer.append(
                    RecordHold(reservation: ClientID(high: 2, low: id), legCount: count))
            }
            legs(asked)
            end([20])
        }

        mutating func cancel(_ id: UInt64, _ asked: [(UInt32, UInt32, UInt32)]) {
            RecordWriting.beginCancel(
                brand: 0, order: ClientID(high: 3, low: id), request: ClientID(high: 4, low: 1),
                fingerprint: 0, cause: 1, legCount: asked.count, accountCount: 1,
                into: &pen.writer)
            legs(asked)
            end([20])
        }

        mutating func extend(_ id: UInt64, to deadline: UInt64) {
            RecordWriting.extend(
                brand: 0, reservation: ClientID(high: 2, low: id),
                request: ClientID(high: 4, low: 2), fingerprint: 0,
                deadline: Tick(milliseconds: deadline), into: &pen.writer)
        }

        mutating func transfer(from: UInt32, to: UInt32) {
            RecordWriting.transfer(
                brand: 0, request: ClientID(high: 4, low: 3), fingerprint: 0, quantity: 1,
                from: from, to: to, fromFigures: figures(90), toFigures: figures(91),
                into: &pen.writer)
        }

        mutating func setPolicy(account: UInt32, backorderLimit: Int64) {
            RecordWriting.setPolicy(
                brand: 0, request: ClientID(high: 4, low: 4), fingerprint: 0, account: account,
                policy: StockPolicy(backorderLimit: backorderLimit), figures: figures(92),
                into: &pen.writer)
        }

        mutating func take() throws {
            let answer = try batch.add(
                pen.bytes.span,
                at: RecordPosition(
                    sequence: books.lastSequence + 1, tick: Tick(milliseconds: 5),
                    wall: WallTime(milliseconds: 6)), in: &books)
            #expect(answer == .added)
        }

        /// What is wrong with what was written; it must change nothing.
        mutating func fault() -> RowFault.Kind? {
            let (rows, last, lines) = (batch.rowCount, books.lastSequence, batch.orderLines)
            let fault = #expect(throws: RowFault.self) { try take() }
            #expect(batch.rowCount == rows && books.lastSequence == last)
            #expect(batch.orderLines == lines)
            return fault?.kind
        }
    }

    @Test func splitLinesStandTogether() throws {
        var bench = try Bench()
        for lines: [(UInt32, UInt32, UInt32)] in [
            [(1, 20, 1), (1, 20, 1)], [(1, 20, 1), (2, 21, 1), (1, 21, 1)],
            [(1, 20, 1), (1, 22, 1)], [(1, 20, 1), (1, 21, 1), (1, 20, 1)],
        ] {
            bench.reserve(2, lines)
            #expect(bench.fault() == .lines)
        }
        bench.reserve(2, [(2, 21, 1), (2, 20, 1), (1, 20, 1), (1, 21, 1)])
        try bench.take()
    }

    @Test func wrongOrdersAreFaults() throws {
        var bench = try Bench()
        bench.order(1, [(1, 20, 1)], dealer: 1)
        #expect(bench.fault() == .unknownCode(1))
        for lines: [(UInt32, UInt32, UInt32)] in [[], [(1, 20, 0)], [(0, 20, 1)]] {
            bench.order(1, lines)
            #expect(bench.fault() == .lines)
        }
        bench.orderFromHolds([])
        // Its legs are no hold's: it isn't even a record.
        #expect(bench.fault().map { if case .record = $0 { true } else { false } } == true)
        bench.orderFromHolds([(7, 2)])
        #expect(bench.fault() == .notHeld)
        bench.orderFromHolds(
            [(1, 2), (1, 2)], Bench.split + [(2, 20, 5), (2, 21, 3)])
        #expect(bench.fault() == .reservations)
        bench.orderFromHolds([(1, 1)], [(1, 20, 5)])
        #expect(bench.fault() == .lines, "fewer legs than granted")
        bench.orderFromHolds([(1, 2)], [(1, 21, 3), (1, 20, 5)])
        #expect(bench.fault() == .lines, "elsewhere")
        bench.orderFromHolds([(1, 2)])
        try bench.take()
        #expect(bench.batch.orders.first?.reservation == ClientID(high: 2, low: 1))
        #expect(bench.batch.reservations.first?.state == .confirmed && bench.books.holds.count == 0)
    }

    @Test func noMoreIsCancelledThanThereIs() throws {
        var bench = try Bench()
        bench.order(1, [(1, 20, 5), (1, 21, 3), (2, 20, 1)])
        try bench.take()
        for lines: [(UInt32, UInt32, UInt32)] in [
            [(1, 20, 6)], [(3, 20, 1)], [(2, 21, 1)], [(1, 21, 3), (1, 20, 1)],
            [(1, 20, 1), (2, 20, 2)],
        ] {
            bench.cancel(1, lines)
            #expect(bench.fault() == .cancelled)
        }
        bench.cancel(1, [(1, 20, 5), (2, 20, 1)])
        try bench.take()
        #expect(bench.batch.orders.first?.isCancelled == false)
        bench.cancel(1, [(1, 21, 3)])
        try bench.take()
        #expect(bench.batch.orders.first?.isCancelled == true)
        #expect(bench.batch.orders.first?.lastSequence == bench.books.lastSequence)
        bench.cancel(1, [(1, 21, 1)])
        #expect(bench.fault() == .cancelled)
        // Of an order that isn't the batch's the table is asked.
        bench.cancel(2, [(1, 20, 4)])
        try bench.take()
        bench.cancel(2, [(1, 20, 3)])
        try bench.take()
        #expect(bench.batch.orderCancels.count == 1)
        #expect(bench.batch.orderLineCancels.map(\.units) == [7])
        #expect(bench.batch.orderEvents.map(\.units) == [6, 3, 4, 3])
    }

    @Test func otherWrongRecordsAreFaults() throws {
        var bench = try Bench()
        bench.extend(1, to: 1_004)
        #expect(bench.fault() == .deadline)
        bench.extend(1, to: .max)
        #expect(bench.fault() == .deadline)
        bench.extend(2, to: 2_000)
        #expect(bench.fault() == .notHeld)
        bench.extend(1, to: 9_005)
        try bench.take()
        #expect(bench.batch.reservations.first?.timeToLiveMilliseconds == 9_000)
        bench.transfer(from: 20, to: 20)
        #expect(bench.fault() == .accountTwice(20))
        bench.transfer(from: 20, to: 22)
        #expect(bench.fault() == .accountCodes(22), "another SKU")
        bench.transfer(from: 20, to: 23)
        #expect(bench.fault() == .unknownAccount(23))
        bench.setPolicy(account: 23, backorderLimit: 1)
        #expect(bench.fault() == .unknownAccount(23))
        bench.setPolicy(account: 20, backorderLimit: -1)
        #expect(bench.fault() == .figure(account: 20))
        bench.transfer(from: 20, to: 21)
        try bench.take()
        bench.batch.undo(&bench.books)
        #expect(bench.books.lastSequence == 0 && bench.books.holds.count == 0)
    }
}
