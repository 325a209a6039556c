// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives

/// How far a replay has come.
struct ReplayState: BitwiseCopyable {
    /// Rows that ended, in the order of their records: about the order in which they are forgotten.
    /// Chained by `wheelNext`, which no wheel uses yet.
    struct Queue: BitwiseCopyable {
        /// Row + 1, or 0 when the queue is empty.
        var first: UInt32 = 0
        var last: UInt32 = 0
        /// When the first one's retention is over.
        var due = Tick.max
    }

    var lastSequence: UInt64 = 0
    var highestTick = Tick(milliseconds: 0)
    var liveHolds = 0
    var ids = 0
    var entries = Queue()
    var outcomes = Queue()
}

/// The record that is being replayed, as far as all types have the same.
struct ReplayPoint: BitwiseCopyable {
    var sequence: UInt64
    var time: DecisionTime
    var brand: UInt32

    /// The record is wrong.
    @inline(never)
    func damaged(
        _ damage: ReplayDamage, id: ClientID? = nil, number: UInt32? = nil, told: Int64? = nil,
        expected: Int64? = nil
    ) -> ReplayFault {
        var fault = ReplayFault(.damaged(damage), sequence: sequence)
        fault.id = id
        fault.number = number
        fault.told = told
        fault.expected = expected
        return fault
    }

    /// The record is fine, but there is no room for what it says.
    @inline(never)
    func tooSmall(_ limit: CoreLimit, needed: Int) -> ReplayFault {
        ReplayFault(.tooSmall(limit: limit, needed: needed), sequence: sequence)
    }
}
