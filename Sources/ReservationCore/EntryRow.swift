// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives

/// One line's share of a hold or an order, 16 bytes. In the row itself when it is the only one, else
/// a cell of the leg slab, chained by `next`.
struct Leg: BitwiseCopyable {
    var line: UInt32 = 0
    var account: UInt32 = 0
    /// Units, below 2^31; the highest bit says that the line asked for more.
    private var packed: UInt32 = 0
    /// The next cell, or 0 at the end of the chain.
    var next: UInt32 = 0

    init() {}

    init(line: UInt32, account: UInt32, amount: Int64, isShort: Bool) {
        self.line = line
        self.account = account
        packed = UInt32(amount) | (isShort ? 1 << 31 : 0)
    }

    /// Of an order's only leg, units that were cancelled: it has no next.
    var cancelledOfOnly: Int64 {
        get { Int64(next) }
        set { next = UInt32(newValue) }
    }

    var amount: Int64 { Int64(packed & 0x7fff_ffff) }
    var isShort: Bool { packed >> 31 == 1 }
}

/// The states of an entry. A hold: HELD, then exactly one of CONFIRMED, RELEASED, EXPIRED.
/// ```
///  free ──grant──▶ held ──confirm──▶ confirmed ─┐
///                   ├────release───▶ released ──┼─retention─▶ forgotten ──wheel──▶ free
///                   └────deadline──▶ expired ───┘
///  free ──order, confirm─▶ order ──cancel─▶ cancelled ─retention─▶ forgotten ──wheel──▶ free
/// ```
enum EntryState: UInt8 {
    /// Not in use.
    case free = 0
    /// A live hold.
    case held = 1
    /// A hold that became an order.
    case confirmed = 2
    /// A hold given back by its owner.
    case released = 3
    /// A hold given back by its deadline.
    case expired = 4
    /// An order that hasn't ended.
    case order = 5
    /// An order of which nothing is left.
    case cancelled = 7
    /// Past its retention and invisible, but still chained in the wheel, which frees it.
    case forgotten = 6
}

/// A hold or an order: 96 bytes, live or ended, guarded by its hold stripe.
struct EntryRow: BitwiseCopyable {
    var id = ClientID(high: 0, low: 0)
    /// A confirmed hold: the order. An order: its reservation, if it was made of exactly one, else
    /// zero. Otherwise the deadline's tick.
    private var other = ClientID(high: 0, low: 0)
    /// Of the request that made the hold: what "same content" means.
    var fingerprint: UInt64 = 0
    /// Of the record of the last change.
    var sequence: UInt64 = 0
    /// Wall milliseconds of creation (48 bits), and the low 16 bits of the time from there to the
    /// last change.
    private var created48: UInt64 = 0
    /// Tick of the last change (48 bits), and the high 16 bits of the same.
    private var changed48: UInt64 = 0
    /// The only leg; with several, `next` is the first cell of the chain.
    var leg = Leg()
    var brand: UInt32 = 0
    var dealer: UInt32 = 0
    /// The next reference in the same bucket of the wheel, or in the list of free rows.
    var wheelNext: UInt32 = 0
    private var rawState: UInt8 = 0
    /// Of an order, the highest bit says that some of its events had no room in memory.
    var fillMode: UInt8 = 0
    var legCount: UInt16 = 0

    init() {}

    /// Whether events of the order are missing here; Postgres has them.
    var hasLostEvents: Bool { fillMode & 0x80 != 0 }

    mutating func noteLostEvent() { fillMode |= 0x80 }

    var state: EntryState {
        get { EntryState(rawValue: rawState)! }
        set { rawState = newValue.rawValue }
    }

    var deadline: Tick {
        get { Tick(milliseconds: other.high) }
        set { other = ClientID(high: newValue.milliseconds, low: 0) }
    }

    /// The order of a confirmed hold, or the reservation of an order.
    var counterpart: ClientID {
        get { other }
        set { other = newValue }
    }

    /// Tick of the last change: the retention counts from it.
    var changedTick: Tick { Tick(milliseconds: changed48 & 0xffff_ffff_ffff) }

    /// When the entry was made, for people.
    var created: WallTime {
        WallTime(milliseconds: Int64(created48 & 0xffff_ffff_ffff))
    }

    /// When the entry was last changed, for people. Up to 49 days after its creation.
    var changed: WallTime {
        let delta = (created48 >> 48) | ((changed48 >> 48) << 16)
        return WallTime(milliseconds: created.milliseconds + Int64(delta))
    }

    mutating func setCreated(_ time: DecisionTime) {
        created48 = UInt64(time.wall.milliseconds)
        changed48 = time.tick.milliseconds
    }

    mutating func setChanged(_ time: DecisionTime) {
        // The wall clock may step back; what people read then is the creation.
        let delta = UInt64(
            min(max(time.wall.milliseconds - created.milliseconds, 0), Int64(UInt32.max)))
        created48 = created48 & 0xffff_ffff_ffff | (delta << 48)
        changed48 = time.tick.milliseconds | ((delta >> 16) << 48)
    }
}

/// The outcome of a request that creates nothing of its own, remembered for the retention. It lies in
/// a row of the same table as holds and orders, so that one bound is enough for all of them and none
/// keeps memory that another could use.
struct OutcomeRow: BitwiseCopyable {
    var id = ClientID(high: 0, low: 0)
    var fingerprint: UInt64 = 0
    var sequence: UInt64 = 0
    var changedTick = Tick(milliseconds: 0)
    var brand: UInt32 = 0
    var account: UInt32 = 0
    var wheelNext: UInt32 = 0
    /// False once it is past its retention and only waits for the wheel.
    var isRemembered = false
    /// False while the row is free.
    var isTaken = false
    /// Where an entry has its state: zero, a free entry.
    private var rest: (UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0)
}
