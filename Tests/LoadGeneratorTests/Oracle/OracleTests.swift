// SPDX-License-Identifier: Apache-2.0

import Primitives
import StockadeAPI
import Testing
import Wire

@testable import LoadGenerator

/// A sale that was right passes; each thing that can go wrong is caught by the check that is for it,
/// and by no other.
@Suite struct OracleTests {
    @Test func aRightSalePasses() throws {
        let results = try SaleBooks.clean().results()
        #expect(results.map(\.name) == CheckName.allCases)
        for result in results {
            #expect(result.outcome == .passed, "\(result)")
            #expect(result.count == 0)
            #expect(!result.extent.isEmpty)
        }
        let unknown = results.first { $0.name == .unknown }
        #expect(
            unknown?.extent == "2 reservations (1 took effect), 1 confirmation (1 took effect), "
                + "1 release (1 took effect), 1 order (1 took effect), 2 cancellations "
                + "(1 took effect) without an answer")
        let conservation = results.first { $0.name == .conservation }
        #expect(conservation?.extent.hasSuffix(" sold, 11 units cancelled") == true)
    }

    @Test(
        arguments: Planted.stock + Planted.effects + Planted.answers + Planted.orders
            + Planted.cancellations)
    func aMistakeIsCaught(_ planted: Planted) throws {
        var books = SaleBooks.clean()
        planted.edit(&books)
        let results = try books.results()
        let failed = results.filter { $0.outcome == .failed }
        #expect(Set(failed.map(\.name)) == planted.by, "\(failed.map(\.counterexamples))")
        for result in failed {
            #expect(result.count > 0)
            #expect(!result.counterexamples.isEmpty)
        }
    }

    @Test func aHoldIsFineUntilASecondAfterItsDeadline() throws {
        var books = SaleBooks.clean()
        books.changeHold(SaleBooks.abandoned) {
            $0.deadline = UInt64(SaleBooks.highestTick - 1_000)
        }
        #expect(try books.failed() == [])
    }

    /// Turned away at the door after an attempt without an answer: the first may have worked.
    @Test func aRefusalAtTheDoorSaysNothingOfEarlierAttempts() throws {
        var books = SaleBooks.clean()
        books.keep(SaleBooks.soldOut, .held, [(2, 9)])
        books.change(.reserve, SaleBooks.soldOut) {
            $0.sku = 2
            $0.attempts = 2
            $0.reason = Reason.rateLimited.rawValue
            $0.status = StatusCode.resourceExhausted.rawValue
        }
        #expect(try books.failed() == [])
        books.change(.reserve, SaleBooks.soldOut) { $0.attempts = 1 }
        #expect(try books.failed() == [.phantom])
    }

    /// A restart forgets a release that came first, and refusals; what is granted afterwards counts.
    @Test func aRestartForgetsWhatWasRefused() throws {
        var books = SaleBooks.clean()
        books.call(
            .release, 90, [(2, 1, 0)], .refused, reason: .reservationNotFound, flags: .overtaken)
        books.call(.reserve, 90, [(2, 1, 1)], state: .held, attempts: 2, flags: .overtaken)
        books.keep(90, .held, [(2, 1)])
        #expect(try books.failed() == [.phantom])
        let release = try #require(books.rows.first { $0.journey == 90 })
        #expect(try books.failed { $0.restarts = [release.sent - 1] } == [.phantom])
        #expect(try books.failed { $0.restarts = [release.answered + 1] } == [])
        // Refused at first, granted when it was sent again.
        books.call(
            .reserve, 91, [(2, 1, 0)], .refused, reason: .insufficientStock, available: 0)
        books.call(.reserve, 91, [(2, 1, 1)], state: .held, flags: .again)
        books.keep(91, .held, [(2, 1)])
        #expect(try books.failed { $0.restarts = [release.answered + 1] } == [])
    }

    @Test func whatTheJournalsOwnCheckFoundCounts() throws {
        let books = SaleBooks.clean()
        let results = try books.results {
            $0.journalCheckExit = 1
            $0.journalCheckText = "violation oversold: one too many\nrecords 5\n"
        }
        let oversold = try #require(results.first)
        #expect(oversold.outcome == .failed)
        #expect(oversold.counterexamples == ["stockade check: violation oversold: one too many"])
        #expect(try books.failed { $0.journalCheckExit = 3 } == [.lost])
    }

    @Test func withoutADumpTheClientSideIsJudged() throws {
        var books = SaleBooks.clean()
        let results = try books.results {
            $0.dumpPath = nil
            $0.journalCheckText = "--target alone"
        }
        let open = CheckResult.Outcome.notChecked("the journal wasn't joined: --target alone")
        for result in results {
            let isOpen = ![.oversold, .duplicate, .race, .postgres].contains(result.name)
            #expect(result.outcome == (isOpen ? open : .passed), "\(result)")
        }
        // One unit more than there is was sold for good.
        books.call(.reserve, 90, [(0, 1, 1)], state: .held)
        books.call(.confirm, 90, [(0, 1, 1)])
        // One that was overtaken, granted all the same, and then not found.
        books.call(
            .release, 92, [(2, 1, 0)], .refused, reason: .reservationNotFound, flags: .overtaken)
        books.call(.reserve, 92, [(2, 1, 1)], state: .held, flags: .overtaken)
        books.call(.reserve, 93, [(2, 1, 1)], state: .held)
        books.call(.release, 93, [(2, 1, 0)], .refused, reason: .reservationNotFound)
        #expect(try books.failed { $0.dumpPath = nil } == [.oversold, .phantom, .lost])
    }

    @Test func unitsAreCountedOverTime() throws {
        var books = SaleBooks.clean()
        // Seven of SKU 1 at once, before the closing phase buys them; all given back later.
        books.rows.removeAll { $0.flags.contains(.closing) }
        books.call(.reserve, 90, [(1, 6, 6)], state: .held)
        books.call(.release, 90, [(1, 6, 6)], state: .released)
        books.call(.reserve, 91, [(1, 6, 6)], state: .held)
        #expect(try books.failed { $0.dumpPath = nil } == [])
        books.call(.reserve, 92, [(1, 1, 1)], state: .held)
        let results = try books.results { $0.dumpPath = nil }
        #expect(results.first?.outcome == .failed)
        #expect(results.first?.count == 1)
    }

    @Test func theClosingPhaseMustBeWhole() throws {
        var books = SaleBooks.clean()
        books.closing = nil
        #expect(try books.undersold() == .notChecked("no closing phase"))
        books.closing = ClosingResult(refusedSKUs: [true, true], note: "interrupted")
        #expect(try books.undersold() == .notChecked("interrupted"))
        books.closing = ClosingResult(refusedSKUs: [true, false])
        guard case .notChecked = try books.undersold() else {
            Issue.record("one SKU wasn't sold out")
            return
        }
    }

    @Test func whatIsSwitchedOffIsntLookedAt() throws {
        var books = SaleBooks.clean()
        books.forgetHold(SaleBooks.abandoned)
        let results = try books.results { $0.levels = [.lost: .off, .phantom: .warn] }
        #expect(results.allSatisfy { $0.outcome != .failed })
        #expect(results.first { $0.name == .lost }?.level == .off)
        #expect(results.first { $0.name == .phantom }?.level == .warn)
    }

    @Test func anotherRunsLedgerIsRefused() throws {
        #expect(throws: OracleFault.self) {
            try SaleBooks.clean().results { $0.identity = RunIdentity(runID: 1, seed: 7) }
        }
    }

    @Test func nothingIsLeftBehind() throws {
        let folder = try TestFolder()
        var input = try SaleBooks.clean().write(to: folder.path)
        // So little that every sorter spills.
        input.sortMemoryBytes = 400
        #expect(try Oracle.verify(input).checks.allSatisfy { $0.outcome == .passed })
        #expect(folder.names == ["dump", "ledger", "work"])
        #expect(folder.names(in: "work") == [])
    }
}
