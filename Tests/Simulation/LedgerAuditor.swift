// SPDX-License-Identifier: Apache-2.0

import Effects
import Primitives
import ReservationCore

/// Reads nothing but records: applies their amounts to a ledger of its own, compares with the
/// figures that they carry, and checks the equations of a stock ledger at every record.
struct LedgerAuditor {
    /// An account, from amounts alone.
    struct Account: Equatable {
        var onHand = 0
        var held = 0
        var committed = 0
        var safety = 0
        var version: UInt64 = 0
        var available: Int { onHand - held - committed - safety }
    }

    private struct Key: Hashable {
        var brand: UInt32
        var id: ClientID
    }

    private struct Hold {
        var legs: [RecordLeg]
        var deadline: UInt64
        /// When it ended, or nil while it is live.
        var ended: UInt64?
    }

    private struct Code: Hashable {
        var kind: UInt8
        var brand: UInt32
        var text: [UInt8]
    }

    /// Milliseconds within which an id has at most one effect.
    let retention: UInt64
    /// Milliseconds by which a record's tick may lie behind another's before it: the length of a turn.
    let tickSlack: UInt64
    /// What didn't add up.
    private(set) var violations: [String] = []
    /// The accounts by number.
    private(set) var accounts: [UInt32: Account] = [:]
    private var codes: [Code] = []
    private var known: Set<Code> = []
    private var places: [UInt32: [UInt32]] = [:]
    private var holds: [Key: Hold] = [:]
    private var orders: [Key: [RecordLeg]] = [:]
    private var requests: [Key: UInt64] = [:]
    private var lastSequence: UInt64 = 0

    init(retention: UInt64, tickSlack: UInt64 = 0) {
        self.retention = retention
        self.tickSlack = tickSlack
    }

    /// Reads one more record.
    mutating func read(_ entry: RecordingSink.Entry) -> Record? {
        if entry.sequence != lastSequence + 1 {
            violations.append("sequence \(entry.sequence) follows \(lastSequence)")
        }
        lastSequence = entry.sequence
        do {
            let record = try Record(entry.bytes.span)
            apply(record, at: entry.time.tick.milliseconds)
            return record
        } catch {
            violations.append("record \(entry.sequence) can't be read: \(error)")
            return nil
        }
    }

    /// Applies a record that was made at `tick`.
    mutating func apply(_ record: Record, at tick: UInt64) {
        switch record {
        case .define(let brand, let number, let kind, let text):
            define(Code(kind: kind, brand: brand, text: text), as: number)
        case .setStock(
            let brand, let request, _, let number, let sku, let warehouse, _, let figures):
            // The first code's kind says what the account counts.
            let first = Int(sku) < codes.count ? CodeKind(rawValue: codes[Int(sku)].kind) : nil
            let kind = AccountKind.allCases.first { $0.firstCode == first } ?? .stock
            isDefined(sku, kind.firstCode, of: brand)
            isDefined(warehouse, kind.secondCode, of: brand)
            let place = [brand, sku, warehouse]
            check(places[number, default: place] == place, "account \(number) moved")
            places[number] = place
            answer(request, of: brand, at: tick)
            var account = accounts[number] ?? Account()
            account.onHand = Int(figures.onHand)
            settle(number, account, figures)
        case .adjustStock(let brand, let request, _, let number, let delta, let figures):
            check(accounts[number] != nil, "account \(number) was adjusted before it was set")
            check(places[number]?.first == brand, "account \(number) was adjusted by a brand")
            answer(request, of: brand, at: tick)
            var account = accounts[number] ?? Account()
            account.onHand += Int(delta)
            settle(number, account, figures)
        case .reserve(
            let brand, let id, _, let dealer, let timeToLive, _, let legs, let figures):
            isDefined(dealer, CodeKind.dealer, of: brand)
            let key = Key(brand: brand, id: id)
            if let earlier = holds[key] {
                check(
                    earlier.ended.map { $0 + retention <= tick + tickSlack } ?? false,
                    "\(id) was granted twice within the retention")
            }
            check(!legs.isEmpty, "a grant without legs")
            checkLines(of: legs)
            holds[key] = Hold(legs: legs, deadline: tick + UInt64(timeToLive), ended: nil)
            move(legs, figures, named: "reserve") { $0.held += $1 }
            for figure in figures {
                check(
                    accounts[figure.account].map { $0.available >= 0 } ?? false,
                    "account \(figure.account) was granted below zero")
            }
        case .confirm(let brand, let id, let order, let legs, let figures):
            let granted = end(Key(brand: brand, id: id), legs, at: tick, named: "confirm")
            let orderKey = Key(brand: brand, id: order)
            check(orders[orderKey] == nil, "order \(order) exists already")
            let confirmed = legs.filter { $0.amount > 0 }
            check(!confirmed.isEmpty, "an order of nothing")
            orders[orderKey] = confirmed
            for (leg, grant) in zip(legs, granted) {
                check(leg.amount <= grant.amount, "more confirmed than granted")
                check(leg.isShort == (leg.amount < grant.amount), "a wrong short mark")
            }
            for leg in confirmed { accounts[leg.account]?.committed += Int(leg.amount) }
            move(granted, figures, named: "confirm") { $0.held -= $1 }
        case .release(let brand, let id, let legs, let figures):
            let granted = end(Key(brand: brand, id: id), legs, at: tick, named: "release")
            check(legs == granted, "a release of other amounts than granted")
            move(granted, figures, named: "release") { $0.held -= $1 }
        case .expire(let brand, let id, let legs, let figures):
            let granted = end(
                Key(brand: brand, id: id), legs, at: tick, named: "expire", afterDeadline: true)
            check(legs == granted, "an expiry of other amounts than granted")
            move(granted, figures, named: "expire") { $0.held -= $1 }
        case .order, .orderFromHolds, .cancel: applyToOrder(record, at: tick)
        case .extend(let brand, let id, let request, _, let deadline):
            answer(request, of: brand, at: tick)
            let key = Key(brand: brand, id: id)
            check(holds[key].map { $0.ended == nil } ?? false, "a hold that isn't live is extended")
            check(holds[key].map { $0.deadline <= deadline } ?? true, "a deadline comes nearer")
            holds[key]?.deadline = deadline
        case .setPolicy(let brand, let request, _, let number, let policy, let figures):
            check(places[number]?.first == brand, "account \(number) has a policy of a brand")
            answer(request, of: brand, at: tick)
            var account = accounts[number] ?? Account()
            account.safety = Int(policy.safety)
            settle(number, account, figures)
        case .transfer(
            let brand, let request, _, let quantity, let from, let to, let fromFigures,
            let toFigures):
            answer(request, of: brand, at: tick)
            check(places[from]?.first == brand, "a transfer from a brand's account")
            check(places[from]?[1] == places[to]?[1], "a transfer between SKUs")
            var (giver, taker) = (accounts[from] ?? Account(), accounts[to] ?? Account())
            giver.onHand -= Int(quantity)
            taker.onHand += Int(quantity)
            check(giver.available >= 0, "a transfer of what isn't available")
            settle(from, giver, fromFigures)
            settle(to, taker, toFigures)
        }
    }

