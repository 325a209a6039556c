// SPDX-License-Identifier: Apache-2.0

internal import Histogram

/// What one thread, or all of them, saw in one second.
struct SecondTally: Sendable {
    var slice = Slice()
    /// Microseconds of the calls that ended in it.
    var response = RunRecord.emptyLatency
    /// Microseconds of the generator's own lag.
    var lag = RunRecord.emptyLatency

    /// Adds another thread's.
    mutating func add(_ other: SecondTally) {
        slice.due += other.slice.due
        slice.sent += other.slice.sent
        slice.ok += other.slice.ok
        slice.refused += other.slice.refused
        slice.failed += other.slice.failed
        slice.retried += other.slice.retried
        slice.shed += other.slice.shed
        slice.inFlight += other.slice.inFlight
        for index in slice.statuses.indices { slice.statuses[index] += other.slice.statuses[index] }
        response.add(other.response)
        lag.add(other.lag)
    }

    /// The second with its percentiles.
    var finished: Slice {
        var slice = slice
        if response.totalCount > 0 {
            slice.p50 = response.valueAtPercentile(50)
            slice.p90 = response.valueAtPercentile(90)
            slice.p99 = response.valueAtPercentile(99)
            slice.p999 = response.valueAtPercentile(99.9)
            slice.max = response.maxRecorded
        }
        if lag.totalCount > 0 { slice.lagP99 = lag.valueAtPercentile(99) }
        return slice
    }
}
