// SPDX-License-Identifier: Apache-2.0

/// How long records took from being durable until they were seen in the tables, in milliseconds.
struct LagFigures: Encodable {
    var records = 0
    var p50: Double = 0
    var p90: Double = 0
    var p99: Double = 0
    var max: Double = 0

    /// Of the records that became durable from `start` on; each commit's lag counts as often as it
    /// has records.
    init(_ entries: [DurableLog.Entry], _ samples: [LagWatch.Sample], from start: UInt64) {
        var lags: [(milliseconds: Double, records: Int)] = []
        var place = 0
        var before: UInt64 = 0
        for entry in entries {
            let count = Int(entry.sequence - before)
            before = entry.sequence
            while place < samples.count, samples[place].applied < entry.sequence { place += 1 }
            guard place < samples.count else { break }
            guard entry.nanoseconds >= start else { continue }
            // The sampler may have seen it before the committing thread had noted it.
            let lag = Int64(samples[place].nanoseconds) - Int64(entry.nanoseconds)
            lags.append((Double(lag) / 1e6, count))
            records += count
        }
        lags.sort { $0.milliseconds < $1.milliseconds }
        p50 = LagFigures.quantile(0.50, lags, of: records)
        p90 = LagFigures.quantile(0.90, lags, of: records)
        p99 = LagFigures.quantile(0.99, lags, of: records)
        max = lags.last?.milliseconds ?? 0
    }

    private static func quantile(
        _ share: Double, _ lags: [(milliseconds: Double, records: Int)], of total: Int
    ) -> Double {
        var left = share * Double(total)
        for lag in lags {
            left -= Double(lag.records)
            if left <= 0 { return lag.milliseconds }
        }
        return lags.last?.milliseconds ?? 0
    }
}
