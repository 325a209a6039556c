// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives

/// Holds: granted once, ended once, by what they were granted.
extension LedgerModel {
    mutating func reserve(
        _ key: EntryKey, dealer: UInt32, timeToLive: UInt32, fillMode: UInt8,
        _ legs: [RecordLeg], _ figures: [Record.Figure]
    ) {
        use(dealer, as: .dealer, of: key.brand)
        if key.id.isZero {
            violate(.form, "has a reservation id of zeroes")
        }
        if !AuditLimits.timeToLive.contains(timeToLive) {
            violate(
                .form,
                "grants for \(timeToLive) ms; \(AuditLimits.timeToLive.lowerBound) to "
                    + "\(AuditLimits.timeToLive.upperBound) are allowed")
        }
        checkForm(legs, fillMode: fillMode)
        if !legs.contains(where: { $0.amount > 0 }) {
            violate(.form, "grants nothing")
        }
        if let row = holdRows[key] {
            let earlier = holds[Int(row)]
            if earlier.state == .held || !isPastRetention(earlier.ended) {
                violate(
                    .grantedTwice,
                    "grants \(name(key)) again; record \(earlier.createdSequence) granted it, and "
                        + (earlier.state == .held
                            ? "it is live"
                            : "it was \(earlier.state) \(since(earlier.ended)) ms before, within "
                                + "the retention of \(retention) ms"))
            }
            holds[Int(row)].isForgotten = true
        }
        let hold = ModelHold(
            id: key.id, brand: key.brand, dealer: dealer, fillMode: fillMode,
            granted: place.tick, deadline: AuditLimits.tick(place.tick, after: UInt64(timeToLive)),
            sequence: place.sequence, wall: place.wall,
            legs: legs.map {
                ModelLeg(
                    line: $0.line, account: $0.account, granted: $0.amount, isShort: $0.isShort)
            })
        if let free = freeHolds.popLast() {
            holds[Int(free)] = hold
            holdRows[key] = free
        } else {
            holdRows[key] = UInt32(truncatingIfNeeded: holds.append(hold))
        }
        addUp(legs)
        for leg in legs {
            add(
                leg.amount, as: .granted, of: leg.account, brand: key.brand, for: .hold(key))
        }
        checkAvailable(figures)
        finish(figures)
    }

    mutating func confirm(
        _ key: EntryKey, order: ClientID, _ legs: [RecordLeg], _ figures: [Record.Figure]
    ) {
        let orderKey = EntryKey(id: order, brand: key.brand)
        checkFree(orderKey)
        if !legs.contains(where: { $0.amount > 0 }) {
            violate(.form, "makes an order of nothing")
        }
        guard let row = end(key, as: .confirmed, legs) else { return takeOver(figures) }
        holds[Int(row)].order = order
        for index in 0..<min(legs.count, holds[Int(row)].legCount) {
            let granted = holds[Int(row)][leg: index]
            let confirmed = legs[index].amount
            if confirmed > granted.granted {
                violate(
                    .legs,
                    "confirms \(confirmed) of line \(granted.line) of \(name(key)), more than the "
                        + "\(granted.granted) granted")
            }
            if legs[index].isShort != (confirmed < granted.granted) {
                violate(
                    .legs,
                    "marks line \(granted.line) of \(name(key)) wrong: \(confirmed) of "
                        + "\(granted.granted) are confirmed")
            }
            holds[Int(row)][leg: index].confirmed = confirmed
            add(
                confirmed, as: .confirmed, of: granted.account, brand: key.brand, for: .hold(key))
            if confirmed < granted.granted {
                add(
                    granted.granted - confirmed, as: .released, of: granted.account,
                    brand: key.brand, for: .hold(key))
            }
        }
        let hold = holds[Int(row)]
        addOrder(
            orderKey, dealer: hold.dealer, of: [key.id],
            (0..<hold.legCount).map { hold[leg: $0] }.filter { $0.confirmed > 0 }.map {
                ModelOrderLeg(line: $0.line, account: $0.account, quantity: $0.confirmed)
            })
        compareAllocated(figures)
        finish(figures)
    }