    private mutating func applyToOrder(_ record: Record, at tick: UInt64) {
        switch record {
        case .order(let brand, let id, _, let dealer, _, let legs, let figures):
            isDefined(dealer, CodeKind.dealer, of: brand)
            check(orders[Key(brand: brand, id: id)] == nil, "order \(id) exists already")
            check(!legs.isEmpty && legs.allSatisfy { $0.amount > 0 }, "an order of nothing")
            checkLines(of: legs)
            orders[Key(brand: brand, id: id)] = legs
            move(legs, figures, named: "order") { $0.committed += $1 }
            for figure in figures {
                check(
                    accounts[figure.account].map { $0.available >= 0 } ?? false,
                    "account \(figure.account) was sold below zero")
            }
        case .orderFromHolds(let brand, let id, _, let dealer, let parts, let legs, let figures):
            isDefined(dealer, CodeKind.dealer, of: brand)
            check(orders[Key(brand: brand, id: id)] == nil, "order \(id) exists already")
            var next = 0
            for part in parts {
                let key = Key(brand: brand, id: part.reservation)
                let told = Array(legs.dropFirst(next).prefix(Int(part.legCount)))
                next += Int(part.legCount)
                guard let hold = holds[key], hold.ended == nil else {
                    check(false, "an order of a hold that isn't live")
                    continue
                }
                check(tick < hold.deadline, "an order of a hold that is due")
                check(
                    told.map { [$0.account, $0.amount] }
                        == hold.legs.map { [$0.account, $0.amount] },
                    "an order of other legs than were granted")
                holds[key]?.ended = tick
            }
            check(next == legs.count, "legs of no hold")
            let kept = legs.filter { $0.amount > 0 }
            check(legs.allSatisfy { ($0.line == 0) == ($0.amount == 0) }, "a line of nothing")
            checkLines(of: kept)
            orders[Key(brand: brand, id: id)] = kept
            move(kept, figures, named: "order from holds") {
                $0.held -= $1
                $0.committed += $1
            }
        case .cancel(let brand, let id, let request, _, _, let legs, let figures):
            answer(request, of: brand, at: tick)
            let key = Key(brand: brand, id: id)
            guard var left = orders[key], !left.isEmpty else {
                return check(false, "order \(id) isn't open")
            }
            for leg in legs {
                let place = left.firstIndex { $0.line == leg.line && $0.account == leg.account }
                guard let place, leg.amount > 0, left[place].amount >= leg.amount else {
                    check(false, "more is cancelled than is left")
                    continue
                }
                left[place].amount -= leg.amount
            }
            let rest = left.filter { $0.amount > 0 }
            // Cancelled whole: the id may come again once it was forgotten.
            orders[key] = rest.isEmpty ? nil : rest
            move(legs, figures, named: "cancel") { $0.committed -= $1 }
        default: check(false, "not of an order")
        }
    }

