// SPDX-License-Identifier: Apache-2.0

import Effects
import Journal
import Primitives
import Projection
import Testing

/// What lies on a disk may be anything: it is buried, and changes nothing.
@Suite struct PoisonTests {
    /// Two brands with an account each, and a reservation that is held; sequences 1 to 11.
    private struct Bench {
        var books = ProjectionBooks.empty(capacity: 12)
        var batch = ProjectionBatch()
        private let pen = Pen()

        init() throws {
            batch.begin(&books)
            // 0 ACME; 1 pen, 2 north, 3 dealer; 4 other; 5 pen, 6 north, 7 dealer.
            for brand in [0, 4] as [UInt32] {
                define(0, 1, brand == 0 ? "ACME" : "other", brand)
                try take()
                define(brand, 2, "pen", brand + 1)
                try take()
                define(brand, 3, "north", brand + 2)
                try take()
                define(brand, 4, "D1", brand + 3)
                try take()
                set(brand, account: brand + 20, onHand: 10, version: 1)
                try take()
            }
            reserve(id: 1)
            try take()
        }

        mutating func define(_ brand: UInt32, _ kind: UInt8, _ text: String, _ number: UInt32) {
            RecordWriting.define(
                brand: brand, number: number, kind: kind, text: Array(text.utf8).span,
                into: &pen.writer)
        }

        mutating func set(
            _ brand: UInt32, account: UInt32, sku: UInt32? = nil, warehouse: UInt32? = nil,
            onHand: Int64, version: UInt64
        ) {
            RecordWriting.setStock(
                brand: brand, request: ClientID(high: 1, low: version), fingerprint: 0,
                account: account, sku: sku ?? brand + 1, warehouse: warehouse ?? brand + 2,
                sourceVersion: 0,
                figures: StockFigures(
                    onHand: onHand, held: 0, allocated: 0, safety: 0, version: version),
                into: &pen.writer)
        }

        mutating func reserve(
            id: UInt64, brand: UInt32 = 0, dealer: UInt32 = 3, fillMode: UInt8 = 1,
            lines: [UInt32] = [1], account: UInt32 = 20, told: [UInt32] = [20], held: Int64 = 1,
            version: UInt64 = 2
        ) {
            RecordWriting.beginReserve(
                brand: brand, reservation: ClientID(high: 2, low: id), fingerprint: 0,
                dealer: dealer, timeToLive: 1_000, fillMode: fillMode, legCount: lines.count,
                accountCount: told.count, into: &pen.writer)
            for line in lines {
                pen.writer.append(
                    RecordLeg(line: line, account: account, amount: 1, isShort: false))
            }
            for account in told {
                RecordWriting.addHeld(
                    account: account, held: held, version: version, into: &pen.writer)
            }
            RecordHeader.end(&pen.writer)
        }

        mutating func confirm(id: UInt64, lines: [UInt32] = [1], amount: UInt32 = 1) {
            RecordWriting.beginConfirm(
                brand: 0, reservation: ClientID(high: 2, low: id), order: ClientID(high: 3, low: 1),
                legCount: lines.count, accountCount: 1, into: &pen.writer)
            for line in lines {
                pen.writer.append(
                    RecordLeg(line: line, account: 20, amount: amount, isShort: false))
            }
            RecordWriting.addHeldAndCommitted(
                account: 20, held: 0, committed: 1, version: 3, into: &pen.writer)
            RecordHeader.end(&pen.writer)
        }

        /// Adds what was written.
        mutating func take() throws {
            let answer = try batch.add(bytes.span, at: position, in: &books)
            #expect(answer == .added)
        }

        var bytes: [UInt8] { pen.bytes }

        var position: RecordPosition {
            RecordPosition(
                sequence: books.lastSequence + 1, tick: Tick(milliseconds: 5),
                wall: WallTime(milliseconds: 6))
        }

        /// What is wrong with what was written; it must change nothing.
        mutating func fault() -> RowFault.Kind? {
            let (rows, last) = (batch.rowCount, books.lastSequence)
            let fault = #expect(throws: RowFault.self) { try take() }
            #expect(batch.rowCount == rows && books.lastSequence == last)
            #expect(fault?.sequence == last + 1)
            return fault?.kind
        }
    }

