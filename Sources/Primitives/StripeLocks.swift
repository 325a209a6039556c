// SPDX-License-Identifier: Apache-2.0

internal import CIntrinsics

/// A row of locks, a cache line each, of which a thread may hold several at once.
///
/// The only place in the project that holds more than one lock. Deadlock can't happen as long as
/// each thread takes the locks of one row in ascending order: `lock(sorted:)` checks it. Taking a
/// free lock costs about 10 ns; a thread that waits spins for about a microsecond, then sleeps.
@safe public struct StripeLocks: ~Copyable, @unchecked Sendable {
    /// 32-bit words from one lock to the next: a cache line, which neighbours must not share.
    private static let wordsPerLock = 16
    private let words: FixedTable<UInt32>

    /// Makes `count` free locks.
    public init(count: Int) {
        words = FixedTable(capacity: count * StripeLocks.wordsPerLock, repeating: 0)
    }

    /// Number of locks.
    public var count: Int { words.capacity / StripeLocks.wordsPerLock }

    /// Takes one lock, waiting for it.
    public func lock(_ index: Int) {
        // SAFETY: the word lives as long as self, and is only touched by atomic operations.
        unsafe stockade_lock(&words[index * StripeLocks.wordsPerLock])
    }

    /// Gives one lock back. The caller holds it.
    public func unlock(_ index: Int) {
        // SAFETY: as in lock.
        unsafe stockade_unlock(&words[index * StripeLocks.wordsPerLock])
    }

    /// Takes all locks of `stripes`, which ascend strictly.
    public func lock(sorted stripes: borrowing FixedList<UInt16>) {
        var previous = -1
        for index in 0..<stripes.count {
            let stripe = Int(stripes[index])
            precondition(stripe > previous, "locks are taken in ascending order")
            lock(stripe)
            previous = stripe
        }
    }

    /// Gives all locks of `stripes` back, last taken first.
    public func unlock(sorted stripes: borrowing FixedList<UInt16>) {
        for index in Swift.stride(from: stripes.count - 1, through: 0, by: -1) {
            unlock(Int(stripes[index]))
        }
    }

    /// Whether somebody holds the lock; for assertions, as the answer is stale at once.
    public func isLocked(_ index: Int) -> Bool {
        // SAFETY: as in lock.
        unsafe stockade_is_locked(&words[index * StripeLocks.wordsPerLock]) != 0
    }
}
