// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import ReservationCore

/// The business rules in their simplest form: arrays by number, plain arithmetic, no stripes, no
/// wheel, no tables. Written from the rules and not from the core, so that the two can disagree.
///
/// What the core may choose, the model is told: when exactly a due hold is expired, it learns from
/// the records and only checks that it was allowed.
struct ShopModel {
    /// An account's figures.
    struct Account {
        var onHand = 0
        var held = 0
        var allocated = 0
        var policy = StockPolicy()
        var version: UInt64 = 0
        var sourceVersion: UInt64 = 0
        var changed = 0
        var sequence: UInt64 = 0
        /// Its number once SetStock made it.
        var number: UInt32?
        /// It is there for others only once a figure was set.
        var exists: Bool { version > 0 }
        var available: Int { onHand - held - allocated - Int(policy.safety) }
    }

    /// One line's share of a hold.
    struct Leg {
        var line: Int
        var account: Int
        var asked: Int
        var granted: Int
    }

    /// What an order takes from one account for one line.
    struct OrderLeg: Equatable {
        var line: Int
        var account: Int
        var quantity: Int
        var cancelled = 0
        var left: Int { quantity - cancelled }
    }

    /// An order.
    struct Order {
        /// Nil: a confirmation made it.
        var content: UInt64?
        var dealer: Int
        var legs: [OrderLeg]
        var reservations: [Int] = []
        var created: Int
        var changed: Int
        var sequence: UInt64
        /// When nothing was left of it.
        var ended: Int?
        var events: [OrderEvent]
        /// Notes that memory may keep of it: of reservations, and of events.
        var notes: (reservations: Int, events: Int) {
            (
                reservations.count > 1 ? reservations.count : 0,
                events.count > 1 ? min(events.count, CoreLimits.eventsPerOrderMax) : 0
            )
        }
    }

    /// A reservation.
    struct Hold {
        var content: UInt64
        var dealer: Int
        var fillMode: FillMode
        var legs: [Leg]
        var created: Int
        /// The tick of its grant.
        var granted: Int
        var deadline: Int
        var sequence: UInt64
        var state = HoldState.held
        var ended: Int?
        var order: Int?
        var confirmed: [Int] = []
    }

    /// What a request id was answered with.
    struct Answered {
        var content: UInt64
        var account: Int
        var tick: Int
        var sequence: UInt64
    }

    /// A refusal that may be remembered, or a tombstone.
    struct Remembered {
        var refusal: Refusal
        var content: UInt64
        var tick: Int
        var isTombstone: Bool
        var sequence: UInt64
        /// How many had been remembered before it.
        var age: Int
    }

    /// What there is room for and how long things are kept.
    struct Bounds {
        var holdsMax: Int
        var idsMax: Int
        var accountsMax: Int
        var codesMax: Int
        var retention: Int
        var reach: Int
        /// A refusal may be lost once as many newer ones are remembered.
        var refusalsKept: Int
    }

    let bounds: Bounds
    let fault: PlantedFault?
    var accounts = [Account](repeating: Account(), count: Shop.accounts)
    /// Accounts by the core's number.
    var made: [Int] = []
    /// Defined codes: kind (0 brand, 1 SKU, 2 warehouse, 3 dealer), brand and number in one.
    var codes: [Int: UInt32] = [:]
    var holds = [Hold?](repeating: nil, count: Shop.brands * Shop.idsPerBrand)
    var orders = [Order?](repeating: nil, count: Shop.brands * Shop.idsPerBrand)
    var answered = [Answered?](repeating: nil, count: Shop.brands * Shop.idsPerBrand)
    var refusedHolds = [Remembered?](repeating: nil, count: Shop.brands * Shop.idsPerBrand)
    var refusedOrders = [Remembered?](repeating: nil, count: Shop.brands * Shop.idsPerBrand)
    var refusedRequests = [Remembered?](repeating: nil, count: Shop.brands * Shop.idsPerBrand)
    var rememberedCount = 0
    /// Keys of live holds.
    var live: Set<Int> = []
    /// No live hold has an earlier deadline.
    private var earliestDeadline = 0
    /// Bytes of journal that the ends of all live holds and open orders may take.
    var space = 0
    /// Ends of the wheel's interest in rows whose id was used again since.
    var replaced: [(ended: Int, dropped: Int, legs: Int)] = []