    @Test func wrongRecordsAreFaults() throws {
        var bench = try Bench()
        bench.define(0, 2, "ink", 9)
        #expect(bench.fault() == .definition(9), "out of its turn")
        bench.define(0, 2, "pen", 8)
        #expect(bench.fault() == .definition(8), "twice")
        bench.define(3, 2, "ink", 8)
        #expect(bench.fault() == .definition(8), "of no brand")
        bench.define(0, 5, "ink", 8)
        #expect(bench.fault() == .definition(8), "of no kind")
        bench.define(0, 2, "", 8)
        #expect(bench.fault() == .definition(8), "no text")
        bench.define(0, 2, "a\0b", 8)
        #expect(bench.fault() == .definition(8), "a text that no table takes")
        bench.set(0, account: 30, sku: 99, onHand: 1, version: 1)
        #expect(bench.fault() == .unknownCode(99))
        bench.set(0, account: 30, sku: 5, onHand: 1, version: 1)
        #expect(bench.fault() == .unknownCode(5), "another brand's")
        bench.set(0, account: 30, onHand: 1, version: 1)
        #expect(bench.fault() == .accountCodes(30), "another account's codes")
        bench.set(4, account: 20, onHand: 1, version: 3)
        #expect(bench.fault() == .accountCodes(20))
        bench.set(0, account: 20, onHand: 1, version: 2)
        #expect(bench.fault() == .version(account: 20, told: 2, known: 2))
        bench.set(0, account: 20, onHand: 1, version: .max)
        #expect(bench.fault() == .version(account: 20, told: .max, known: 2))
        bench.set(0, account: 20, onHand: .min, version: 3)
        #expect(bench.fault() == .figure(account: 20))
        bench.reserve(id: 1, version: 3)
        #expect(bench.fault() == .heldAlready)
        bench.reserve(id: 2, dealer: 7, version: 3)
        #expect(bench.fault() == .unknownCode(7))
        bench.reserve(id: 2, brand: 1, version: 3)
        #expect(bench.fault() == .unknownCode(1))
        bench.reserve(id: 2, fillMode: 3, version: 3)
        #expect(bench.fault() == .fillMode(3))
        for lines in [[], [0], [2, 1, 2]] as [[UInt32]] {
            bench.reserve(id: 2, lines: lines, version: 3)
            #expect(bench.fault() == .lines)
        }
        bench.reserve(id: 2, account: 24, version: 3)
        #expect(bench.fault() == .unknownAccount(24), "another brand's")
        bench.reserve(id: 2, told: [77], version: 3)
        #expect(bench.fault() == .unknownAccount(77))
        bench.reserve(id: 2, told: [20, 20], version: 3)
        #expect(bench.fault() == .accountTwice(20))
        bench.reserve(id: 2, held: .max, version: 3)
        #expect(bench.fault() == .figure(account: 20))
        bench.confirm(id: 2)
        #expect(bench.fault() == .notHeld)
        bench.confirm(id: 1, lines: [2])
        #expect(bench.fault() == .lines)
        bench.confirm(id: 1, amount: 2)
        #expect(bench.fault() == .lines)
        // And what is right goes on.
        bench.confirm(id: 1)
        try bench.take()
        #expect(bench.batch.orders.count == 1 && bench.books.holds.count == 0)
    }

    @Test func whatIsBuriedIsCovered() throws {
        var bench = try Bench()
        bench.confirm(id: 9)
        let bytes = bench.bytes
        try bench.batch.bury(
            bytes.span, at: bench.position, message: "ends what isn't held", in: &bench.books)
        #expect(bench.batch.lastSequence == 12 && bench.books.lastSequence == 12)
        let letter = try #require(bench.batch.deadLetters.first)
        #expect(letter.sequence == 12 && letter.body.count == 96 && letter.sqlState == "")
        bench.confirm(id: 1)
        try bench.take()
        bench.batch.undo(&bench.books)
        #expect(bench.books.lastSequence == 0 && bench.books.codes.count == 0)
        #expect(bench.books.accounts.count == 0 && bench.books.holds.count == 0)
    }

    @Test func fullBooksAreNoPoison() throws {
        var bench = try Bench()
        for number in 8..<12 as Range<UInt32> {
            bench.define(0, 2, "sku-\(number)", number)
            try bench.take()
        }
        bench.define(0, 2, "sku-12", 12)
        let kind = bench.fault()
        #expect(kind == .bookFull(.codes))
        #expect(kind.map { RowFault($0, sequence: 1).isPoison } == false)
        for id in 2..<13 as Range<UInt64> {
            bench.reserve(id: id, version: id + 1)
            try bench.take()
        }
        bench.reserve(id: 13, version: 14)
        #expect(bench.fault() == .bookFull(.holds))
    }

    /// Every length, and every byte changed: a fault or rows, never a crash.
    @Test func anythingIsReadWithoutACrash() throws {
        let good = RandomHistory(seed: 11, count: 400, hasOrders: true).records
        var chance = SeededChance(seed: 12)
        var (faults, taken) = (0, 0)
        for _ in 0..<2_000 {
            var books = ProjectionBooks.empty()
            var batch = ProjectionBatch()
            batch.begin(&books)
            let count = chance.below(300) + 20
            for record in good.prefix(count) {
                _ = try batch.add(record.bytes.span, at: record.position, in: &books)
            }
            var bytes = good[count].bytes
            switch chance.below(4) {
            case 0:
                bytes.removeLast(chance.below(bytes.count + 1))
                if bytes.count >= 2, chance.oneIn(2) {
                    bytes[0] = UInt8(truncatingIfNeeded: bytes.count)
                    bytes[1] = UInt8(truncatingIfNeeded: bytes.count >> 8)
                }
            default:
                for _ in 0...chance.below(3) {
                    bytes[chance.below(bytes.count)] = UInt8(chance.below(256))
                }
            }
            do {
                _ = try batch.add(bytes.span, at: good[count].position, in: &books)
                taken += 1
            } catch {
                faults += 1
                #expect(!error.explanation.isEmpty)
            }
            batch.undo(&books)
            #expect(books.lastSequence == 0 && books.codes.count == 0)
        }
        #expect(faults > 100 && taken > 100)
    }
}