    /// No line at two places, and within a line no account twice.
    private mutating func checkLines(of legs: [RecordLeg]) {
        var ended: Set<UInt32> = []
        for (index, leg) in legs.enumerated() {
            if index > 0, legs[index - 1].line != leg.line { ended.insert(legs[index - 1].line) }
            check(!ended.contains(leg.line), "a line at two places")
        }
        let places = legs.map { UInt64($0.line) << 32 | UInt64($0.account) }
        check(Set(places).count == legs.count, "a line on an account twice")
    }

    /// Recounts the whole ledger: held = live legs, committed = orders.
    mutating func recount() {
        var held: [UInt32: Int] = [:]
        var committed: [UInt32: Int] = [:]
        for hold in holds.values where hold.ended == nil {
            for leg in hold.legs { held[leg.account, default: 0] += Int(leg.amount) }
        }
        for legs in orders.values {
            for leg in legs { committed[leg.account, default: 0] += Int(leg.amount) }
        }
        for (number, account) in accounts {
            check(account.held == held[number] ?? 0, "account \(number): held isn't its live legs")
            check(
                account.committed == committed[number] ?? 0,
                "account \(number): committed isn't its orders")
            check(
                account.onHand >= 0 && account.held >= 0 && account.committed >= 0,
                "account \(number): a figure is negative")
        }
    }

    // MARK: - Parts

    private mutating func check(_ holds: Bool, _ violation: @autoclosure () -> String) {
        if !holds { violations.append("record \(lastSequence): \(violation())") }
    }

    private mutating func define(_ code: Code, as number: UInt32) {
        let next = codes.count
        check(Int(number) == next, "code number \(number), expected \(next)")
        let isNew = known.insert(code).inserted
        check(isNew, "a code was defined twice")
        switch CodeKind(rawValue: code.kind) {
        case .brand: check(code.brand == 0, "a brand within a brand")
        case .sku, .warehouse, .dealer, .currency, .promotion:
            check(
                Int(code.brand) < codes.count
                    && codes[Int(code.brand)].kind == CodeKind.brand.rawValue,
                "a code of a brand that isn't defined")
        case nil: check(false, "a code of kind \(code.kind)")
        }
        codes.append(code)
    }

    private mutating func isDefined(_ number: UInt32, _ kind: CodeKind, of brand: UInt32) {
        let isRight =
            Int(number) < codes.count && codes[Int(number)].kind == kind.rawValue
            && codes[Int(number)].brand == brand
        check(isRight, "code \(number) isn't a \(kind) of brand \(brand)")
    }

    private mutating func answer(_ request: ClientID, of brand: UInt32, at tick: UInt64) {
        let key = Key(brand: brand, id: request)
        if let earlier = requests[key] {
            check(earlier + retention <= tick + tickSlack, "request \(request) took effect twice")
        }
        requests[key] = tick
    }

    /// A hold ends, once; answers with what was granted.
    private mutating func end(
        _ key: Key, _ legs: [RecordLeg], at tick: UInt64, named name: String,
        afterDeadline: Bool = false
    ) -> [RecordLeg] {
        guard let hold = holds[key], hold.ended == nil else {
            check(false, "\(name) of a hold that isn't live")
            return []
        }
        check((tick >= hold.deadline) == afterDeadline, "\(name) on the wrong side of the deadline")
        check(
            legs.map { [$0.line, $0.account] } == hold.legs.map { [$0.line, $0.account] },
            "\(name) names other legs than were granted")
        holds[key]?.ended = tick
        return hold.legs
    }

    /// Moves the legs' amounts, then compares with the record's figures: each account that changes is
    /// there once, and no other.
    private mutating func move(
        _ legs: [RecordLeg], _ figures: [Record.Figure], named name: String,
        _ change: (inout Account, Int) -> Void
    ) {
        var amounts: [UInt32: Int] = [:]
        for leg in legs where leg.amount > 0 {
            amounts[leg.account, default: 0] += Int(leg.amount)
        }
        check(
            figures.count == amounts.count && figures.allSatisfy { amounts[$0.account] != nil },
            "\(name) carries other accounts than it changes")
        for figure in figures {
            guard var account = accounts[figure.account], let amount = amounts[figure.account]
            else {
                check(false, "\(name) on account \(figure.account), which isn't set")
                continue
            }
            change(&account, amount)
            account.version += 1
            check(
                account.held == Int(figure.held) && account.version == figure.version
                    && (figure.committed.map { Int($0) == account.committed } ?? true),
                "\(name) on account \(figure.account): \(account), the record says \(figure)")
            accounts[figure.account] = account
        }
    }

    private mutating func settle(_ number: UInt32, _ before: Account, _ figures: StockFigures) {
        var account = before
        account.version += 1
        let told = Account(
            onHand: Int(figures.onHand), held: Int(figures.held),
            committed: Int(figures.allocated), safety: Int(figures.safety),
            version: figures.version)
        check(account == told, "account \(number): \(account), the record says \(told)")
        accounts[number] = account
    }
}
