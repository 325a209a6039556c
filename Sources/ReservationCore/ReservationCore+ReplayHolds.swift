// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives

/// Replaying grants and their ends.
///
/// A record's legs are applied to the accounts one by one; each account that they change gets the
/// record's sequence on the way. The record's figures then must be of exactly those accounts,
/// ascending, and say what the accounts now have.
extension ReservationCore {
    /// Bytes of a leg, and of an account's figures without and with what is committed.
    var legBytes: Int { 12 }
    var heldBytes: Int { 20 }
    var heldAndCommittedBytes: Int { 28 }

    // id 16, fingerprint u64, dealer u32, time to live u32, legs u16, accounts u16 (fill mode in
    // its upper four bits), legs, figures
    func replayReserve(
        _ record: Span<UInt8>, at point: ReplayPoint
    ) throws(ReplayFault) {
        let legsStart = 52
        guard record.count >= legsStart else { throw point.damaged(.length) }
        let id = record.clientID(at: 16)
        let dealer = record.word32(at: 40)
        let timeToLive = UInt64(record.word32(at: 44))
        let legCount = record.word16(at: 48)
        let accountCount = record.word16(at: 50) & 0xfff
        guard legCount >= 1, legCount <= CoreLimits.linesPerDecisionMax
        else { throw point.damaged(.legs, id: id) }
        let figuresStart = legsStart + legBytes * legCount
        guard record.count == roundedUp(figuresStart + heldBytes * accountCount)
        else { throw point.damaged(.length, id: id) }
        guard let fillMode = FillMode(rawValue: record[51] >> 4), timeToLive >= 1,
            timeToLive <= CoreLimits.timeToLiveMaxMilliseconds
        else { throw point.damaged(.range, id: id) }
        try requireBrand(point)
        guard codes.isCode(dealer, .dealer, of: point.brand)
        else { throw point.damaged(.code, id: id, number: dealer) }

        let identity = identity(
            .reservation, brandHash: codes.hash(of: point.brand), id: id)
        if let known = findRow(identity, brand: point.brand) {
            switch holds.entries[known].state {
            // The writer had forgotten it, whatever is configured now.
            case .confirmed, .released, .expired: unindex(entry: known, identity)
            case .held, .order, .cancelled, .free, .forgotten:
                throw point.damaged(.repeated, id: id)
            }
        }
        try grant(
            record, legsAt: legsStart, count: legCount, figuresAt: figuresStart,
            count: accountCount, isOrder: false, id: id, at: point)

        let row = try takeEntry(identity, counting: 2, at: point)
        var entry = EntryRow()
        entry.id = id
        entry.fingerprint = record.word64(at: 32)
        entry.sequence = point.sequence
        entry.setCreated(point.time)
        entry.brand = point.brand
        entry.dealer = dealer
        entry.state = .held
        entry.deadline = point.time.tick.advanced(byMilliseconds: timeToLive)
        entry.fillMode = fillMode.rawValue
        entry.legCount = UInt16(legCount)
        if legCount == 1 {
            entry.leg = leg(record, at: legsStart)
        } else {
            try promiseLegs(2 * legCount, at: point)
            for index in stride(from: legCount - 1, through: 0, by: -1) {
                entry.leg.next = holds.legs.push(
                    leg(record, at: legsStart + legBytes * index), before: entry.leg.next)
            }
        }
        holds.entries[row] = entry
        index(identity, row: row)
        replaying[0].liveHolds += 1
    }

    // reservation 16, order 16, legs u16, accounts u16, legs, figures
    func replayConfirm(
        _ record: Span<UInt8>, at point: ReplayPoint
    ) throws(ReplayFault) {
        let legsStart = 52
        guard record.count >= legsStart else { throw point.damaged(.length) }
        let id = record.clientID(at: 16)
        let order = record.clientID(at: 32)
        let accountCount = record.word16(at: 50)
        let row = try liveHold(id, legCount: record.word16(at: 48), at: point)
        let hold = holds.entries[row]
        let figuresStart = legsStart + legBytes * Int(hold.legCount)
        guard record.count == roundedUp(figuresStart + heldAndCommittedBytes * accountCount)
        else { throw point.damaged(.length, id: id) }
        guard point.time.tick < hold.deadline else { throw point.damaged(.deadline, id: id) }
        let orderIdentity = identity(
            .order, brandHash: codes.hash(of: point.brand), id: order)
        try vacate(orderIdentity, order, at: point)
        let ended = try end(
            hold, record, legsAt: legsStart, accountCount: accountCount, isConfirmed: true,
            at: point)
        guard ended.confirmedLegs > 0 else { throw point.damaged(.legs, id: id) }
        try agree(
            record, figuresAt: figuresStart, count: accountCount, withCommitted: true, id: id,
            at: point)
        close(row, as: .confirmed, order: order, at: point)
        let orderRow = try takeEntry(orderIdentity, counting: 0, at: point)
        makeOrder(
            orderRow, order, of: hold, record, legsAt: legsStart, count: ended.confirmedLegs,
            at: point)
        index(orderIdentity, row: orderRow)
        if hold.legCount > 1 {
            let kept = ended.confirmedLegs > 1 ? ended.confirmedLegs : 0
            holds.legs.withdraw(Int(hold.legCount) - kept)
        }
    }

