// SPDX-License-Identifier: Apache-2.0

import Effects
import Journal
import Primitives

/// A sink that keeps every record, watches that the core stays within the room it took, and can be
/// told to refuse room. With a queue behind it the records go to a journal besides.
final class RecordingSink: EffectSink {
    /// A record as it was appended.
    struct Entry {
        var bytes: [UInt8]
        var time: DecisionTime
        var sequence: UInt64
    }

    private struct State {
        var kept: [Entry] = []
        var last: UInt64 = 0
        var room = 0
        var refusal: RoomVerdict?
        var grantsBeforeRefusal = 0
        var refused = 0
        var spaceSetAside = 0
        var waitingByteCount = 0
        var violations: [String] = []
    }

    // Not a Mutex: Thread Sanitizer can't see into the contended path of that one.
    private let lock = StripeLocks(count: 1)
    nonisolated(unsafe) private var state = State()

    private let queue: CommitQueue?

    /// Makes a sink whose first record has the sequence after `lastSequence`.
    init(lastSequence: UInt64 = 0, queue: CommitQueue? = nil) {
        self.queue = queue
        // SAFETY: nobody else has it yet.
        unsafe state.last = lastSequence
    }

    private func withState<Result>(_ body: (inout State) -> Result) -> Result {
        lock.lock(0)
        defer { lock.unlock(0) }
        // SAFETY: touched under the lock only.
        return unsafe body(&state)
    }

    func takeRoom(_ byteCount: Int, for purpose: RoomPurpose) -> RoomVerdict {
        withState { state in
            if byteCount <= 0 { state.violations.append("took room for \(byteCount) bytes") }
            if let refusal = state.refusal {
                if state.grantsBeforeRefusal > 0 {
                    state.grantsBeforeRefusal -= 1
                } else if refusal == .stalled || purpose == .begins {
                    // Space for what ends was set aside: it is never full for that.
                    state.refused += 1
                    return refusal
                }
            }
            if let verdict = refusal(ofQueueFor: byteCount, purpose) {
                state.refused += 1
                return verdict
            }
            state.room += byteCount
            return .granted
        }
    }

    /// Goes on after a replay: the next record has the sequence after `lastSequence`.
    func resume(after lastSequence: UInt64) { withState { $0.last = lastSequence } }

    /// The journal's own word, if there is one.
    private func refusal(ofQueueFor byteCount: Int, _ purpose: RoomPurpose) -> RoomVerdict? {
        guard let queue else { return nil }
        if purpose == .begins, !queue.hasSpace(byteCount) { return .full }
        return queue.takeRoom(byteCount) ? nil : .stalled
    }

    func returnRoom(_ byteCount: Int) {
        queue?.returnRoom(byteCount)
        withState { state in
            state.room -= byteCount
            if byteCount < 0 || state.room < 0 {
                state.violations.append("returned \(byteCount) bytes of room, \(state.room) left")
            }
        }
    }

    func setAside(_ byteCount: Int) {
        queue?.setAside(byteCount)
        withState { state in
            state.spaceSetAside += byteCount
            if byteCount < 0 { state.violations.append("set \(byteCount) bytes aside") }
        }
    }

    func giveBack(_ byteCount: Int) {
        queue?.setAside(-byteCount)
        withState { state in
            state.spaceSetAside -= byteCount
            if byteCount < 0 || state.spaceSetAside < 0 {
                state.violations.append(
                    "gave \(byteCount) bytes back, \(state.spaceSetAside) left aside")
            }
        }
    }

    func submit() {}

    func append(_ record: borrowing ByteWriter, at time: DecisionTime) -> UInt64 {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(record.count)
        record.withBytes { span in
            for index in 0..<span.count { bytes.append(span[index]) }
        }
        let told = queue?.append(record, tick: time.tick, wall: time.wall)
        return withState { state in
            state.last += 1
            state.waitingByteCount += bytes.count
            if let told, told != state.last {
                state.violations.append("the queue says \(told), expected \(state.last)")
            }
            state.room -= bytes.count
            if state.room < 0 { state.violations.append("appended beyond the room") }
            state.kept.append(Entry(bytes: bytes, time: time, sequence: state.last))
            return state.last
        }
    }

    /// From now on room is refused, after `grants` more grants; nil ends that. Answers how many were
    /// refused since the last call.
    @discardableResult
    func refuse(with refusal: RoomVerdict?, after grants: Int = 0) -> Int {
        withState { state in
            state.refusal = refusal
            state.grantsBeforeRefusal = grants
            defer { state.refused = 0 }
            return state.refused
        }
    }

    /// How often room was refused since the last `refuse`.
    var refusedCount: Int { withState { $0.refused } }

    /// Takes out the records kept since the last call.
    func takeRecords() -> [Entry] {
        withState { state in
            if state.kept.isEmpty { return [] }
            defer { state.kept.removeAll() }
            return state.kept
        }
    }

    /// All records kept, which stay.
    func allRecords() -> [Entry] { withState { $0.kept } }

    /// The last sequence given out.
    var lastSequence: UInt64 { withState { $0.last } }

    /// Room that is taken and neither used nor returned: 0 between decisions.
    var openRoom: Int { withState { $0.room } }

    /// Bytes set aside for the ends of what has begun.
    var spaceSetAside: Int { withState { $0.spaceSetAside } }

    /// Bytes of the records since the last call of this.
    func takeWaitingByteCount() -> Int {
        withState { state in
            defer { state.waitingByteCount = 0 }
            return state.waitingByteCount
        }
    }

    /// Bytes of the records that wait for a commit.
    var waitingByteCount: Int { withState { $0.waitingByteCount } }

    /// What the core did wrong with its room.
    var violations: [String] { withState { $0.violations } }
}
