// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// One timer per slot, in monotonic nanoseconds: setting one is a store, and looking through them is
/// one pass over an array, done only when the earliest may be due.
///
/// Most timers never fire (calls end in microseconds, deadlines lie seconds away), so the price of
/// setting one counts and the price of a pass doesn't: 16,384 slots take about 5 µs.
struct DueTimes: ~Copyable {
    private let times: FixedTable<UInt64>
    /// Not after the earliest timer; `.max` when none is set.
    private(set) var earliest = UInt64.max
    /// Slots at and above it have never had a timer.
    private var usedSlots = 0

    init(capacity: Int) {
        times = FixedTable(capacity: capacity, repeating: .max)
    }

    /// Sets a slot's timer, rounded up to the grain.
    @inline(__always)
    mutating func set(_ slot: Int, at due: UInt64) {
        let grain = Limits.timerGrainNanoseconds
        let rounded = due > UInt64.max - grain ? UInt64.max : (due + grain - 1) & ~(grain - 1)
        times[slot] = rounded
        if rounded < earliest { earliest = rounded }
        if slot >= usedSlots { usedSlots = slot + 1 }
    }

    /// Takes a slot's timer away.
    @inline(__always)
    mutating func clear(_ slot: Int) {
        times[slot] = .max
    }

    /// Adds the slots whose time has come to `due` and takes their timers away; what doesn't fit the
    /// list stays for the next time.
    mutating func takeDue(at now: UInt64, into due: inout FixedList<UInt32>) {
        guard now >= earliest else { return }
        var next = UInt64.max
        for slot in 0..<usedSlots {
            let time = times[slot]
            if time <= now, due.append(UInt32(slot)) {
                times[slot] = .max
            } else if time < next {
                next = time
            }
        }
        earliest = next
    }
}
