// SPDX-License-Identifier: Apache-2.0

internal import Histogram
internal import StockadeAPI

/// What one thread, or all of them, saw in a whole run. Fixed memory at any length.
struct RunTally: Sendable {
    /// Counts of one kind of call.
    struct Kind: Sendable {
        var ok = 0
        var refused = 0
        var failed = 0
        var retried = 0
        var replays = 0
        /// Calls that failed without a reason, by `StatusCode.rawValue`; the last: no final answer.
        var unexplained = [Int](repeating: 0, count: 18)
        /// Refusals and failures by `Reason.rawValue`.
        var reasons = [Int](repeating: 0, count: 256)
        var response = RunRecord.emptyLatency
        var service = RunRecord.emptyLatency
    }

    /// By `CallKind.rawValue`.
    var kinds = [Kind](repeating: Kind(), count: CallKind.allCases.count)
    /// Journeys begun, by stage; and those drawn, whether they began or not.
    var begun: [Int]
    var offered: [Int]
    /// Due to final answer, by the stage in which a call was due.
    var stageResponse: [RunRecord.Latency]
    var lag = RunRecord.emptyLatency
    var wait = RunRecord.emptyLatency
    var journeys = JourneyCounts()
    /// Calls and shed journeys of measured stages, and those among them that failed.
    var measuredEnded = 0
    var measuredFailed = 0
    /// Of the shed journeys: the run had no time for them any more.
    var neverBegun = 0
    /// Calls by the second in which they were due.
    var dueBySecond: [Int] = []
    /// Seconds that `dueBySecond` has at most: a day's.
    static let secondsMax = 86_400
    /// Answers OK whose content can't be right; the first in words.
    var wrongAnswers = 0
    var firstWrongAnswer: String?
    var firstFailure: String?
    /// Connections that came back after they were lost.
    var reconnects = 0
    /// Journeys that waited because as many were under way as the scenario allows.
    var waitedForPlace = 0
    /// Nanoseconds of CPU that the thread used from the start to its end, those of it that went into
    /// waiting for the next due time, and of wall time.
    var cpuNanoseconds: UInt64 = 0
    var spunNanoseconds: UInt64 = 0
    var wallNanoseconds: UInt64 = 0
    /// The busiest thread's share of a core in its busiest second, without what it waited turning.
    var busiest = 0.0
    /// The thread had no connection when it ended.
    var endedCutOff = false
    /// When the last answer came, in nanoseconds since the start.
    var lastAnswer: UInt64 = 0

    init(stages: Int) {
        begun = [Int](repeating: 0, count: stages)
        offered = begun
        dueBySecond.reserveCapacity(1_024)
        stageResponse = [RunRecord.Latency](repeating: RunRecord.emptyLatency, count: stages)
    }

    /// Counts a call that was due so many nanoseconds after the start.
    @inline(__always)
    mutating func countDue(at time: UInt64) { countDue(second: Int(time / 1_000_000_000), 1) }

    private mutating func countDue(second: Int, _ count: Int) {
        guard second < RunTally.secondsMax else { return }
        while dueBySecond.count <= second { dueBySecond.append(0) }
        dueBySecond[second] += count
    }

    /// Adds another thread's.
    mutating func add(_ other: RunTally) {
        for index in kinds.indices {
            kinds[index].ok += other.kinds[index].ok
            kinds[index].refused += other.kinds[index].refused
            kinds[index].failed += other.kinds[index].failed
            kinds[index].retried += other.kinds[index].retried
            kinds[index].replays += other.kinds[index].replays
            for status in kinds[index].unexplained.indices {
                kinds[index].unexplained[status] += other.kinds[index].unexplained[status]
            }
            for reason in kinds[index].reasons.indices {
                kinds[index].reasons[reason] += other.kinds[index].reasons[reason]
            }
            kinds[index].response.add(other.kinds[index].response)
            kinds[index].service.add(other.kinds[index].service)
        }
        for index in begun.indices {
            begun[index] += other.begun[index]
            offered[index] += other.offered[index]
            stageResponse[index].add(other.stageResponse[index])
        }
        lag.add(other.lag)
        wait.add(other.wait)
        journeys.begun += other.journeys.begun
        journeys.completed += other.journeys.completed
        journeys.refused += other.journeys.refused
        journeys.failed += other.journeys.failed
        journeys.shed += other.journeys.shed
        measuredEnded += other.measuredEnded
        measuredFailed += other.measuredFailed
        neverBegun += other.neverBegun
        for (second, count) in other.dueBySecond.enumerated() {
            countDue(second: second, count)
        }
        wrongAnswers += other.wrongAnswers
        firstWrongAnswer = firstWrongAnswer ?? other.firstWrongAnswer
        firstFailure = firstFailure ?? other.firstFailure
        reconnects += other.reconnects
        endedCutOff = endedCutOff || other.endedCutOff
        waitedForPlace += other.waitedForPlace
        cpuNanoseconds += other.cpuNanoseconds
        spunNanoseconds += other.spunNanoseconds
        wallNanoseconds = max(wallNanoseconds, other.wallNanoseconds)
        busiest = max(busiest, other.busiest)
        lastAnswer = max(lastAnswer, other.lastAnswer)
    }
}
