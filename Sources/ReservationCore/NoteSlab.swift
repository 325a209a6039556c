// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives

/// Something that few orders have: one of several reservations that it was made of, or an event.
struct Note: BitwiseCopyable {
    enum Kind: UInt8 {
        case reservation, event
    }

    /// What it notes.
    var kind: Kind { Kind(rawValue: rawKind) ?? .event }

    /// A reservation's id; of an event, its sequence and wall milliseconds.
    var first: UInt64 = 0
    var second: UInt64 = 0
    /// Units that an event was about.
    var units: Int64 = 0
    /// The entry's row + 1: what tells the heads of two orders apart.
    var owner: UInt32 = 0
    /// The next note, or 0.
    var next: UInt32 = 0
    private var rawKind: UInt8 = 0
    private var rawEvent: UInt8 = 0
    var cause: UInt8 = 0

    init() {}

    init(reservation: ClientID) {
        first = reservation.high
        second = reservation.low
        rawKind = Kind.reservation.rawValue
    }

    init(_ event: OrderEvent) {
        first = event.sequence
        second = UInt64(bitPattern: event.at.milliseconds)
        units = event.units
        rawKind = Kind.event.rawValue
        rawEvent = event.kind.rawValue
        cause = event.cause
    }

    var reservation: ClientID? {
        rawKind == Kind.reservation.rawValue ? ClientID(high: first, low: second) : nil
    }

    var event: OrderEvent? {
        guard rawKind == Kind.event.rawValue, let kind = OrderEventKind(rawValue: rawEvent)
        else { return nil }
        return OrderEvent(
            sequence: first, at: WallTime(milliseconds: Int64(bitPattern: second)), kind: kind,
            cause: cause, units: units)
    }
}

/// Cells for notes on orders, chained per order; the chain's head is in the index, under the order's
/// id. A chain belongs to its order's hold stripe. The free list and the counters have a lock of their
/// own, a leaf: nothing is locked inside it, and it is held for at most as many cells as one call takes
/// (`CoreLimits.reservationsPerOrderMax`).
///
/// Half of the cells are for reservations and half for events, so that events, which may be dropped,
/// never take the room of what may not: a replay forgets at other moments than its writer did.
struct NoteSlab: ~Copyable, Sendable {
    private let cells: FixedTable<Note>
    private let lock = StripeLocks(count: 1)
    private let state: FixedTable<Filling>  // one row, guarded by `lock`

    struct Filling: BitwiseCopyable {
        var firstFree: UInt32 = 0
        /// Cells from here on were never used. Cell 0 is nobody's: 0 ends a chain.
        var untouched: UInt32 = 1
        /// Cells that are in no chain, for each kind.
        var spareReservations: Int
        var spareEvents: Int
    }

    init(capacity: Int) {
        cells = FixedTable(capacity: capacity + 1, repeating: Note())
        state = FixedTable(
            capacity: 1,
            repeating: Filling(
                spareReservations: capacity / 2, spareEvents: capacity - capacity / 2))
    }

    static func byteCount(capacity: Int) -> Int { capacity * MemoryLayout<Note>.stride }

    /// Takes `count` cells for notes of a kind, as a chain, and returns the first; nil when there aren't
    /// as many.
    func take(_ count: Int, _ kind: Note.Kind) -> UInt32? {
        precondition(count > 0)
        lock.lock(0)
        defer { lock.unlock(0) }
        switch kind {
        case .reservation:
            guard state[0].spareReservations >= count else { return nil }
            state[0].spareReservations -= count
        case .event:
            guard state[0].spareEvents >= count else { return nil }
            state[0].spareEvents -= count
        }
        var first: UInt32 = 0
        for _ in 0..<count {
            var cell = state[0].firstFree
            if cell == 0 {
                cell = state[0].untouched
                state[0].untouched += 1
            } else {
                state[0].firstFree = cells[Int(cell)].next
            }
            cells[Int(cell)] = Note()
            cells[Int(cell)].next = first
            first = cell
        }
        return first
    }

    /// Frees a chain whose notes were written.
    func free(_ first: UInt32) {
        guard first != 0 else { return }
        var last = first
        var reservations = 0
        var events = 0
        while true {
            switch cells[Int(last)].kind {
            case .reservation: reservations += 1
            case .event: events += 1
            }
            if cells[Int(last)].next == 0 { break }
            last = cells[Int(last)].next
        }
        lock.lock(0)
        cells[Int(last)].next = state[0].firstFree
        state[0].firstFree = first
        state[0].spareReservations += reservations
        state[0].spareEvents += events
        lock.unlock(0)
    }

    /// A note of the caller's chain.
    subscript(_ cell: UInt32) -> Note {
        get { cells[Int(cell)] }
        nonmutating set { cells[Int(cell)] = newValue }
    }
}
