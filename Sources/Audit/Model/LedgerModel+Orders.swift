// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives

/// Orders: made once, at once or of holds, and cancelled down to nothing.
extension LedgerModel {
    /// An order at once: its units go from what is available to what is allocated.
    mutating func order(
        _ key: EntryKey, dealer: UInt32, fillMode: UInt8, _ legs: [RecordLeg],
        _ figures: [Record.Figure]
    ) {
        use(dealer, as: .dealer, of: key.brand)
        checkFree(key)
        checkForm(legs, fillMode: fillMode)
        if legs.contains(where: { $0.amount == 0 }) {
            violate(.form, "has a leg of nothing")
        }
        addUp(legs)
        for leg in legs {
            add(
                leg.amount, as: .ordered, of: leg.account, brand: key.brand,
                for: .order(key))
        }
        addOrder(
            key, dealer: dealer, of: [],
            legs.map { ModelOrderLeg(line: $0.line, account: $0.account, quantity: $0.amount) })
        checkAvailable(figures)
        compareAllocated(figures)
        checkAscending(figures)
        finish(figures)
    }

    /// Holds become an order together: all that each was granted.
    mutating func order(
        _ key: EntryKey, dealer: UInt32, from parts: [RecordHold], _ legs: [RecordLeg],
        _ figures: [Record.Figure]
    ) {
        use(dealer, as: .dealer, of: key.brand)
        checkFree(key)
        checkForm(parts, legs)
        sums.removeAll(keepingCapacity: true)
        var isWhole = parts.reduce(0) { $0 + Int($1.legCount) } == legs.count
        if !isWhole {
            violate(.form, "has \(legs.count) legs, but not of its reservations")
        }
        var start = 0
        var lines: UInt32 = 0
        for part in parts {
            let end = min(legs.count, start + Int(part.legCount))
            let holdKey = EntryKey(id: part.reservation, brand: key.brand)
            if let row = liveHold(holdKey, to: "orders") {
                let hold = holds[Int(row)]
                if hold.dealer != dealer {
                    violate(
                        .dealer,
                        "makes an order of dealer \(name(dealer)) of \(name(holdKey)), whose "
                            + "dealer is \(name(hold.dealer))")
                }
                compare(
                    Array(legs[start..<end]), with: hold, isOnly: parts.count == 1, &lines)
                confirmAll(row, of: key)
            } else {
                isWhole = false
            }
            start = end
        }
        addOrder(
            key, dealer: dealer, of: parts.map(\.reservation),
            legs.filter { $0.amount > 0 }.map {
                ModelOrderLeg(line: $0.line, account: $0.account, quantity: $0.amount)
            })
        guard isWhole else { return takeOver(figures) }
        compareAllocated(figures)
        checkAscending(figures)
        finish(figures)
    }

    /// Units of an order go back to what is available.
    mutating func cancel(
        _ key: EntryKey, request: ClientID, _ legs: [RecordLeg], _ figures: [Record.Figure]
    ) {
        settle(request, of: key.brand, as: .cancelOrder(key.id))
        if legs.isEmpty {
            violate(.form, "cancels nothing")
        }
        guard let row = openOrder(key) else { return takeOver(figures) }
        var next = 0
        for leg in legs {
            next = cancel(leg, of: row, from: next)
        }
        addUp(legs)
        orders[Int(row)].changed = place.wall
        orders[Int(row)].lastSequence = place.sequence
        let order = orders[Int(row)]
        if (0..<order.legCount).allSatisfy({ order[leg: $0].remaining == 0 }) {
            orders[Int(row)].isCancelled = true
            orders[Int(row)].ended = place.tick
            endedOrders.append(row)
        }
        compareAllocated(figures)
        checkAscending(figures)
        finish(figures)
    }

    // MARK: - Parts

    /// An order's id isn't zeroes and isn't taken.
    mutating func checkFree(_ key: EntryKey) {
        if key.id.isZero {
            violate(.form, "has an order id of zeroes")
        }
        guard let row = orderRows[key] else { return }
        let earlier = orders[Int(row)]
        if earlier.isCancelled, isPastRetention(earlier.ended) { return }
        violate(
            .orderTwice,
            "makes \(name(ofOrder: key)), which record \(earlier.createdSequence) made already"
                + (earlier.isCancelled
                    ? "; it was cancelled \(since(earlier.ended)) ms before, within the retention "
                        + "of \(retention) ms"
                    : ""))
    }

