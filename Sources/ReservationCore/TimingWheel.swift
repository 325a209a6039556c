// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// The wheel's shape: three levels of 1,024 buckets, of 1 ms, 1.024 s and 17.5 min, so that a
/// deadline up to 12 days ahead is put away in one step and never searched for.
enum WheelShape {
    static let bits: UInt64 = 10
    static let bucketsPerLevel = 1 << 10
    static let levels = 3
    static let headsPerStripe = levels * bucketsPerLevel
    static let mask: UInt64 = 1_023
    /// 64-bit words that say which fine buckets have rows.
    static let occupancyWords = bucketsPerLevel / 64
    /// Marks a reference to an outcome; others are to holds and orders.
    static let outcomeBit: UInt32 = 1 << 31
}

/// A row that the wheel hands out: what it is due for is the core's to say.
enum WheelEntry {
    case entry(Int)
    case outcome(Int)

    fileprivate var reference: UInt32 {
        switch self {
        case .entry(let row): UInt32(row + 1)
        case .outcome(let row): UInt32(row + 1) | WheelShape.outcomeBit
        }
    }

    fileprivate init(reference: UInt32) {
        let row = Int(reference & ~WheelShape.outcomeBit) - 1
        self = reference & WheelShape.outcomeBit == 0 ? .entry(row) : .outcome(row)
    }
}

/// A hierarchical timing wheel per hold stripe (Varghese and Lauck, 1987, scheme 6).
///
/// Rows are singly linked and never unlinked early: a hold that was released stays in its bucket
/// until that fires, and is then put away again for the end of its retention. So a release costs
/// the wheel nothing.
extension HoldStripes {
    /// Puts a row away until `due`; what is due already fires at the next tick.
    @inline(__always)  // as a call it is lent a copy of all 424 bytes of this value
    func schedule(_ entry: WheelEntry, at due: Tick, in stripe: Int) {
        let current = state(stripe).wheelTick
        let tick = max(due.milliseconds, current + 1)
        let bucket: UInt64
        if tick - current <= UInt64(WheelShape.bucketsPerLevel) {
            bucket = tick & WheelShape.mask
        } else if (tick >> WheelShape.bits) - (current >> WheelShape.bits)
            <= UInt64(WheelShape.bucketsPerLevel)
        {
            // A full round ahead fits: the current block's own bucket was brought down already.
            bucket = 1_024 + (tick >> WheelShape.bits) & WheelShape.mask
        } else {
            let far = min(
                tick >> (2 * WheelShape.bits),
                (current >> (2 * WheelShape.bits)) + WheelShape.mask)
            bucket = 2_048 + far & WheelShape.mask
        }
        push(entry, onto: stripe * WheelShape.headsPerStripe + Int(bucket))
    }

    /// The next row that fires at or before `now`, unchained; nil when the wheel has gone through
    /// `now` or `moves` are used up. Each row that is only moved nearer takes one of `moves`, and so
    /// does each stretch of empty ticks.
    func nextDue(in stripe: Int, through now: Tick, moves: inout Int) -> WheelEntry? {
        let base = stripe * WheelShape.headsPerStripe
        while true {
            let tick = state(stripe).wheelTick + 1
            guard tick <= now.milliseconds else { return nil }
            // The coarse buckets that begin with this tick come down first. The wheel's tick stays
            // behind until they are empty, so a budget that runs out here loses nothing.
            if tick & WheelShape.mask == 0 {
                let far = base + 2_048 + Int(tick >> (2 * WheelShape.bits) & WheelShape.mask)
                let middle = base + 1_024 + Int(tick >> WheelShape.bits & WheelShape.mask)
                if tick & (1 << (2 * WheelShape.bits) - 1) == 0 {
                    guard bringDown(far, in: stripe, moves: &moves) else { return nil }
                }
                guard bringDown(middle, in: stripe, moves: &moves) else { return nil }
            }
            if let entry = pop(base + Int(tick & WheelShape.mask)) { return entry }
            let next = nextOccupiedTick(after: tick, in: stripe)
            setWheelTick(stripe, min(next - 1, now.milliseconds))
            moves -= 1
            guard moves > 0 else { return nil }
        }
    }

    /// The first tick after `tick` whose fine bucket has rows, or the next coarse boundary: so that a
    /// wheel that lags (a stopped process, a restart) crosses 1,024 empty ticks in one step.
    private func nextOccupiedTick(after tick: UInt64, in stripe: Int) -> UInt64 {
        let boundary = (tick | WheelShape.mask) + 1
        var bucket = Int(tick & WheelShape.mask) + 1
        while bucket < WheelShape.bucketsPerLevel {
            let word = fineOccupancy[stripe * WheelShape.occupancyWords + (bucket >> 6)]
            let rest = word >> UInt64(bucket & 63)
            if rest != 0 {
                bucket += rest.trailingZeroBitCount
                return boundary - UInt64(WheelShape.bucketsPerLevel - bucket)
            }
            bucket = (bucket | 63) + 1
        }
        return boundary
    }

    /// Moves a bucket's rows to where their time is finer; false when `moves` ran out.
    private func bringDown(_ bucket: Int, in stripe: Int, moves: inout Int) -> Bool {
        while wheelHeads[bucket] != 0 {
            guard moves > 0 else { return false }
            moves -= 1
            guard let entry = pop(bucket) else { return true }
            schedule(entry, at: due(entry), in: stripe)
        }
        return true
    }

    /// When a row wants to be looked at: a live hold at its deadline, what has ended at the end of
    /// its retention.
    func due(_ entry: WheelEntry) -> Tick {
        switch entry {
        case .entry(let row):
            entries[row].state == .held
                ? entries[row].deadline
                : entries[row].changedTick.advanced(byMilliseconds: retention)
        case .outcome(let row):
            outcomes[row].changedTick.advanced(byMilliseconds: retention)
        }
    }

    private func push(_ entry: WheelEntry, onto bucket: Int) {
        switch entry {
        case .entry(let row): entries[row].wheelNext = wheelHeads[bucket]
        case .outcome(let row): outcomes[row].wheelNext = wheelHeads[bucket]
        }
        wheelHeads[bucket] = entry.reference
        let local = bucket % WheelShape.headsPerStripe
        if local < WheelShape.bucketsPerLevel {
            let words = bucket / WheelShape.headsPerStripe * WheelShape.occupancyWords
            fineOccupancy[words + (local >> 6)] |= 1 << UInt64(local & 63)
        }
    }

    private func pop(_ bucket: Int) -> WheelEntry? {
        let reference = wheelHeads[bucket]
        guard reference != 0 else { return nil }
        let entry = WheelEntry(reference: reference)
        switch entry {
        case .entry(let row): wheelHeads[bucket] = entries[row].wheelNext
        case .outcome(let row): wheelHeads[bucket] = outcomes[row].wheelNext
        }
        let local = bucket % WheelShape.headsPerStripe
        if local < WheelShape.bucketsPerLevel, wheelHeads[bucket] == 0 {
            let words = bucket / WheelShape.headsPerStripe * WheelShape.occupancyWords
            fineOccupancy[words + (local >> 6)] &= ~(1 << UInt64(local & 63))
        }
        return entry
    }
}
