// SPDX-License-Identifier: Apache-2.0

import Histogram
import Testing

@testable import LoadGenerator

/// What a run's figures mean: whether they can be believed, whether bounds were kept, what it ends with.
@Suite struct JudgeTests {
    /// A run of one hold of ten seconds at 1,000 journeys a second, each second like the others.
    private func record(p50: [UInt64] = .init(repeating: 500, count: 10)) -> RunRecord {
        var record = RunRecord()
        var stage = StageRecord()
        stage.name = "hold"
        stage.seconds = 10
        record.stages = [stage]
        record.journeys.offered = 10_000
        record.journeys.begun = 10_000
        var call = CallRecord(.getStock)
        call.ok = 10_000
        for _ in 0..<10_000 { _ = call.response.record(1_000) }
        record.calls = [call]
        for _ in 0..<10_000 { _ = record.lag.record(20) }
        for second in 0..<10 {
            var slice = Slice()
            slice.second = second
            slice.due = 1_000
            slice.sent = 1_000
            slice.ok = 1_000
            slice.p50 = p50[second]
            slice.p99 = 2 * p50[second]
            slice.max = 3 * p50[second]
            record.slices.append(slice)
        }
        return record
    }

    private func scenario() -> Scenario {
        var scenario = Scenario(name: "test")
        scenario.load.stages = [
            Stage(name: "hold", shape: .hold(at: 1_000), duration: 10_000_000_000)
        ]
        return scenario
    }

    private func validity(
        _ record: RunRecord, wasCutShort: Bool = false, stolen: Double = 0,
        _ change: (inout RunTally) -> Void = { _ in }
    ) -> Validity {
        var tally = RunTally(stages: 1)
        tally.wallNanoseconds = 10_000_000_000
        tally.cpuNanoseconds = 1_000_000_000
        tally.busiest = 0.1
        change(&tally)
        return ValidityJudge(
            record: record, tally: tally, scenario: scenario(), serverCPU: nil, serverCores: nil,
            retransmissions: 0, stolenSeconds: stolen, wasCutShort: wasCutShort
        ).judge()
    }

    private func verdict(_ validity: Validity, of name: String) -> Validity.Verdict? {
        validity.findings.first { $0.name == name }?.verdict
    }

    // MARK: - Validity

    @Test func aRunThatDidWhatWasAskedIsValid() {
        #expect(validity(record()).verdict == .valid)
    }

    @Test func whoCannotKeepUpIsInvalid() {
        var record = record()
        record.journeys.begun = 9_500
        #expect(verdict(validity(record), of: "achieved / offered") == .invalid)
        record.journeys.begun = 9_990
        #expect(verdict(validity(record), of: "achieved / offered") == .valid)
    }

    @Test func whatWasNeverBegunIsNotShedByChoice() {
        var record = record()
        record.journeys.begun = 9_000
        record.journeys.shed = 1_000
        let validity = validity(record) { $0.neverBegun = 1_000 }
        #expect(verdict(validity, of: "achieved / offered") == .invalid)
    }

    @Test func aRunThatWasStoppedIsNotBlamedForItsRest() {
        var record = record()
        record.journeys.begun = 100
        let validity = validity(record, wasCutShort: true)
        #expect(verdict(validity, of: "achieved / offered") == .valid)
    }

    @Test func aSecondWithoutAnAnswerIsNotAFastOne() {
        var record = record()
        for second in 6..<10 {
            record.slices[second].p50 = 0
            record.slices[second].max = 0
            record.slices[second].inFlight = 1_000
        }
        #expect(verdict(validity(record), of: "stationarity") == .invalid)
    }

    @Test func whatWasShedIsSaidAndNotHidden() {
        var record = record()
        record.journeys.begun = 9_000
        record.journeys.shed = 1_000
        let validity = validity(record)
        #expect(verdict(validity, of: "achieved / offered") == .valid)
        #expect(verdict(validity, of: "shed") == .degraded)
    }

    @Test(
        arguments: [
            (90, Validity.Verdict.valid), (110, .degraded), (1_000, .degraded), (1_200, .invalid),
        ] as [(UInt64, Validity.Verdict)])
    func theGeneratorsLagDecides(_ lag: UInt64, _ expected: Validity.Verdict) {
        var record = record()
        record.lag = RunRecord.emptyLatency
        for _ in 0..<1_000 { _ = record.lag.record(lag) }
        #expect(verdict(validity(record), of: "schedule lag") == expected)
    }

    @Test func aGrowingBacklogIsInvalid() {
        let growing: [UInt64] = (1...10).map { $0 * 10_000 }
        #expect(verdict(validity(record(p50: growing)), of: "stationarity") == .invalid)
        let slower: [UInt64] = [500, 500, 500, 500, 500, 1_200, 1_200, 1_200, 1_200, 1_200]
        #expect(verdict(validity(record(p50: slower)), of: "stationarity") == .degraded)
    }

    @Test func aHoldWithAFaultIsNotComparedWithItself() {
        var record = record(p50: (1...10).map { $0 * 10_000 })
        record.events = [RunEvent(seconds: 5, kind: "kill", text: "")]
        #expect(verdict(validity(record), of: "stationarity") == .valid)
    }

