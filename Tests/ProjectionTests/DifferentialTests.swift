// SPDX-License-Identifier: Apache-2.0

import Effects
import Foundation
import Primitives
import Projection
import Testing

/// Whatever the batches' borders, the tables end as the checker's ledger does, and as the checker of
/// the tables wants them.
@Suite struct DifferentialTests {
    /// Replays records through batches of random sizes; some are built, taken back and built again with
    /// another border, sometimes two of them.
    private func replay(
        _ records: [SampleRecord], _ chance: inout SeededChance
    ) throws -> (tables: Tables, rows: RowTables, books: ProjectionBooks) {
        var books = ProjectionBooks.empty()
        var tables = Tables()
        var rows = RowTables()
        var next = 0
        while next < records.count {
            var first = ProjectionBatch(limits: limits(&chance))
            first.begin(&books)
            let middle = try first.fill(records, from: next, &books)
            var second = ProjectionBatch(limits: limits(&chance))
            second.begin(&books)
            let end = try second.fill(records, from: middle, &books)
            #expect(first.recordCount == middle - next && second.recordCount == end - middle)
            if chance.oneIn(3) {
                second.undo(&books)
                if chance.oneIn(2) {
                    first.undo(&books)
                    #expect(first.isEmpty && first.rowCount == 0)
                    continue
                }
                tables.apply(first, books.codes)
                rows.apply(first)
                next = middle
                continue
            }
            for batch in [first, second] {
                tables.apply(batch, books.codes)
                rows.apply(batch)
            }
            next = end
        }
        return (tables, rows, books)
    }

    private func limits(_ chance: inout SeededChance) -> BatchLimits {
        let rows = [1, 10, 100, 1_000, 20_000][chance.below(5)]
        return BatchLimits(
            rowsMax: chance.below(rows) + 1, byteCountMax: chance.oneIn(4) ? 500 : 1 << 20)
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func theTablesEndAsTheLedger(number: UInt64) throws {
        let pinned = ProcessInfo.processInfo.environment["SIM_SEED"].flatMap { UInt64($0) }
        let seed = pinned ?? UInt64.random(in: 0..<1 << 62)
        var chance = SeededChance(seed: seed)
        let history = RandomHistory(seed: seed, count: 4_000)
        let ledger = try LedgerComparison(history.records)
        #expect(ledger.violations == [], "the history is good; SIM_SEED=\(seed)")
        let (tables, rows, books) = try replay(history.records, &chance)
        #expect(try rows.differences(history.records, books.codes) == [], "SIM_SEED=\(seed)")
        #expect(ledger.differences(tables) == [], "SIM_SEED=\(seed)")
        #expect(books.lastSequence == UInt64(history.records.count))
        #expect(ledger.counts.holds > 500 && ledger.counts.orders > 200)
        // Ids were granted again, too.
        #expect(Set(tables.reservations.keys.map(\.id)).count < tables.reservations.count)
        let sums = tables.figuresByMovements(books.codes)
        #expect(sums.count == tables.stock.count)
        for (key, row) in tables.stock {
            #expect(
                sums[key] == [row.figures.onHand, row.figures.held, row.figures.allocated, 0],
                "movements of \(key); SIM_SEED=\(seed)")
        }
        #expect(books.holds.count == tables.reservations.values.count { $0.state == "HELD" })
    }