    // reservation 16, legs u16, accounts u16, legs, figures
    func replayEnd(
        _ record: Span<UInt8>, as state: EntryState, at point: ReplayPoint
    ) throws(ReplayFault) {
        let legsStart = 36
        guard record.count >= legsStart else { throw point.damaged(.length) }
        let id = record.clientID(at: 16)
        let accountCount = record.word16(at: 34)
        let row = try liveHold(id, legCount: record.word16(at: 32), at: point)
        let hold = holds.entries[row]
        let figuresStart = legsStart + legBytes * Int(hold.legCount)
        guard record.count == roundedUp(figuresStart + heldBytes * accountCount)
        else { throw point.damaged(.length, id: id) }
        guard (hold.deadline <= point.time.tick) == (state == .expired)
        else { throw point.damaged(.deadline, id: id) }
        _ = try end(
            hold, record, legsAt: legsStart, accountCount: accountCount, isConfirmed: false,
            at: point)
        try agree(
            record, figuresAt: figuresStart, count: accountCount, withCommitted: false, id: id,
            at: point)
        close(row, as: state, order: nil, at: point)
        // The order that it can't become any more.
        replaying[0].ids -= 1
        if hold.legCount > 1 { holds.legs.withdraw(Int(hold.legCount)) }
    }

    // MARK: - Entries

    func findRow(_ identity: Identity, brand: UInt32) -> Int? {
        holds.index.find(identity) { row in
            holds.entries[row].id == identity.id && holds.entries[row].brand == brand
        }
    }

    /// The row of the live hold that a record ends, with as many legs as it says.
    func liveHold(
        _ id: ClientID, legCount: Int, at point: ReplayPoint
    ) throws(ReplayFault) -> Int {
        try requireBrand(point)
        let identity = identity(
            .reservation, brandHash: codes.hash(of: point.brand), id: id)
        guard let row = findRow(identity, brand: point.brand), holds.entries[row].state == .held
        else { throw point.damaged(.notLive, id: id) }
        guard Int(holds.entries[row].legCount) == legCount
        else { throw point.damaged(.legs, id: id) }
        return row
    }

    /// Marks a hold as ended; it is forgotten in its turn.
    func close(
        _ row: Int, as state: EntryState, order: ClientID?, at point: ReplayPoint
    ) {
        holds.entries[row].state = state
        if let order { holds.entries[row].counterpart = order }
        holds.entries[row].setChanged(point.time)
        holds.entries[row].sequence = point.sequence
        enqueue(entry: row)
        replaying[0].liveHolds -= 1
    }

    private func makeOrder(
        _ orderRow: Int, _ order: ClientID, of hold: EntryRow, _ record: Span<UInt8>,
        legsAt legsStart: Int, count: Int, at point: ReplayPoint
    ) {
        var entry = EntryRow()
        entry.id = order
        entry.counterpart = hold.id
        entry.sequence = point.sequence
        entry.setCreated(point.time)
        entry.brand = hold.brand
        entry.dealer = hold.dealer
        entry.state = .order
        entry.legCount = UInt16(count)
        for index in stride(from: Int(hold.legCount) - 1, through: 0, by: -1) {
            let told = leg(record, at: legsStart + legBytes * index)
            guard told.amount > 0 else { continue }
            let own = Leg(
                line: told.line, account: told.account, amount: told.amount, isShort: false)
            if count == 1 {
                entry.leg = own
            } else {
                entry.leg.next = holds.legs.push(own, before: entry.leg.next)
            }
        }
        holds.entries[orderRow] = entry
    }

    func promiseLegs(_ count: Int, at point: ReplayPoint) throws(ReplayFault) {
        if holds.legs.promise(count) { return }
        forgetEndedWithSlack(at: point)
        guard holds.legs.promise(count)
        else { throw point.tooSmall(.legs, needed: configuration.legCellsMax + count) }
    }

    // MARK: - Legs

    /// A record's leg: line u32, account u32, amount u32 with the short mark in its highest bit.
    func leg(_ record: Span<UInt8>, at offset: Int) -> Leg {
        let packed = record.word32(at: offset + 8)
        return Leg(
            line: record.word32(at: offset), account: record.word32(at: offset + 4),
            amount: Int64(packed & 0x7fff_ffff), isShort: packed >> 31 == 1)
    }

