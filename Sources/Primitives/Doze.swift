// SPDX-License-Identifier: Apache-2.0

internal import CIntrinsics

/// Lets one thread sleep until another has something for it.
///
/// The sleeper announces that it will sleep and looks once more before it does; whoever has
/// something makes it visible first and rouses then. All of it is sequentially consistent, so one of
/// them sees the other and no wake is lost. Rousing somebody who is awake costs a load.
@safe public struct Doze: ~Copyable, @unchecked Sendable {
    // A cache line of its own: the sleeper's word is read by every thread that appends.
    private let words = FixedTable<UInt32>(capacity: 16, repeating: 0)

    /// Makes it with everybody awake.
    public init() {}

    /// Sleeps until roused, but no longer than `nanoseconds`, and not at all when `hasWork` says so
    /// after the announcement. One thread only. May return early.
    public func sleep(atMostNanoseconds nanoseconds: UInt64, unless hasWork: () -> Bool) {
        // SAFETY: the word lives as long as self, and is only touched by atomic operations.
        unsafe stockade_store_word(&words[0], 1)
        if !hasWork() { unsafe stockade_doze(&words[0], nanoseconds) }
        unsafe stockade_store_word(&words[0], 0)
    }

    /// Wakes the sleeper if it sleeps. Any thread. A load, or one system call.
    public func rouse() {
        // SAFETY: as above.
        unsafe stockade_rouse(&words[0])
    }
}
