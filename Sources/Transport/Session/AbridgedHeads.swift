// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// What the header blocks said that nghttp2 gets in short, in the order of their frames.
///
/// One list a loop: it is filled before nghttp2 is given what was read of a connection, and used up
/// while it goes through that.
struct AbridgedHeads: ~Copyable {
    /// Not private: another file makes the list, and then the debug build (6.3.1) can't find the type.
    struct Entry: BitwiseCopyable {
        var frame: UInt64
        var outcome: RepeatedHeads.Outcome
    }

    private var entries = FixedList<Entry>(capacity: Limits.callsPerConnectionMax)
    private var next = 0

    /// Forgets all: another read begins.
    mutating func removeAll() {
        entries.removeAll()
        next = 0
    }

    /// True when no further one can be remembered.
    var isFull: Bool { entries.count == entries.capacity }

    /// HEADERS frame number `frame` of the connection is abridged.
    mutating func append(_ outcome: RepeatedHeads.Outcome, frame: UInt64) {
        entries.append(Entry(frame: frame, outcome: outcome))
    }

    /// What HEADERS frame number `frame` said; nil: it comes as it was sent. Frames are asked for in
    /// order; nghttp2 may leave some out.
    @inline(__always)
    mutating func take(frame: UInt64) -> RepeatedHeads.Outcome? {
        while next < entries.count {
            let entry = entries[next]
            guard entry.frame <= frame else { return nil }
            next += 1
            if entry.frame == frame { return entry.outcome }
        }
        return nil
    }
}