    /// A release or an expiry: all that was granted returns.
    mutating func giveBack(
        _ key: EntryKey, as state: ModelHold.State, _ legs: [RecordLeg],
        _ figures: [Record.Figure]
    ) {
        guard let row = end(key, as: state, legs) else { return takeOver(figures) }
        for index in 0..<holds[Int(row)].legCount {
            let granted = holds[Int(row)][leg: index]
            if index < legs.count {
                let leg = legs[index]
                if leg.amount != granted.granted || leg.isShort != granted.isShort {
                    violate(
                        .legs,
                        "gives back \(leg.amount) of line \(granted.line) of \(name(key)); "
                            + "\(granted.granted) were granted")
                }
            }
            add(
                granted.granted, as: state == .released ? .released : .expired,
                of: granted.account, brand: key.brand, for: .hold(key))
        }
        finish(figures)
    }

    /// A live hold's deadline moves later, at most to the longest that a grant may name.
    mutating func extend(_ key: EntryKey, request: ClientID, to deadline: UInt64) {
        settle(request, of: key.brand, as: .extendReservation(key.id))
        guard let row = liveHold(key, to: "extends") else { return }
        let hold = holds[Int(row)]
        let latest = AuditLimits.tick(
            hold.granted, after: UInt64(AuditLimits.timeToLive.upperBound))
        if deadline < hold.deadline {
            violate(
                .deadline,
                "moves the deadline of \(name(key)) back, from \(hold.deadline) to \(deadline)")
        }
        if deadline > latest {
            violate(
                .deadline,
                "moves the deadline of \(name(key)) to \(deadline), beyond \(latest), which is "
                    + "\(AuditLimits.timeToLive.upperBound) ms after its grant")
        }
        holds[Int(row)].deadline = deadline
    }

    // MARK: - Parts

    /// The row of a hold that may be changed: it is live, and the record's tick is on the right side
    /// of its deadline.
    mutating func liveHold(_ key: EntryKey, to verb: StaticString, expires: Bool = false) -> UInt32?
    {
        guard let row = holdRows[key] else {
            violate(.notHeld, "\(verb) \(name(key)), which was never granted or is forgotten")
            return nil
        }
        let hold = holds[Int(row)]
        guard hold.state == .held else {
            violate(
                .notHeld,
                "\(verb) \(name(key)), which was \(hold.state) by record \(hold.lastSequence)")
            return nil
        }
        // Decisions compare with the very tick that their record carries: no step back is allowed for.
        if (place.tick >= hold.deadline) != expires {
            violate(
                .deadline,
                expires
                    ? "\(verb) \(name(key)) at tick \(place.tick), before its deadline "
                        + "\(hold.deadline)"
                    : "\(verb) \(name(key)) at tick \(place.tick), though it was due at "
                        + "\(hold.deadline)")
        }
        return row
    }

    /// A live hold ends, on the right side of its deadline, with the lines that it was granted.
    private mutating func end(
        _ key: EntryKey, as state: ModelHold.State, _ legs: [RecordLeg]
    ) -> UInt32? {
        let expires = state == .expired
        guard let row = liveHold(key, to: expires ? "expires" : "ends", expires: expires)
        else { return nil }
        let hold = holds[Int(row)]
        let isSame =
            legs.count == hold.legCount
            && legs.indices.allSatisfy {
                legs[$0].line == hold[leg: $0].line && legs[$0].account == hold[leg: $0].account
            }
        if !isSame {
            violate(.legs, "names other lines or accounts of \(name(key)) than were granted")
        }
        close(row, as: state)
        // What was granted is what changes, whatever the record names.
        sums.removeAll(keepingCapacity: true)
        addUp(hold)
        return row
    }

    /// Notes a hold's end.
    mutating func close(_ row: UInt32, as state: ModelHold.State) {
        holds[Int(row)].state = state
        holds[Int(row)].ended = place.tick
        holds[Int(row)].changed = place.wall
        holds[Int(row)].lastSequence = place.sequence
        endedHolds.append(row)
    }

    /// Adds what was granted to the units by account.
    mutating func addUp(_ hold: ModelHold) {
        for index in 0..<hold.legCount where hold[leg: index].granted > 0 {
            sums[hold[leg: index].account, default: 0] &+= Int64(hold[leg: index].granted)
        }
    }
}
