// SPDX-License-Identifier: Apache-2.0

internal import Journal
internal import Primitives
internal import Projection
internal import StockadeAPI
internal import Synchronization
internal import Transport
internal import Wire

/// A second of a server's life, as the status page draws it.
struct StatusSecond: Sendable {
    /// When it ended, Unix milliseconds.
    var wallMilliseconds: Int64
    /// Calls that were answered, and refusals among them for want of stock, a second.
    var calls: Double
    var soldOut: Double
    /// Calls that were answered OK, a second.
    var fine: Double
    /// Refusals for any other reason than want of stock or a server's fault, a second; the reasons
    /// with most first.
    var refused: Double
    var refusals: [(reason: Reason, perSecond: Double)]
    /// Calls that ended in a server's fault (INTERNAL, UNAVAILABLE, UNKNOWN, DATA_LOSS), a second.
    var faults: Double
    /// Times of answers in seconds; nil: there were none.
    var median: Double?
    var p99: Double?
    var holds: Int
    /// Blocks and records that became durable, a second.
    var blocks: Double
    var records: Double
    /// Mean time of a write in seconds; nil: there was none.
    var write: Double?
    var lagSequences: UInt64
    var lagSeconds: Double
}

/// The last three minutes, a value a second: taken by one thread, read by any.
final class StatusHistory: Sendable {
    static let secondsMax = 180
    private static let interval: UInt64 = 1_000_000_000

    /// Sums since the start, to be told apart by a second.
    private struct Sums: Sendable {
        var nanoseconds: UInt64 = 0
        var calls: UInt64 = 0
        var fine: UInt64 = 0
        /// By the reason's number.
        var reasons = [UInt64](repeating: 0, count: 256)
        var faults: UInt64 = 0
        var buckets = [UInt64](repeating: 0, count: LatencyBuckets.count)
        var blocks = 0
        var records = 0
        var writeNanoseconds: UInt64 = 0
    }

    private let life: ServerLife
    private let last = Mutex(Sums())
    private let seconds = Mutex<[StatusSecond]>([])

    init(_ life: ServerLife) { self.life = life }

    /// What there is, oldest first.
    var all: [StatusSecond] { seconds.withLock { $0 } }

    /// Adds a value if a second has passed. One thread.
    func look(at now: TurnTime) {
        let parts = life.parts
        guard let loops = parts.loops else { return }
        let before = last.withLock { $0 }
        guard now.monotonicNanoseconds - before.nanoseconds >= StatusHistory.interval else {
            return
        }
        let after = StatusHistory.sums(loops, parts.journal, at: now.monotonicNanoseconds)
        last.withLock { $0 = after }
        guard before.nanoseconds > 0 else { return }
        var second = StatusHistory.second(before, after, at: now.wallMilliseconds)
        second.holds = loops.core.tableUse().holds.now
        if let postgres = parts.postgres {
            second.lagSequences = postgres.lagSequences.load(ordering: .relaxed)
            second.lagSeconds = Double(postgres.lagMilliseconds.load(ordering: .relaxed)) / 1e3
        }
        seconds.withLock { seconds in
            if seconds.count == StatusHistory.secondsMax { seconds.removeFirst() }
            seconds.append(second)
        }
    }

    private static func sums(
        _ loops: ServerParts.Loops, _ journal: ServerParts.Journal?, at now: UInt64
    ) -> Sums {
        var sums = Sums()
        sums.nanoseconds = now
        for meter in loops.meters {
            for method in 0...meter.methods {
                for status in StatusCode.allCases {
                    let count = meter.handled(method, status)
                    sums.calls += count
                    switch status {
                    case .ok: sums.fine += count
                    case let status where status.isFault: sums.faults += count
                    default: break
                    }
                }
                for bucket in 0..<LatencyBuckets.count {
                    sums.buckets[bucket] += meter.bucket(method, bucket)
                }
            }
        }
        for reason in Reason.allCases {
            sums.reasons[Int(reason.rawValue)] = loops.refusals(reason)
        }
        if let journal {
            sums.blocks = journal.tally.blocks
            sums.records = journal.tally.records
            sums.writeNanoseconds = journal.tally.writeNanoseconds
        }
        return sums
    }

    private static func second(
        _ before: Sums, _ after: Sums, at wallMilliseconds: Int64
    ) -> StatusSecond {
        let seconds = Double(after.nanoseconds - before.nanoseconds) / 1e9
        let blocks = after.blocks - before.blocks
        let times = zip(after.buckets, before.buckets).map { $0 &- $1 }
        let rates = zip(after.reasons, before.reasons).map { Double($0 &- $1) / seconds }
        let refusals = refusals(rates)
        return StatusSecond(
            wallMilliseconds: wallMilliseconds,
            calls: Double(after.calls - before.calls) / seconds,
            soldOut: rates[Int(Reason.insufficientStock.rawValue)],
            fine: Double(after.fine - before.fine) / seconds,
            refused: refusals.reduce(0) { $0 + $1.perSecond }, refusals: refusals,
            faults: Double(after.faults - before.faults) / seconds,
            median: quantile(0.5, times), p99: quantile(0.99, times), holds: 0,
            blocks: Double(blocks) / seconds,
            records: Double(after.records - before.records) / seconds,
            write: blocks > 0
                ? Double(after.writeNanoseconds - before.writeNanoseconds) / Double(blocks) / 1e9
                : nil,
            lagSequences: 0, lagSeconds: 0)
    }

    /// What is told of rates by the reason's number: not what is a sale's usual end, nor what counts as
    /// a fault.
    private static func refusals(_ rates: [Double]) -> [(reason: Reason, perSecond: Double)] {
        Reason.allCases
            .filter { $0 != .insufficientStock && !$0.status.isFault }
            .map { ($0, rates[Int($0.rawValue)]) }
            .filter { $0.1 > 0 }
            .sorted { $0.1 > $1.1 }
    }

    /// A quantile in seconds, evenly within its bucket, as Prometheus's histogram_quantile has it; nil
    /// when nothing was counted.
    static func quantile(_ share: Double, _ buckets: [UInt64]) -> Double? {
        let total = buckets.reduce(0, +)
        guard total > 0 else { return nil }
        let rank = share * Double(total)
        var below: UInt64 = 0
        for (index, count) in buckets.enumerated() where count > 0 {
            if Double(below + count) >= rank {
                guard index < LatencyBuckets.bounds.count else { break }
                let upper = Double(LatencyBuckets.bounds[index])
                let lower = index == 0 ? 0 : Double(LatencyBuckets.bounds[index - 1])
                return (lower + (upper - lower) * (rank - Double(below)) / Double(count)) / 1e9
            }
            below += count
        }
        // Beyond the last bound nothing is known but that.
        return LatencyBuckets.bounds.last.map { Double($0) / 1e9 }
    }
}

extension StatusCode {
    /// A server's fault, as alarms have it.
    fileprivate var isFault: Bool {
        switch self {
        case .internal, .unavailable, .unknown, .dataLoss: true
        default: false
        }
    }
}