    @Test func aBusyGeneratorAndFewSamplesAreSaid() {
        #expect(
            verdict(validity(record()) { $0.busiest = 0.9 }, of: "generator's CPU") == .degraded)
        var few = record()
        few.calls[0].response = RunRecord.emptyLatency
        for _ in 0..<500 { _ = few.calls[0].response.record(1_000) }
        #expect(verdict(validity(few), of: "samples") == .degraded)
        few.calls[0].response = RunRecord.emptyLatency
        #expect(verdict(validity(few), of: "samples") == .invalid)
    }

    @Test func waitingForAPlaceIsTheRunsOwnBound() {
        #expect(verdict(validity(record()) { $0.waitedForPlace = 10 }, of: "places") == .degraded)
        #expect(
            verdict(validity(record()) { $0.waitedForPlace = 6_000 }, of: "places") == .invalid)
    }

    @Test func stolenTimeIsSaid() {
        #expect(verdict(validity(record(), stolen: 0.01), of: "stolen time") == .valid)
        #expect(verdict(validity(record(), stolen: 100), of: "stolen time") == .degraded)
    }

    // MARK: - Objectives

    private func objective(_ metric: Metric, _ comparison: Comparison, _ bound: Double) -> Objective
    {
        Objective(text: "test", metric: metric, comparison: comparison, bound: bound)
    }

    @Test func boundsAreHeldAgainstTheFigures() {
        var record = record()
        record.measuredCalls = 10_000
        record.measuredFailures = 99
        let results = ObjectiveJudge.judge(
            [
                objective(.response(.getStock, percentile: 99), .less, 1_100),
                objective(.response(nil, percentile: 99), .less, 900),
                objective(.errorRate, .less, 0.01), objective(.errorRate, .less, 0.005),
                objective(.achieved, .atLeast, 0.99),
                objective(.response(.getStock, percentile: 99.99), .less, 1_000_000),
            ], record)
        #expect(results.map(\.isKept) == [true, false, true, false, true, false])
        // Ten thousand calls have but one above p99.99.
        #expect(results[5].figure == nil)
    }

    @Test func recoveryCountsFromTheFaultToTheEndOfTheFirstGoodSecond() {
        var record = record()
        record.events = [RunEvent(seconds: 3.5, kind: "kill", text: "")]
        record.slices[4].p99 = 900_000
        record.slices[5].p99 = 900_000
        let judged = ObjectiveJudge.judge([objective(.recoveryTime, .less, 4)], record)
        #expect(judged[0].figure == 3.5)
        for index in 4..<10 { record.slices[index].p99 = 900_000 }
        let never = ObjectiveJudge.judge([objective(.recoveryTime, .less, 4)], record)
        #expect(never[0].figure == nil)
        #expect(!never[0].isKept)
    }

    @Test func anAbortRuleNeedsItsSecondsOnEnd() {
        let rule = AbortRule(condition: objective(.errorRate, .greater, 0.2), seconds: 3)
        var watch = AbortWatch([rule])
        var bad = Slice()
        bad.failed = 1
        var good = Slice()
        good.ok = 1
        // Calls are open and nothing is heard: what was true goes on.
        var silent = Slice()
        silent.inFlight = 1
        let judged = [bad, bad, good, bad, silent, bad].map { watch.judge($0) == rule }
        #expect(judged == [false, false, false, false, false, true])
    }

    // MARK: - The end

    @Test func theWorstReasonDecides() {
        var record = record()
        var course = EndingJudge.Course()
        #expect(EndingJudge.judge(record, course).exitCode == 0)
        record.objectives = [
            ObjectiveResult(
                objective: objective(.errorRate, .less, 0), figure: 1, isKept: false)
        ]
        #expect(EndingJudge.judge(record, course).exitCode == 3)
        course.abortRule = AbortRule(condition: objective(.errorRate, .greater, 0), seconds: 1)
        #expect(EndingJudge.judge(record, course).exitCode == 6)
        record.validity.findings = [.init(name: "lag", verdict: .invalid, text: "")]
        #expect(EndingJudge.judge(record, course).exitCode == 5)
        course.failure = "the server ended"
        #expect(EndingJudge.judge(record, course).exitCode == 1)
        record.checks = [CheckResult(.lost, level: .fail, outcome: .failed)]
        let ending = EndingJudge.judge(record, course)
        #expect(ending.exitCode == 4)
        #expect(ending.reasons.count == 5)
    }

    @Test func anInterruptedRunIsJudgedByItsChecksOnly() {
        var record = record()
        record.validity.findings = [.init(name: "lag", verdict: .invalid, text: "")]
        var course = EndingJudge.Course()
        course.signal = 2
        #expect(EndingJudge.judge(record, course).exitCode == 130)
        course.signal = 15
        #expect(EndingJudge.judge(record, course).exitCode == 143)
        record.checks = [CheckResult(.lost, level: .fail, outcome: .failed)]
        #expect(EndingJudge.judge(record, course).exitCode == 4)
    }

    @Test func aCheckThatOnlyWarnsFailsNothing() {
        var record = record()
        record.checks = [CheckResult(.undersold, level: .warn, outcome: .failed)]
        #expect(EndingJudge.judge(record, EndingJudge.Course()).exitCode == 0)
    }

    // MARK: - The command

    @Test func wordsAreCutAsAShellDoesIt() {
        #expect(CommandWords("a  b\tc")?.words == ["a", "b", "c"])
        #expect(CommandWords("a 'b c' \"d 'e'\" f\\ g")?.words == ["a", "b c", "d 'e'", "f g"])
        #expect(CommandWords("a '' b")?.words == ["a", "", "b"])
        #expect(CommandWords("a 'b") == nil)
        #expect(CommandWords("a b\\") == nil)
        #expect(CommandWords("  ") == nil)
        #expect(CommandWords("serve --data 'my data' -x")?.value(of: "--data") == "my data")
        #expect(CommandWords("serve --data=d")?.value(of: "--data") == "d")
        #expect(CommandWords("serve --data")?.value(of: "--data") == nil)
    }
}