    /// Adds a grant's legs to what their accounts hold, or an order's to what they have committed, and
    /// compares with its figures.
    func grant(
        _ record: Span<UInt8>, legsAt legsStart: Int, count: Int, figuresAt figuresStart: Int,
        count accountCount: Int, isOrder: Bool, id: ClientID, at point: ReplayPoint
    ) throws(ReplayFault) {
        var changed = 0
        var previousLine: Int64 = -1
        var linesAscend = true
        for index in 0..<count {
            let leg = leg(record, at: legsStart + legBytes * index)
            let row = Int(leg.account)
            guard row < accounts.madeCount, accounts.rows[row].version > 0,
                accounts.masters[row].brand == point.brand
            else { throw point.damaged(.account, id: id, number: leg.account) }
            guard leg.amount > 0 || leg.isShort && !isOrder, leg.line != 0
            else { throw point.damaged(.legs, id: id) }
            linesAscend = linesAscend && Int64(leg.line) > previousLine
            previousLine = Int64(leg.line)
            guard leg.amount > 0 else { continue }
            if accounts.rows[row].sequence != point.sequence {
                accounts.rows[row].sequence = point.sequence
                changed += 1
            }
            if isOrder {
                accounts.rows[row].committed += leg.amount
            } else {
                accounts.rows[row].held += leg.amount
            }
        }
        guard linesAscend || linesDiffer(record, legsAt: legsStart, count: count)
        else { throw point.damaged(.legs, id: id) }
        guard changed > 0, changed == accountCount
        else { throw point.damaged(.accounts, id: id) }
        try agree(
            record, figuresAt: figuresStart, count: accountCount, withCommitted: isOrder, id: id,
            at: point)
        let figureBytes = isOrder ? heldAndCommittedBytes : heldBytes
        for index in 0..<accountCount {
            let number = record.word32(at: figuresStart + figureBytes * index)
            guard accounts.rows[Int(number)].available >= 0
            else { throw point.damaged(.oversold, id: id, number: number) }
        }
    }

    /// Whether each line number occurs at one place, in any order, and there with accounts of one
    /// SKU, each once: for the rare grant whose client didn't number its lines upwards, or that has a
    /// line in several warehouses. O(legs log legs).
    private func linesDiffer(
        _ record: Span<UInt8>, legsAt legsStart: Int, count: Int
    ) -> Bool {
        var lines = FixedList<UInt32>(capacity: count)
        var first = 0
        for index in 0..<count {
            let own = leg(record, at: legsStart + legBytes * index)
            let begun = leg(record, at: legsStart + legBytes * first)
            if index == 0 || begun.line != own.line {
                lines.append(own.line)
                first = index
                continue
            }
            guard
                accounts.masters[Int(begun.account)].sku == accounts.masters[Int(own.account)].sku,
                index - first < CoreLimits.warehousesPerSkuMax
            else { return false }
            for other in first..<index
            where leg(record, at: legsStart + legBytes * other).account == own.account {
                return false
            }
        }
        lines.sort { $0 < $1 }
        for index in 1..<max(lines.count, 1) where lines[index] == lines[index - 1] { return false }
        return true
    }

    /// Takes a live hold's legs from what their accounts hold, and commits what is confirmed. The
    /// record's legs must be the hold's.
    private func end(
        _ hold: EntryRow, _ record: Span<UInt8>, legsAt legsStart: Int, accountCount: Int,
        isConfirmed: Bool, at point: ReplayPoint
    ) throws(ReplayFault) -> (confirmedLegs: Int, changed: Int) {
        var changed = 0
        var confirmedLegs = 0
        var own = hold.leg
        if hold.legCount != 1 { own = holds.legs[hold.leg.next] }
        for index in 0..<Int(hold.legCount) {
            let told = leg(record, at: legsStart + legBytes * index)
            guard told.line == own.line, told.account == own.account,
                isConfirmed
                    ? told.amount <= own.amount && told.isShort == (told.amount < own.amount)
                    : told.amount == own.amount && told.isShort == own.isShort
            else { throw point.damaged(.legs, id: hold.id, number: own.account) }
            if own.amount > 0 {
                let row = Int(own.account)
                if accounts.rows[row].sequence != point.sequence {
                    accounts.rows[row].sequence = point.sequence
                    changed += 1
                }
                accounts.rows[row].held -= own.amount
                if isConfirmed, told.amount > 0 {
                    confirmedLegs += 1
                    accounts.rows[row].committed += told.amount
                }
            }
            if index + 1 < Int(hold.legCount) { own = holds.legs[own.next] }
        }
        guard changed == accountCount else { throw point.damaged(.accounts, id: hold.id) }
        return (confirmedLegs, changed)
    }

    /// The figures must be of the accounts that the legs changed, each once, as those are now.
    func agree(
        _ record: Span<UInt8>, figuresAt figuresStart: Int, count: Int, withCommitted: Bool,
        id: ClientID, at point: ReplayPoint
    ) throws(ReplayFault) {
        var offset = figuresStart
        var previous: Int64 = -1
        for _ in 0..<count {
            let number = record.word32(at: offset)
            let row = Int(number)
            guard Int64(number) > previous, row < accounts.madeCount,
                accounts.rows[row].sequence == point.sequence
            else { throw point.damaged(.accounts, id: id, number: number) }
            previous = Int64(number)
            try agree(
                record.signed64(at: offset + 4), accounts.rows[row].held, of: number, at: point)
            offset += 12
            if withCommitted {
                try agree(
                    record.signed64(at: offset), accounts.rows[row].committed, of: number,
                    at: point)
                offset += 8
            }
            try advance(number, to: record.word64(at: offset), at: point)
            offset += 8
            accounts.rows[row].changed = point.time.wall
        }
    }
}