    init(_ bounds: Bounds, fault: PlantedFault?) {
        self.bounds = bounds
        self.fault = fault
    }

    // MARK: - Names

    func key(_ brand: Int, _ id: Int) -> Int {
        fault == .brandsShareIDs ? id : brand * Shop.idsPerBrand + id
    }

    static func codeKey(_ kind: Int, brand: Int, _ number: Int) -> Int {
        (kind * Shop.brands + brand) * 64 + number
    }

    func isDefined(_ kind: Int, brand: Int, _ number: Int) -> Bool {
        codes[ShopModel.codeKey(kind, brand: brand, number)] != nil
    }

    /// The first reason why an account isn't there, or nil.
    func absence(of account: Int) -> RefusalReason? {
        let brand = Shop.brand(of: account)
        let first = Shop.names(of: account)[0]
        if !isDefined(0, brand: 0, brand) || !isDefined(first.kind, brand: brand, first.number) {
            return .skuNotFound
        }
        return accounts[account].exists ? nil : .warehouseNotFound
    }

    // MARK: - Time

    /// The hold of a key, unless it ended so long ago that it is forgotten.
    func hold(_ key: Int, at now: Int) -> Hold? {
        guard let hold = holds[key] else { return nil }
        guard let ended = hold.ended else { return hold }
        return isForgotten(ended, at: now) ? nil : hold
    }

    /// The order of a key, unless it was cancelled so long ago that it is forgotten.
    func order(_ key: Int, at now: Int) -> Order? {
        guard let order = orders[key] else { return nil }
        guard let ended = order.ended else { return order }
        return isForgotten(ended, at: now) ? nil : order
    }

    func isForgotten(_ ended: Int, at now: Int) -> Bool {
        ended + bounds.retention * (fault == .retentionTooLong ? 11 : 10) / 10 <= now
    }

    func isDue(_ hold: Hold, at now: Int) -> Bool {
        hold.state == .held && hold.deadline + (fault == .deadlineIncluded ? 1 : 0) <= now
    }

    /// Whether any live hold is due.
    mutating func anyDue(at now: Int) -> Bool {
        guard earliestDeadline <= now else { return false }
        earliestDeadline = .max
        var isDue = false
        for key in live {
            guard let hold = holds[key] else { continue }
            earliestDeadline = min(earliestDeadline, hold.deadline)
            isDue = isDue || self.isDue(hold, at: now)
        }
        return isDue
    }

    /// Adds a live hold.
    mutating func add(_ hold: Hold, _ key: Int) {
        holds[key] = hold
        live.insert(key)
        space += 2 * (160 + 40 * hold.legs.count)
        earliestDeadline = min(earliestDeadline, hold.deadline)
    }

    // MARK: - Refusals

    /// What is remembered of a refused id at `now`.
    func recalled(_ entry: Remembered?, at now: Int) -> Remembered? {
        guard let entry, now < entry.tick + bounds.reach, fault != .refusalsNotRemembered
        else { return nil }
        return entry
    }

    /// Whether the ring may have had to make room for others since.
    func mayBeLost(_ entry: Remembered) -> Bool {
        rememberedCount - entry.age >= bounds.refusalsKept
    }

    func remembering(
        _ refusal: Refusal, _ content: UInt64, isTombstone: Bool = false, sequence: UInt64 = 0,
        over earlier: Remembered?, at now: Int
    ) -> Remembered {
        // What takes an older entry's place in the ring also takes its turn to make room.
        Remembered(
            refusal: refusal, content: content, tick: now, isTombstone: isTombstone,
            sequence: sequence, age: earlier?.age ?? rememberedCount)
    }

    // MARK: - Figures

    mutating func change(
        _ account: Int, at wall: Int, sequence: UInt64, _ body: (inout Account) -> Void
    ) {
        body(&accounts[account])
        if fault != .versionStandsStill { accounts[account].version += 1 }
        accounts[account].changed = wall
        accounts[account].sequence = sequence
    }

