// SPDX-License-Identifier: Apache-2.0

public import Synchronization

/// Where the writer is, for whoever asks. Any thread; each figure by itself.
public final class ProjectionStatus: Sendable {
    /// What goes on.
    public enum Phase: UInt8, Sendable, AtomicRepresentable {
        /// Not connected yet, or not any more: it is tried again.
        case connecting
        /// Writes.
        case following
        /// Doesn't go on by itself.
        case off
    }

    /// What goes on.
    public let phase = Atomic<Phase>(.connecting)
    /// The record up to which all is in the tables.
    public let appliedSequence = Atomic<UInt64>(0)
    /// Records that are durable and not in the tables.
    public let lagSequences = Atomic<UInt64>(0)
    /// How old the oldest of those is, in milliseconds; 0: there are none.
    public let lagMilliseconds = Atomic<Int>(0)
    /// Bytes of the journal behind what was read.
    public let lagBytes = Atomic<Int>(0)
    /// Seconds until the journal is full at the present rate; -1: nothing is written to it.
    public let outageBudgetSeconds = Atomic<Int>(-1)
    /// Transactions that were committed.
    public let batches = Atomic<UInt64>(0)
    /// Rows in them.
    public let rows = Atomic<UInt64>(0)
    /// Times that something had to be tried again.
    public let retries = Atomic<UInt64>(0)
    /// Transactions that met another writer.
    public let fenceRejections = Atomic<UInt64>(0)
    /// Records that were buried.
    public let deadLetters = Atomic<UInt64>(0)
    /// The longest transaction so far, in milliseconds.
    public let batchMillisecondsMax = Atomic<Int>(0)

    /// Whether it doesn't go on by itself.
    public var isOff: Bool { phase.load(ordering: .relaxed) == .off }

    init() {}
}
