// SPDX-License-Identifier: Apache-2.0

public import Histogram
public import StockadeAPI

/// What one thread of a run saw. Fixed memory at any length.
public struct BenchTally: Sendable {
    /// Answers within the measured time.
    public internal(set) var measuredCalls = 0
    /// Items and lines that were answered OK, over the whole run: units, where there are any.
    public internal(set) var granted = 0
    /// Those that were refused because they are sold out.
    public internal(set) var refused = 0
    /// First attempts that were answered as replays: a failure of correctness.
    public internal(set) var replayed = 0
    /// Later attempts that were: the first one had its effect, and only its answer was lost.
    public internal(set) var replayedRetries = 0
    /// Attempts after the first.
    public internal(set) var retried = 0
    /// Connections that were lost and came back.
    public internal(set) var reconnects = 0
    /// Every other answer, and answers whose content is wrong.
    public internal(set) var failed = 0
    /// Those among them that the server refused for want of room or time, and told so: nothing is
    /// wrong with such an answer, but nothing was sold either.
    public internal(set) var turnedAway = 0
    /// The reason of the first of those; nil: there was none, or it gave none.
    public internal(set) var firstTurnedAway: Reason?
    /// Requests without a final answer when the run ended.
    public internal(set) var unknown = 0
    /// The first failure in words.
    public internal(set) var firstFailure: String?
    /// Microseconds to the final answer, within the measured time: closed loop, from the first
    /// sending; open loop, from when the call was due.
    public internal(set) var latency = Histogram<UInt64>(
        lowestDiscernibleValue: 1, highestTrackableValue: 3_600_000_000,
        numberOfSignificantValueDigits: .three)
    /// Open loop, microseconds by which the generator itself was late.
    public internal(set) var lag = Histogram<UInt64>(
        lowestDiscernibleValue: 1, highestTrackableValue: 3_600_000_000,
        numberOfSignificantValueDigits: .three)
    /// Open loop: calls that were due when no connection took another one. They were sent late, and
    /// their latency says so.
    public internal(set) var waitedForRoom = 0
    /// Open loop: calls that were due within the measured time.
    public internal(set) var dueCalls = 0
    /// Open loop: answers within the measured time, to whichever calls.
    public internal(set) var answersInTime = 0
    /// The last answer in the measured time, in monotonic nanoseconds.
    var lastMeasured: UInt64 = 0
    /// Units granted of each SKU.
    var grantedBySKU: [UInt32]
    /// SKUs of which a call was refused.
    var refusedSKU: [Bool]

    init(skus: Int) {
        grantedBySKU = Array(repeating: 0, count: skus)
        refusedSKU = Array(repeating: false, count: skus)
    }

    mutating func add(_ other: BenchTally) {
        measuredCalls += other.measuredCalls
        granted += other.granted
        refused += other.refused
        replayed += other.replayed
        failed += other.failed
        turnedAway += other.turnedAway
        firstTurnedAway = firstTurnedAway ?? other.firstTurnedAway
        replayedRetries += other.replayedRetries
        retried += other.retried
        reconnects += other.reconnects
        unknown += other.unknown
        waitedForRoom += other.waitedForRoom
        dueCalls += other.dueCalls
        answersInTime += other.answersInTime
        lag.add(other.lag)
        if firstFailure == nil { firstFailure = other.firstFailure }
        latency.add(other.latency)
        lastMeasured = max(lastMeasured, other.lastMeasured)
        for index in grantedBySKU.indices {
            grantedBySKU[index] += other.grantedBySKU[index]
            refusedSKU[index] = refusedSKU[index] || other.refusedSKU[index]
        }
    }
}
