// SPDX-License-Identifier: Apache-2.0

public import Effects
internal import Journal
public import Primitives

/// The sink of `--mode journal`: records wait in the commit queue until they are on disk.
public final class JournalSink: EffectSink {
    private let queue: CommitQueue

    init(_ queue: CommitQueue) {
        self.queue = queue
    }

    /// Room in the buffer, and for what begins also space in the journal.
    public func takeRoom(_ byteCount: Int, for purpose: RoomPurpose) -> RoomVerdict {
        if purpose == .begins, !queue.hasSpace(byteCount) { return .full }
        return queue.takeRoom(byteCount) ? .granted : .stalled
    }

    /// Gives back room in the buffer.
    public func returnRoom(_ byteCount: Int) { queue.returnRoom(byteCount) }

    /// Sets space in the journal aside.
    public func setAside(_ byteCount: Int) { queue.setAside(byteCount) }

    /// Gives it back.
    public func giveBack(_ byteCount: Int) { queue.setAside(-byteCount) }

    /// Copies the record into the buffer that the next commit takes.
    public func append(_ record: borrowing ByteWriter, at time: DecisionTime) -> UInt64 {
        queue.append(record, tick: time.tick, wall: time.wall)
    }

    /// Wakes the committing thread if it sleeps.
    public func submit() { queue.submit() }
}
