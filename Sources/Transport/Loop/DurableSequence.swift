// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// How far the journal is durable: the number that held replies wait for.
public final class DurableSequence: Sendable {
    private let reached: Atomic<UInt64>
    private let failed = Atomic<Bool>(false)
    private let loops = Mutex<[LoopControl]>([])

    /// Starts at what was durable before.
    public init(_ initial: UInt64 = 0) {
        reached = Atomic(initial)
    }

    /// The highest durable sequence; any thread.
    public var current: UInt64 { reached.load(ordering: .sequentiallyConsistent) }

    /// Everything up to `sequence` is durable. Wakes only those loops that sleep for it. One thread
    /// at a time; a lower number than before changes nothing.
    public func advance(to sequence: UInt64) {
        guard sequence > current else { return }
        reached.store(sequence, ordering: .sequentiallyConsistent)
        loops.withLock { for loop in $0 { loop.wakeIfWaiting(for: sequence) } }
    }

    /// Nothing more will become durable: what waits is answered with "outcome unknown".
    public func fail() {
        failed.store(true, ordering: .sequentiallyConsistent)
        loops.withLock { for loop in $0 { loop.wakeIfWaiting(for: .max) } }
    }

    /// Whether waiting has lost its sense.
    var hasFailed: Bool { failed.load(ordering: .sequentiallyConsistent) }

    /// Adds a loop to those that are woken.
    func register(_ loop: LoopControl) {
        loops.withLock { $0.append(loop) }
    }
}