    /// With orders of all kinds, what is cancelled of them, and split lines.
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func theTablesEndAsTheirChecker(number: UInt64) throws {
        let pinned = ProcessInfo.processInfo.environment["SIM_SEED"].flatMap { UInt64($0) }
        let seed = pinned ?? UInt64.random(in: 0..<1 << 62)
        var chance = SeededChance(seed: seed)
        let history = RandomHistory(seed: seed, count: 4_000, hasOrders: true)
        let (tables, rows, books) = try replay(history.records, &chance)
        #expect(tables.mistakes == [], "SIM_SEED=\(seed)")
        #expect(try rows.differences(history.records, books.codes) == [], "SIM_SEED=\(seed)")
        // All of it was there: what is cancelled in part and whole, ids that came again, all calls.
        #expect(rows.orders.values.count { $0.reservation == nil } > 100)
        #expect(rows.orders.values.count { $0.isCancelled } > 30)
        #expect(rows.events.count { !$0.isEnd } > 30)
        #expect(Set(rows.orders.values.map(\.order)).count < rows.orders.count)
        #expect(Set(rows.outcomes.map(\.call)).count == 6)
        let sums = tables.figuresByMovements(books.codes)
        for (key, row) in tables.stock {
            let figures = row.figures
            #expect(
                sums[key]
                    == [figures.onHand, figures.held, figures.allocated, figures.safety],
                "movements of \(key); SIM_SEED=\(seed)")
        }
        #expect(books.holds.count == tables.reservations.values.count { $0.state == "HELD" })
    }

    /// In one batch an order that is cancelled is one row, and a deadline that moves, too.
    @Test func whatChangesWithinABatchIsOneRow() throws {
        let history = RandomHistory(seed: 3, count: 2_000, hasOrders: true)
        var books = ProjectionBooks.empty()
        var batch = ProjectionBatch()
        batch.begin(&books)
        #expect(try batch.fill(history.records, from: 0, &books) == history.records.count)
        #expect(batch.orderCancels.isEmpty && batch.orderLineCancels.isEmpty)
        #expect(batch.extensions.isEmpty && batch.ends.isEmpty)
        #expect(batch.orders.contains { $0.isCancelled } && batch.orderEvents.count > 20)
        #expect(batch.policies.count <= batch.stock.count)
    }

    /// Journals that servers wrote, and another hand. `LedgerComparison` knows the records of the
    /// first version; those that came later are compared as rows.
    @Test(arguments: [("all-types", false), ("server", false), ("server-orders", true)])
    func goldenJournalsToo(name: String, hasOrders: Bool) throws {
        let records = try GoldenJournal(name).records()
        let ledger = try LedgerComparison(records, retention: 86_400_000)
        #expect(ledger.violations == [])
        for seed in 1...20 as ClosedRange<UInt64> {
            var chance = SeededChance(seed: seed)
            let (tables, rows, books) = try replay(records, &chance)
            #expect(try rows.differences(records, books.codes) == [], "seed \(seed)")
            if !hasOrders { #expect(ledger.differences(tables) == [], "seed \(seed)") }
        }
    }

    /// Books that are made from the tables go on as those that were there.
    @Test(arguments: [false, true]) func booksAreLoadedFromTheTables(hasOrders: Bool) throws {
        let history = RandomHistory(seed: 5, count: 3_000, hasOrders: hasOrders)
        var books = ProjectionBooks.empty()
        var tables = Tables()
        var rows = RowTables()
        var batch = ProjectionBatch(limits: BatchLimits(rowsMax: 3_000))
        var next = 0
        while next < history.records.count {
            if next > 0 { books = try reloaded(tables, books) }
            batch.begin(&books)
            next = try batch.fill(history.records, from: next, &books)
            tables.apply(batch, books.codes)
            rows.apply(batch)
        }
        #expect(tables.mistakes == [])
        #expect(try rows.differences(history.records, books.codes) == [])
    }

    private func reloaded(
        _ tables: Tables, _ old: ProjectionBooks
    ) throws -> ProjectionBooks {
        var books = ProjectionBooks.empty()
        for number in 0..<UInt32(tables.codes.count) {
            // Kind and brand are in the table; here the old book tells them.
            let text = old.codes.text(number)
            let isBrand = old.codes.number(.brand, of: 0, text.span) == number
            var place: (kind: CodeKind, brand: UInt32)? = isBrand ? (.brand, 0) : nil
            for brand in [0, 4] as [UInt32] where place == nil {
                for kind in [.sku, .warehouse, .dealer] as [CodeKind]
                where old.codes.isDefined(number, as: kind, of: brand) {
                    place = (kind, brand)
                }
            }
            let found = try #require(place)
            try books.codes.load(
                number: number, kind: found.kind.rawValue, brand: found.brand, text: text.span)
        }
        for row in tables.stock.values {
            try books.accounts.load(
                row.account, brand: row.brand, sku: row.sku, warehouse: row.warehouse,
                figures: row.figures, sourceVersion: row.sourceVersion, codes: books.codes)
        }
        for (id, row) in tables.reservations where row.state == "HELD" {
            let brandFound = books.codes.number(.brand, of: 0, Array(id.brand.utf8).span)
            let brand = try #require(brandFound)
            let dealerFound = books.codes.number(.dealer, of: brand, Array(row.dealer.utf8).span)
            let dealer = try #require(dealerFound)
            try books.holds.load(
                id.id, brand: brand, grantedSequence: id.sequence, dealer: dealer,
                created: row.created, codes: books.codes)
        }
        return ProjectionBooks(
            after: tables.appliedSequence, codes: books.codes, accounts: books.accounts,
            holds: books.holds)
    }
}