    /// Takes an order into the books.
    mutating func addOrder(
        _ key: EntryKey, dealer: UInt32, of reservations: [ClientID], _ legs: [ModelOrderLeg]
    ) {
        let order = ModelOrder(
            id: key.id, brand: key.brand, dealer: dealer, sequence: place.sequence,
            wall: place.wall, reservations: reservations, legs: legs)
        // What is remembered under the same id may be cancelled no more, but its units still count.
        if let earlier = orderRows[key], orders[Int(earlier)].isCancelled {
            orders[Int(earlier)].isForgotten = true
        }
        if let free = freeOrders.popLast() {
            orders[Int(free)] = order
            orderRows[key] = free
        } else {
            orderRows[key] = UInt32(truncatingIfNeeded: orders.append(order))
        }
    }

    private mutating func checkForm(_ parts: [RecordHold], _ legs: [RecordLeg]) {
        if !(1...AuditLimits.reservationsMax).contains(parts.count) {
            violate(
                .form,
                "has \(parts.count) reservations; 1 to \(AuditLimits.reservationsMax) are allowed")
        }
        if !(1...AuditLimits.legsMax).contains(legs.count) {
            violate(.form, "has \(legs.count) legs; 1 to \(AuditLimits.legsMax) are allowed")
        }
        if !legs.contains(where: { $0.amount > 0 }) {
            violate(.form, "makes an order of nothing")
        }
    }

    /// The legs that an order names of one of its holds: all that was granted, under the numbers that
    /// the order's lines have.
    private mutating func compare(
        _ legs: [RecordLeg], with hold: ModelHold, isOnly: Bool, _ lines: inout UInt32
    ) {
        let key = EntryKey(id: hold.id, brand: hold.brand)
        guard legs.count == hold.legCount else {
            return violate(
                .legs, "names \(legs.count) legs of \(name(key)), which has \(hold.legCount)")
        }
        var line: UInt32?
        for index in legs.indices {
            let granted = hold[leg: index]
            let leg = legs[index]
            if leg.account != granted.account || leg.amount != granted.granted || leg.isShort {
                violate(
                    .legs,
                    "orders \(leg.amount) on \(name(ofAccount: leg.account)) of line "
                        + "\(granted.line) of \(name(key)); \(granted.granted) on "
                        + "\(name(ofAccount: granted.account)) were granted")
            }
            var expected: UInt32 = 0
            if granted.granted > 0 {
                if line != granted.line { lines += 1 }
                line = granted.line
                expected = isOnly ? granted.line : lines
            }
            if leg.line != expected {
                violate(
                    .legs,
                    "numbers line \(granted.line) of \(name(key)) as \(leg.line) of the order, "
                        + "which must be \(expected)")
            }
        }
    }

    /// A hold ends by becoming part of an order, with all that it was granted.
    private mutating func confirmAll(_ row: UInt32, of key: EntryKey) {
        close(row, as: .confirmed)
        holds[Int(row)].order = key.id
        let hold = holds[Int(row)]
        addUp(hold)
        for index in 0..<hold.legCount {
            let leg = hold[leg: index]
            holds[Int(row)][leg: index].confirmed = leg.granted
            add(
                leg.granted, as: .confirmed, of: leg.account, brand: key.brand,
                for: .order(key))
        }
    }

    private mutating func openOrder(_ key: EntryKey) -> UInt32? {
        guard let row = orderRows[key] else {
            violate(
                .notOrdered, "cancels \(name(ofOrder: key)), which was never made or is forgotten")
            return nil
        }
        guard !orders[Int(row)].isCancelled else {
            violate(
                .notOrdered,
                "cancels \(name(ofOrder: key)), which was cancelled by record "
                    + "\(orders[Int(row)].lastSequence)")
            return nil
        }
        return row
    }

    /// Cancels units of one leg, which must be the order's, at `start` or after it.
    ///
    /// - Returns: where the next one may be.
    private mutating func cancel(_ leg: RecordLeg, of row: UInt32, from start: Int) -> Int {
        let order = orders[Int(row)]
        let key = EntryKey(id: order.id, brand: order.brand)
        add(
            leg.amount, as: .cancelled, of: leg.account, brand: order.brand,
            for: .order(key))
        var index = start
        while index < order.legCount,
            order[leg: index].line != leg.line || order[leg: index].account != leg.account
        {
            index += 1
        }
        guard index < order.legCount else {
            violate(
                .legs,
                "cancels line \(leg.line) on \(name(ofAccount: leg.account)), which "
                    + "\(name(ofOrder: key)) doesn't have, or not there")
            return start
        }
        if leg.amount == 0 || leg.isShort {
            violate(.form, "cancels nothing of line \(leg.line), or marks it as short")
        }
        let remaining = order[leg: index].remaining
        if leg.amount > remaining {
            violate(
                .legs,
                "cancels \(leg.amount) of line \(leg.line) of \(name(ofOrder: key)), of which "
                    + "\(remaining) are left")
        }
        orders[Int(row)][leg: index].cancelled += min(leg.amount, remaining)
        return index + 1
    }
}
