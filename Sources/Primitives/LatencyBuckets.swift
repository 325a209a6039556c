// SPDX-License-Identifier: Apache-2.0

/// The buckets of every histogram of times: close together where a durable answer belongs (0.1 to 10 ms),
/// and up to a second, behind which something is broken.
public enum LatencyBuckets {
    /// Upper bounds in nanoseconds, ascending; one more bucket has no bound.
    public static let bounds: [UInt64] = [
        50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000,
        25_000_000, 50_000_000, 100_000_000, 250_000_000, 500_000_000, 1_000_000_000,
    ]
    /// Buckets, the one without a bound included.
    public static let count = 15

    /// The bucket that a time falls into: the first whose bound isn't below it. A few compares.
    @inlinable
    public static func index(ofNanoseconds time: UInt64) -> Int {
        if time <= 1_000_000 {
            if time <= 100_000 { return time <= 50_000 ? 0 : 1 }
            return time <= 250_000 ? 2 : time <= 500_000 ? 3 : 4
        }
        if time <= 25_000_000 {
            if time <= 5_000_000 { return time <= 2_500_000 ? 5 : 6 }
            return time <= 10_000_000 ? 7 : 8
        }
        if time <= 100_000_000 { return time <= 50_000_000 ? 9 : 10 }
        return time <= 250_000_000 ? 11 : time <= 500_000_000 ? 12 : time <= 1_000_000_000 ? 13 : 14
    }
}
