// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// Replies that wait until a sequence is durable, first in, first out: a ring of fixed size.
///
/// An entry whose call has ended meanwhile stays until its turn comes and is skipped then. There is
/// room for twice as many entries as calls, so at the worst half of a full ring is dead and a pass
/// over it makes room.
struct ReplyGate: ~Copyable {
    struct Entry: BitwiseCopyable {
        var sequence: UInt64
        var call: CallID
    }

    private let ring: FixedTable<Entry>
    private let mask: Int
    private var first = 0
    private(set) var count = 0

    init(callsMax: Int) {
        var size = 16
        while size < callsMax * 2 { size *= 2 }
        ring = FixedTable(
            capacity: size,
            repeating: Entry(sequence: 0, call: CallID(slot: 0, generation: 0)))
        mask = size - 1
    }

    /// The sequence that the first entry waits for; nil when nothing waits.
    var firstSequence: UInt64? { count == 0 ? nil : ring[first].sequence }

    /// Adds a call at the end. `isHeld` tells live entries from dead ones, should the ring be full.
    mutating func hold(
        _ call: CallID, until sequence: UInt64, isHeld: (CallID) -> Bool
    ) {
        if count == ring.capacity { dropDead(isHeld) }
        precondition(count < ring.capacity, "no more held replies than calls")
        ring[(first + count) & mask] = Entry(sequence: sequence, call: call)
        count += 1
    }

    /// Takes the first entry if its sequence is durable.
    mutating func release(upTo durable: UInt64) -> CallID? {
        guard count > 0, ring[first].sequence <= durable else { return nil }
        let call = ring[first].call
        first = (first + 1) & mask
        count -= 1
        return call
    }

    /// Takes the first entry, durable or not.
    mutating func releaseFirst() -> Entry? {
        guard count > 0 else { return nil }
        let entry = ring[first]
        first = (first + 1) & mask
        count -= 1
        return entry
    }

    private mutating func dropDead(_ isHeld: (CallID) -> Bool) {
        var kept = 0
        for offset in 0..<count {
            let entry = ring[(first + offset) & mask]
            guard isHeld(entry.call) else { continue }
            ring[(first + kept) & mask] = entry
            kept += 1
        }
        count = kept
    }
}
