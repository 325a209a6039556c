// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
internal import Transport

/// How the threads of a run and those who steer it reach each other. Any thread.
final class RunControl: Sendable {
    private let ready = Atomic<Int>(0)
    private let start = Atomic<UInt64>(0)
    private let isStopping = Atomic<Bool>(false)
    private let isGivingUp = Atomic<Bool>(false)
    /// How many cuts were asked for, and the share of the latest in parts of a million.
    private let cuts = Atomic<UInt64>(0)
    private let loops = Mutex<[LoopControl]>([])

    /// Adds a thread's loop to those that are woken.
    func register(_ loop: LoopControl) { loops.withLock { $0.append(loop) } }

    /// A thread has all its connections.
    func isReady() { ready.add(1, ordering: .sequentiallyConsistent) }

    /// Threads that have all their connections.
    var readyThreads: Int { ready.load(ordering: .sequentiallyConsistent) }

    /// When the run starts, in monotonic nanoseconds; 0: not known yet.
    var startAt: UInt64 { start.load(ordering: .acquiring) }

    /// Starts every thread at that time.
    func begin(at time: UInt64) {
        start.store(time, ordering: .releasing)
        wake()
    }

    /// No further journey begins, and no further step; what is in flight is waited for.
    func stop() {
        isStopping.store(true, ordering: .sequentiallyConsistent)
        wake()
    }

    /// See `stop`.
    var stops: Bool { isStopping.load(ordering: .relaxed) }

    /// Nothing is waited for any more.
    func giveUp() {
        isGivingUp.store(true, ordering: .sequentiallyConsistent)
        stop()
    }

    /// See `giveUp`.
    var givesUp: Bool { isGivingUp.load(ordering: .relaxed) }

    /// Asks each thread to close a share of its connections.
    func cut(share: Double) {
        let parts = UInt64(share * 1_000_000)
        let count = (cuts.load(ordering: .relaxed) >> 32) + 1
        cuts.store(count << 32 | parts, ordering: .sequentiallyConsistent)
        wake()
    }

    /// The latest cut: its number, 0 for none, and its share.
    var latestCut: (number: UInt64, share: Double) {
        let word = cuts.load(ordering: .relaxed)
        return (word >> 32, Double(word & 0xffff_ffff) / 1_000_000)
    }

    private func wake() { loops.withLock { for loop in $0 { loop.wake() } } }
}
