// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// What is to be sent again, the earliest first: a binary heap of fixed size.
struct RetryQueue: ~Copyable {
    struct Entry: BitwiseCopyable {
        /// Not before, in monotonic nanoseconds.
        var due: UInt64
        /// The request, by a number of its owner's.
        var request: UInt32
    }

    private var heap: FixedList<Entry>

    init(capacity: Int) {
        heap = FixedList(capacity: capacity)
    }

    /// True when nothing waits.
    var isEmpty: Bool { heap.isEmpty }

    /// When the first may be sent; `.max` when nothing waits.
    var earliest: UInt64 { heap.isEmpty ? .max : heap[0].due }

    /// Adds a request. Each open request waits at most once, so there is room.
    mutating func push(_ request: UInt32, due: UInt64) {
        let isAdded = heap.append(Entry(due: due, request: request))
        precondition(isAdded, "a request waits twice")
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].due < heap[parent].due else { return }
            swap(child, parent)
            child = parent
        }
    }

    /// Takes the earliest whose time has come.
    mutating func popReady(at now: UInt64) -> UInt32? {
        guard earliest <= now, !heap.isEmpty else { return nil }
        let first = heap[0].request
        heap[0] = heap[heap.count - 1]
        heap.truncate(to: heap.count - 1)
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].due < heap[least].due { least = child }
            guard least != parent else { return first }
            swap(parent, least)
            parent = least
        }
    }

    private mutating func swap(_ left: Int, _ right: Int) {
        let entry = heap[left]
        heap[left] = heap[right]
        heap[right] = entry
    }
}
