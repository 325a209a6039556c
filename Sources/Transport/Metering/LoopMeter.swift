// SPDX-License-Identifier: Apache-2.0

internal import Primitives
public import Wire

/// What one loop has counted since its start, for whoever asks. Made before the loop, as its control.
///
/// Reading is exact for each figure and no more: a scrape in the midst of a turn may see a call as begun
/// and its answer not yet.
public final class LoopMeter: Sendable {
    private let memory: TallyMemory
    let tally: CallTally

    /// Makes a meter of a loop with so many methods. One more stands for all calls of unknown methods.
    public init(methods: Int) {
        memory = TallyMemory(count: MeterLayout.count(methods: methods))
        tally = CallTally(memory.cells, methods: methods)
    }

    /// Methods of the loop; the index after the last means "unknown".
    public var methods: Int { tally.methods }

    /// Calls whose headers came.
    public func started(_ method: Int) -> UInt64 {
        memory.cells[MeterLayout.method(method) + MeterLayout.started]
    }

    /// Calls that ended with a status.
    public func handled(_ method: Int, _ status: StatusCode) -> UInt64 {
        memory.cells[MeterLayout.method(method) + MeterLayout.handled + Int(status.rawValue)]
    }

    /// Answers whose time fell into a bucket of `LatencyBuckets`.
    public func bucket(_ method: Int, _ bucket: Int) -> UInt64 {
        memory.cells[MeterLayout.method(method) + MeterLayout.buckets + bucket]
    }

    /// Nanoseconds of all those times together.
    public func nanoseconds(_ method: Int) -> UInt64 {
        memory.cells[MeterLayout.method(method) + MeterLayout.nanoseconds]
    }

    /// Connections that the loop took.
    public var accepted: UInt64 { memory.cells[MeterLayout.accepted] }
    /// Connections that were closed at once, as there is no room for more.
    public var turnedAway: UInt64 { memory.cells[MeterLayout.turnedAway] }
    /// Connections that ended for a reason.
    public func ended(_ end: ConnectionEnd) -> UInt64 {
        memory.cells[MeterLayout.ended + Int(end.rawValue)]
    }

    /// Calls that ended with DEADLINE_EXCEEDED before they were begun.
    public var expired: UInt64 { memory.cells[MeterLayout.expired] }
    /// Calls that ended with DEADLINE_EXCEEDED while their answer was held.
    public var expiredWhileHeld: UInt64 { memory.cells[MeterLayout.expiredWhileHeld] }
    /// Calls whose answer the disk lost.
    public var lostWhileHeld: UInt64 { memory.cells[MeterLayout.lostWhileHeld] }
}

/// Where what lies in a meter's cells.
enum MeterLayout {
    static let accepted = 0
    static let turnedAway = 1
    static let expired = 2
    static let expiredWhileHeld = 3
    static let lostWhileHeld = 4
    static let ended = 5
    private static var firstMethod: Int { 16 }

    // Within a method's part.
    static let started = 0
    static let handled = 1
    static let buckets = 18
    static let nanoseconds = 33
    static let answeredAtOnce = 34
    private static var perMethod: Int { 40 }

    @inline(__always)
    static func method(_ index: Int) -> Int { firstMethod + index * perMethod }

    static func count(methods: Int) -> Int { method(methods + 1) }
}
