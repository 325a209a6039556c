// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import StockadeServer

/// How many decisions share a flush.
@Suite struct SubmissionPaceTests {
    @Test func aBoundIsMetOnce() {
        var pace = SubmissionPace()
        let bound = pace.bound
        let metAt = (1...2 * bound).first { _ in pace.countDecision() }
        #expect(metAt == bound)
        pace.submittedByCount(at: 0)
        let isMetAgain = pace.countDecision()
        #expect(!isMetAgain)
    }

    @Test func whoIsNeverIdleLetsMoreGather() {
        var pace = SubmissionPace()
        for _ in 0..<100 {
            let before = pace.bound
            while !pace.countDecision() {}
            pace.submittedByCount(at: 0)
            #expect(pace.bound > before || before == SubmissionPace.boundMax)
        }
        #expect(pace.bound == SubmissionPace.boundMax)
    }

    @Test func whoSleepsOverRecordsLetsFewerGather() {
        var pace = SubmissionPace()
        for _ in 0..<100 {
            let before = pace.bound
            _ = pace.countDecision()
            pace.submittedWhenIdle(at: 0)
            #expect(pace.bound < before || before == SubmissionPace.boundMin)
        }
        #expect(pace.bound == SubmissionPace.boundMin)
    }

    @Test func sleepingWithoutRecordsSaysNothing() {
        var pace = SubmissionPace()
        let before = pace.bound
        for _ in 0..<100 { pace.submittedWhenIdle(at: 0) }
        #expect(pace.bound == before)
    }

    /// A loop with so many callers, of whom it decides all and then sleeps: the bound settles below
    /// their number, so that a part is on its way to disk while the others are decided.
    @Test(arguments: [256, 512, 1_000, 2_000, 4_000])
    func itSettlesBelowTheNumberOfCallers(callers: Int) {
        var pace = SubmissionPace()
        var bounds: [Int] = []
        for _ in 0..<1_000 {
            for _ in 0..<callers where pace.countDecision() { pace.submittedByCount(at: 0) }
            pace.submittedWhenIdle(at: 0)
            bounds.append(pace.bound)
        }
        let settled = bounds.suffix(500)
        #expect(settled.allSatisfy { $0 <= callers * 9 / 8 }, "\(callers): \(settled.max()!)")
        #expect(settled.contains { $0 < callers }, "\(callers): \(settled.min()!)")
    }

    @Test func timeSubmitsToo() {
        var pace = SubmissionPace()
        pace.submitted(at: 5)
        #expect(!pace.isDue(at: 5 + SubmissionPace.interval - 1))
        #expect(pace.isDue(at: 5 + SubmissionPace.interval))
    }
}
