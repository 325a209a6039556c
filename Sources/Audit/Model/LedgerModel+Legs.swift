// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives

/// What a leg is of.
enum LegOwner {
    case hold(EntryKey), order(EntryKey)
}

/// Legs and the figures of the accounts that they change, whatever the record's type.
extension LedgerModel {
    /// Adds the legs up by account.
    mutating func addUp(_ legs: [RecordLeg]) {
        sums.removeAll(keepingCapacity: true)
        for leg in legs where leg.amount > 0 { sums[leg.account, default: 0] &+= Int64(leg.amount) }
    }

    /// Lets the units of one leg flow.
    mutating func add(
        _ units: UInt32, as flow: ModelAccount.Flow, of account: UInt32, brand: UInt32,
        for owner: LegOwner
    ) {
        guard units > 0 else { return }
        guard let row = accountRows[account] else {
            return violate(.account, "of \(name(owner)) names account \(account), never set")
        }
        accounts[row].add(Int64(units), as: flow)
        if accounts[row].brand != brand {
            violate(
                .account, "of \(name(owner)) names \(name(ofAccount: account)), which is another's")
        }
    }

    private func name(_ owner: LegOwner) -> String {
        switch owner {
        case .hold(let key): name(key)
        case .order(let key): name(ofOrder: key)
        }
    }

    /// What the legs of a grant or of an order at once must keep: numbers, splits, amounts.
    mutating func checkForm(_ legs: [RecordLeg], fillMode: UInt8) {
        if !(1...AuditLimits.legsMax).contains(legs.count) {
            violate(.form, "has \(legs.count) legs; 1 to \(AuditLimits.legsMax) are allowed")
        }
        if legs.contains(where: { $0.line == 0 }) {
            violate(.form, "has a line with number 0")
        }
        checkSplits(legs)
        switch fillMode {
        case 1:
            if legs.contains(where: { $0.amount == 0 || $0.isShort }) {
                violate(.form, "grants less than all, though its fill mode is all or nothing")
            }
        case 2: break
        default: violate(.form, "has the unknown fill mode \(fillMode)")
        }
    }

    /// The legs of a line stand together, each on another account of the same SKU.
    private mutating func checkSplits(_ legs: [RecordLeg]) {
        var first = 0
        var lines: Set<UInt32> = []
        var units: UInt64 = 0
        for index in legs.indices {
            if index > 0, legs[index].line != legs[first].line {
                first = index
                units = 0
            }
            let leg = legs[index]
            if index == first, legs.count > 1, !lines.insert(leg.line).inserted {
                violate(.form, "has two lines with the same number, \(leg.line)")
            }
            if legs[first..<index].contains(where: { $0.account == leg.account }) {
                violate(
                    .form, "has two legs of line \(leg.line) on \(name(ofAccount: leg.account))")
            }
            if index > first, sku(leg.account) != sku(legs[first].account) {
                violate(
                    .form,
                    "has line \(leg.line) on \(name(ofAccount: leg.account)), another SKU than "
                        + "\(name(ofAccount: legs[first].account))")
            }
            units += UInt64(leg.amount)
            let isLast = index + 1 == legs.count || legs[index + 1].line != leg.line
            if leg.isShort, !isLast {
                violate(.form, "marks a leg of line \(leg.line) as short that isn't its last")
            }
            guard isLast else { continue }
            if units == 0, !leg.isShort {
                violate(.form, "grants nothing of line \(leg.line) and doesn't mark it as short")
            }
            if units > UInt64(AuditLimits.quantityMax) {
                violate(
                    .form,
                    "grants \(units) units of line \(leg.line), more than "
                        + "\(AuditLimits.quantityMax)")
            }
        }
    }

    private func sku(_ account: UInt32) -> UInt32? {
        accountRows[account].map { accounts[$0].sku }
    }

    // MARK: - Figures

    /// The row of a figure that this record may carry.
    func changedRow(_ figure: Record.Figure) -> Int? {
        sums[figure.account] == nil ? nil : accountRows[figure.account]
    }

    /// A grant and an order at once leave nothing below zero, by the figures of the record itself.
    mutating func checkAvailable(_ figures: [Record.Figure]) {
        for figure in figures {
            guard let row = changedRow(figure) else { continue }
            let account = accounts[row]
            checkAvailable(
                account, held: figure.held, allocated: figure.committed ?? account.allocated)
        }
    }

    /// What a taker leaves available isn't below zero.
    mutating func checkAvailable(_ account: ModelAccount, held: Int64, allocated: Int64) {
        let available = account.onHand &- held &- allocated &- account.safety
        guard available < 0 else { return }
        violate(
            .oversold,
            "takes units of \(name(ofAccount: account.number)) that aren't there: on hand "
                + "\(account.onHand), held \(held), allocated \(allocated), safety "
                + "\(account.safety) leave \(available)")
    }

    /// Compares what is allocated of each account that changed.
    mutating func compareAllocated(_ figures: [Record.Figure]) {
        for figure in figures {
            if let row = changedRow(figure) { compareAllocated(figure.committed ?? 0, row) }
        }
    }

    /// Compares held and version of each account that changed; each is there once, and no other.
    mutating func finish(_ figures: [Record.Figure]) {
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

    /// The accounts of orders are ascending. Older types were written in any order.
    mutating func checkAscending(_ figures: [Record.Figure]) {
        for index in figures.indices.dropFirst()
        where figures[index].account < figures[index - 1].account {
            return violate(.accounts, "carries its accounts out of order")
        }
    }

    /// Believes the figures of a record whose change makes no sense, which was told already.
    mutating func takeOver(_ figures: [Record.Figure]) {
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
