// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// Calls that wait for room on a connection, first in, first out: a ring of fixed size.
struct WaitingLine: ~Copyable {
    private let ring: FixedTable<UInt32>
    private var first = 0
    private(set) var count = 0

    init(capacity: Int) {
        ring = FixedTable(capacity: capacity, repeating: 0)
    }

    /// True when nobody waits.
    var isEmpty: Bool { count == 0 }

    /// Who has waited longest.
    var front: Int? { count == 0 ? nil : Int(ring[first]) }

    /// Adds a call at the end. Each waits at most once, so there is room.
    mutating func append(_ call: Int) {
        precondition(count < ring.capacity, "a call waits twice")
        var place = first + count
        if place >= ring.capacity { place -= ring.capacity }
        ring[place] = UInt32(call)
        count += 1
    }

    /// Takes the first.
    mutating func removeFirst() -> Int? {
        guard count > 0 else { return nil }
        let call = ring[first]
        first = first + 1 < ring.capacity ? first + 1 : 0
        count -= 1
        return Int(call)
    }
}
