// SPDX-License-Identifier: Apache-2.0

public import Histogram

/// What one thread of a run saw. Fixed memory at any length.
public struct BenchTally: Sendable {
    /// Answers within the measured time.
    public internal(set) var measuredCalls = 0
    /// Answers OK, over the whole run.
    public internal(set) var granted = 0
    /// Answers FAILED_PRECONDITION: sold out.
    public internal(set) var refused = 0
    /// First attempts that were answered as replays: a failure of correctness.
    public internal(set) var replayed = 0
    /// Every other answer, and answers whose content is wrong.
    public internal(set) var failed = 0
    /// Calls without an answer.
    public internal(set) var unanswered = 0
    /// The first failure in words.
    public internal(set) var firstFailure: String?
    /// Microseconds from submitting a call to its answer, within the measured time.
    public internal(set) var latency = Histogram<UInt64>(
        lowestDiscernibleValue: 1, highestTrackableValue: 3_600_000_000,
        numberOfSignificantValueDigits: .three)
    /// First and last answer in the measured time, in monotonic nanoseconds.
    var firstMeasured: UInt64 = .max
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
        unanswered += other.unanswered
        if firstFailure == nil { firstFailure = other.firstFailure }
        latency.add(other.latency)
        firstMeasured = min(firstMeasured, other.firstMeasured)
        lastMeasured = max(lastMeasured, other.lastMeasured)
        for index in grantedBySKU.indices {
            grantedBySKU[index] += other.grantedBySKU[index]
            refusedSKU[index] = refusedSKU[index] || other.refusedSKU[index]
        }
    }
}
