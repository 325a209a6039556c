// SPDX-License-Identifier: Apache-2.0

import Effects
import Journal
import Primitives
import Projection
import Testing

/// Records become rows.
@Suite struct ProjectionBatchTests {
    /// All of a journal in one batch.
    private func batch(
        _ name: String
    ) throws -> (batch: ProjectionBatch, books: ProjectionBooks, tables: Tables) {
        let records = try GoldenJournal(name).records()
        var books = ProjectionBooks.empty()
        var batch = ProjectionBatch()
        batch.begin(&books)
        #expect(try batch.fill(records, from: 0, &books) == records.count)
        var tables = Tables()
        tables.apply(batch, books.codes)
        return (batch, books, tables)
    }

    @Test func aServersJournalHasTheseRows() throws {
        let (batch, books, tables) = try batch("server")
        #expect(batch.firstSequence == 1 && batch.lastSequence == 27)
        #expect(batch.recordCount == 27 && batch.lastTick.milliseconds == 1_082)
        #expect(batch.lastWall.milliseconds == 1_795_484_380_345)
        #expect(tables.mistakes == [])
        let pen = try #require(
            tables.stock[Tables.StockKey(brand: "ACME", sku: "pen", warehouse: "north")])
        #expect(
            pen.figures
                == StockFigures(onHand: 2, held: 0, allocated: 8, safety: 0, version: 11))
        #expect(pen.sourceVersion == 8 && pen.sequence == 27 && pen.account == 0)
        #expect(pen.changed.milliseconds == 1_795_484_380_345)
        let ink = Tables.StockKey(brand: "ACME", sku: "ink \"red\"", warehouse: "south")
        #expect(tables.stock[ink]?.figures.version == 5 && tables.stock.count == 3)
        let id = ClientID(high: 0x0202_0202_0202_0202, low: 2)
        let second = try #require(
            tables.reservations[Tables.ID(brand: "ACME", id: id, sequence: 12)])
        #expect(second.state == "CONFIRMED" && second.dealer == "D2")
        #expect(second.fillMode == "ALL_OR_NOTHING" && second.deadline.milliseconds == 900_043)
        #expect(second.created.milliseconds == 1_795_484_378_439)
        let end = try #require(second.end)
        #expect(end.sequence == 16 && end.tick.milliseconds == 46)
        #expect(end.order == ClientID(high: 0x0303_0303_0303_0303, low: 2))
        let order = try #require(
            tables.orders[
                Tables.ID(brand: "ACME", id: ClientID(high: 0x0303_0303_0303_0303, low: 2))])
        #expect(order.reservation == id && order.sequence == 16 && order.dealer == "D2")
        // Of the second line nothing was confirmed.
        #expect(order.lines.map(\.number) == [1, 3] && order.lines.map(\.confirmed) == [1, 2])
        #expect(tables.orders.count == 2 && tables.outcomes.count == 5)
        // Granted and ended within the batch: once, with its end.
        #expect(batch.reservations.count == 6 && batch.ends.isEmpty)
        #expect(books.codes.text(0) == Array("ACME".utf8) && books.holds.count == 1)
        #expect(books.codes.text(9_999) == [])
        let kinds = Set(batch.movements.map(\.kind))
        #expect(kinds == [.set, .adjust, .reserve, .confirm, .release, .expire])
        #expect(batch.movements.map(\.sequence) == batch.movements.map(\.sequence).sorted())
    }

    @Test func everyTypeHasItsRows() throws {
        let (batch, _, tables) = try batch("all-types")
        #expect(batch.recordCount == 32 && tables.mistakes == [])
        #expect(tables.reservations.values.count { $0.state == "HELD" } == 7)
        #expect(tables.orders.count == 2)
        let long = tables.reservations.values.max { $0.lines.count < $1.lines.count }
        #expect((long?.lines.count ?? 0) >= 200)
    }

    @Test func anEndInALaterBatchIsARowOfItsOwn() throws {
        let records = try GoldenJournal("server").records()
        var books = ProjectionBooks.empty()
        var (first, second) = (ProjectionBatch(), ProjectionBatch())
        first.begin(&books)
        for record in records.prefix(14) {
            _ = try first.add(record.bytes.span, at: record.position, in: &books)
        }
        second.begin(&books)
        for record in records.dropFirst(14) {
            _ = try second.add(record.bytes.span, at: record.position, in: &books)
        }
        #expect(first.reservations.allSatisfy { $0.state == .held && $0.end == nil })
        let end = try #require(second.ends.first)
        #expect(end.grantedSequence == 10 && end.state == .confirmed && end.end.sequence == 15)
        let line = try #require(second.orderLines.first)
        #expect(line.line == 1 && line.quantity == 5)
        #expect(first.lastSequence == 14 && second.firstSequence == 15)
    }

    @Test func aBatchIsBounded() throws {
        let history = RandomHistory(seed: 3, count: 2_000)
        for limits in [
            BatchLimits(rowsMax: 50), BatchLimits(rowsMax: 1_000, byteCountMax: 2_000),
            BatchLimits(rowsMax: 1),
        ] {
            var books = ProjectionBooks.empty()
            var batch = ProjectionBatch(limits: limits)
            var next = 0
            while next < history.records.count {
                batch.begin(&books)
                next = try batch.fill(history.records, from: next, &books)
                #expect(batch.recordCount > 0)
                if batch.recordCount > 1 {
                    #expect(batch.rowCount <= limits.rowsMax)
                    #expect(batch.byteCount <= limits.byteCountMax)
                }
            }
        }
    }

    @Test func recordsComeInTheirOrder() throws {
        let records = try GoldenJournal("server").records()
        var books = ProjectionBooks.empty()
        var batch = ProjectionBatch()
        batch.begin(&books)
        for wrong in [1, 5] {
            let fault = #expect(throws: RowFault.self) {
                _ = try batch.fill(records, from: wrong, &books)
            }
            #expect(fault?.kind == .sequence(expected: 1) && fault?.isPoison == false)
        }
        #expect(batch.isEmpty)
    }
}