    /// Gives the units of a live hold back, keeping `confirmed` of each leg as allocated.
    mutating func end(
        _ key: Int, as state: HoldState, confirmed: [Int]?, at now: Int, wall: Int,
        sequence: UInt64
    ) {
        guard var hold = holds[key] else { return }
        var held: [Int: Int] = [:]
        var kept: [Int: Int] = [:]
        for (index, leg) in hold.legs.enumerated() where leg.granted > 0 {
            held[leg.account, default: 0] += leg.granted
            kept[leg.account, default: 0] += confirmed?[index] ?? 0
        }
        for (account, units) in held {
            let stays = kept[account] ?? 0
            let leaves = fault == .restNotReturned && confirmed != nil ? stays : units
            change(account, at: wall, sequence: sequence) {
                $0.held -= leaves
                $0.allocated += stays
            }
        }
        hold.state = state
        hold.ended = now
        hold.sequence = sequence
        hold.confirmed = confirmed ?? []
        holds[key] = hold
        live.remove(key)
        space -= 2 * (160 + 40 * hold.legs.count)
    }

    /// A server that starts again has its journal, but not its refusals; and what was forgotten is
    /// gone from its tables at once.
    mutating func restart() {
        refusedHolds = [Remembered?](repeating: nil, count: refusedHolds.count)
        refusedRequests = [Remembered?](repeating: nil, count: refusedRequests.count)
        refusedOrders = [Remembered?](repeating: nil, count: refusedOrders.count)
        rememberedCount = 0
        replaced.removeAll()
    }

    /// Notes on orders that memory may have, at most.
    func notesMost() -> (reservations: Int, events: Int) {
        var most = (
            reservations: replaced.count * CoreLimits.reservationsPerOrderMax,
            events: replaced.count * CoreLimits.eventsPerOrderMax
        )
        for order in orders {
            most.reservations += order?.notes.reservations ?? 0
            most.events += order?.notes.events ?? 0
        }
        return most
    }

    // MARK: - Room

    /// Ids that are certainly remembered, and that may be, the wheels having gone through `wheel`.
    func idRange(at now: Int, wheel: Int) -> ClosedRange<Int> {
        var certain = 0
        var pending = 0
        for entry in orders {
            guard let entry else { continue }
            if let ended = entry.ended, isForgotten(ended, at: now) {
                if ended + bounds.retention > wheel { pending += 1 }
            } else {
                certain += 1
            }
        }
        for entry in holds {
            guard let entry else { continue }
            guard let ended = entry.ended else {
                certain += fault == .orderRoomNotCounted ? 1 : 2
                continue
            }
            if !isForgotten(ended, at: now) {
                certain += 1
            } else if max(entry.deadline, ended + bounds.retention) > wheel {
                pending += 1
            }
        }
        for entry in answered {
            guard let entry else { continue }
            if !isForgotten(entry.tick, at: now) {
                certain += 1
            } else if entry.tick + bounds.retention > wheel {
                pending += 1
            }
        }
        for entry in replaced where entry.dropped > wheel { pending += 1 }
        return certain...certain + pending
    }

    /// Cells that legs of holds and orders take, at least and at most: a hold of several lines
    /// takes its own and its order's.
    func legRange(at now: Int, wheel: Int) -> ClosedRange<Int> {
        var certain = 0
        var pending = 0
        for entry in orders {
            guard let entry, entry.legs.count > 1 else { continue }
            if let ended = entry.ended, isForgotten(ended, at: now) {
                if ended + bounds.retention > wheel { pending += entry.legs.count }
            } else {
                certain += entry.legs.count
            }
        }
        for entry in holds {
            guard let entry, entry.legs.count > 1 else { continue }
            guard let ended = entry.ended else {
                certain += 2 * entry.legs.count
                continue
            }
            if !isForgotten(ended, at: now) {
                certain += entry.legs.count
            } else if max(entry.deadline, ended + bounds.retention) > wheel {
                pending += entry.legs.count
            }
        }
        for entry in replaced where entry.dropped > wheel { pending += entry.legs }
        return certain...certain + pending
    }
}
