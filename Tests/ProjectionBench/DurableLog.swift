// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// When each record became durable. Written by the committing thread, read by others.
final class DurableLog: Sendable {
    /// A commit: its last record, and when its flush had returned.
    struct Entry: Sendable {
        var sequence: UInt64
        var nanoseconds: UInt64
    }

    private let entries = Mutex<[Entry]>([])
    private let last = Atomic<UInt64>(0)

    /// Up to here everything is durable.
    var sequence: UInt64 { last.load(ordering: .acquiring) }

    func add(_ sequence: UInt64) {
        let entry = Entry(sequence: sequence, nanoseconds: RunClock.nanoseconds)
        entries.withLock { $0.append(entry) }
        last.store(sequence, ordering: .releasing)
    }

    /// All commits, in order.
    var all: [Entry] { entries.withLock { $0 } }
}
