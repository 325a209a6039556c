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
        checkForm(legs, timeToLive: timeToLive, fillMode: fillMode)
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
            deadline: AuditLimits.tick(place.tick, after: UInt64(timeToLive)),
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
        for leg in legs { add(leg.amount, as: .granted, of: leg.account, in: key) }
        for figure in figures {
            guard let row = changedRow(figure) else { continue }
            let account = accounts[row]
            // By the figures in this record: only held is among them.
            let available =
                account.onHand &- figure.held &- account.allocated &- account.safety
            if available < 0 {
                violate(
                    .oversold,
                    "grants units of \(name(ofAccount: figure.account)) that aren't there: on hand "
                        + "\(account.onHand), held \(figure.held), allocated \(account.allocated), "
                        + "safety \(account.safety) leave \(available)")
            }
        }
        finish(figures)
    }

    mutating func confirm(
        _ key: EntryKey, order: ClientID, _ legs: [RecordLeg], _ figures: [Record.Figure]
    ) {
        if order.isZero {
            violate(.form, "has an order id of zeroes")
        }
        let orderKey = EntryKey(id: order, brand: key.brand)
        if let taken = orderRows[orderKey] {
            violate(
                .orderTwice,
                "makes order \(order.hex) of brand \(name(key.brand)), which record "
                    + "\(holds[Int(taken)].lastSequence) made already")
        }
        if !legs.contains(where: { $0.amount > 0 }) {
            violate(.form, "makes an order of nothing")
        }
        guard let row = end(key, as: .confirmed, legs) else { return takeOver(figures) }
        if orderRows[orderKey] == nil { orderRows[orderKey] = row }
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
            add(confirmed, as: .confirmed, of: granted.account, in: key)
            if confirmed < granted.granted {
                add(granted.granted - confirmed, as: .released, of: granted.account, in: key)
            }
        }
        for figure in figures {
            if let row = changedRow(figure) { compareAllocated(figure.committed ?? 0, row) }
        }
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
                of: granted.account, in: key)
        }
        finish(figures)
    }

    // MARK: - Parts

    private mutating func checkForm(_ legs: [RecordLeg], timeToLive: UInt32, fillMode: UInt8) {
        if !AuditLimits.timeToLive.contains(timeToLive) {
            violate(
                .form,
                "grants for \(timeToLive) ms; \(AuditLimits.timeToLive.lowerBound) to "
                    + "\(AuditLimits.timeToLive.upperBound) are allowed")
        }
        if !(1...AuditLimits.legsMax).contains(legs.count) {
            violate(.form, "has \(legs.count) lines; 1 to \(AuditLimits.legsMax) are allowed")
        }
        if legs.contains(where: { $0.line == 0 }) {
            violate(.form, "has a line with number 0")
        }
        if legs.count > 1, Set(legs.map(\.line)).count != legs.count {
            violate(.form, "has two lines with the same number")
        }
        if !legs.contains(where: { $0.amount > 0 }) {
            violate(.form, "grants nothing")
        }
        if legs.contains(where: { $0.amount > AuditLimits.quantityMax }) {
            violate(.form, "grants more than \(AuditLimits.quantityMax) units of a line")
        }
        switch fillMode {
        case 1:
            if legs.contains(where: { $0.amount == 0 || $0.isShort }) {
                violate(.form, "grants less than all, though its fill mode is all or nothing")
            }
        case 2:
            if legs.contains(where: { $0.amount == 0 && !$0.isShort }) {
                violate(.form, "grants nothing of a line and doesn't mark it as short")
            }
        default: violate(.form, "has the unknown fill mode \(fillMode)")
        }
    }

    /// A live hold ends, on the right side of its deadline, with the lines that it was granted.
    private mutating func end(
        _ key: EntryKey, as state: ModelHold.State, _ legs: [RecordLeg]
    ) -> UInt32? {
        guard let row = holdRows[key] else {
            violate(.notHeld, "ends \(name(key)), which was never granted or is forgotten")
            return nil
        }
        let hold = holds[Int(row)]
        guard hold.state == .held else {
            violate(
                .notHeld,
                "ends \(name(key)), which was \(hold.state) by record \(hold.lastSequence)")
            return nil
        }
        // Decisions compare with the very tick that their record carries: no step back is allowed for.
        if (place.tick >= hold.deadline) != (state == .expired) {
            violate(
                .deadline,
                state == .expired
                    ? "expires \(name(key)) at tick \(place.tick), before its deadline \(hold.deadline)"
                    : "ends \(name(key)) at tick \(place.tick), though it was due at \(hold.deadline)"
            )
        }
        var isSame = legs.count == hold.legCount
        if isSame {
            for index in 0..<legs.count {
                let granted = hold[leg: index]
                isSame =
                    isSame && legs[index].line == granted.line
                    && legs[index].account == granted.account
            }
        }
        if !isSame {
            violate(.legs, "names other lines or accounts of \(name(key)) than were granted")
        }
        holds[Int(row)].state = state
        holds[Int(row)].ended = place.tick
        holds[Int(row)].changed = place.wall
        holds[Int(row)].lastSequence = place.sequence
        endedHolds.append(row)
        // What was granted is what changes, whatever the record names.
        sums.removeAll(keepingCapacity: true)
        for index in 0..<hold.legCount where hold[leg: index].granted > 0 {
            sums[hold[leg: index].account, default: 0] &+= Int64(hold[leg: index].granted)
        }
        return row
    }

    private mutating func addUp(_ legs: [RecordLeg]) {
        sums.removeAll(keepingCapacity: true)
        for leg in legs where leg.amount > 0 { sums[leg.account, default: 0] &+= Int64(leg.amount) }
    }

    private mutating func add(
        _ units: UInt32, as flow: ModelAccount.Flow, of account: UInt32,
        in key: EntryKey
    ) {
        guard units > 0 else { return }
        guard let row = accountRows[account] else {
            return violate(.account, "of \(name(key)) names account \(account), never set")
        }
        accounts[row].add(Int64(units), as: flow)
        if accounts[row].brand != key.brand {
            violate(
                .account, "of \(name(key)) names \(name(ofAccount: account)), which is another's")
        }
    }

    /// The row of a figure that this record may carry.
    private func changedRow(_ figure: Record.Figure) -> Int? {
        sums[figure.account] == nil ? nil : accountRows[figure.account]
    }

    /// Compares held and version of each account that changed; each is there once, and no other.
    private mutating func finish(_ figures: [Record.Figure]) {
        for figure in figures {
            guard sums.removeValue(forKey: figure.account) != nil else {
                violate(
                    .accounts,
                    "carries figures of \(name(ofAccount: figure.account)), which it doesn't "
                        + "change, or twice")
                continue
            }
            guard let row = accountRows[figure.account] else { continue }
            compareHeld(figure.held, row)
            compareVersion(figure.version, row)
        }
        for account in sums.keys.sorted() {
            violate(
                .accounts, "carries no figures of \(name(ofAccount: account)), which it changes")
        }
    }

    /// Believes the figures of a record that ends nothing, which was told already.
    private mutating func takeOver(_ figures: [Record.Figure]) {
        for figure in figures {
            guard let row = accountRows[figure.account] else { continue }
            accounts[row].heldCorrection &+= figure.held &- accounts[row].held
            if let committed = figure.committed {
                accounts[row].allocatedCorrection &+= committed &- accounts[row].allocated
            }
            accounts[row].version = figure.version
            accounts[row].lastSequence = place.sequence
            accounts[row].lastWall = place.wall
        }
    }
}
