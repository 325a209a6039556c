// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives

/// Replaying orders: made at once, made of holds, cancelled.
extension ReservationCore {
    // order 16, fingerprint u64, dealer u32, zero u32, legs u16, accounts u16 (fill mode in its upper
    // four bits), legs, figures
    func replayOrder(_ record: Span<UInt8>, at point: ReplayPoint) throws(ReplayFault) {
        let legsStart = 52
        guard record.count >= legsStart else { throw point.damaged(.length) }
        let id = record.clientID(at: 16)
        let legCount = record.word16(at: 48)
        let accountCount = record.word16(at: 50) & 0xfff
        guard legCount >= 1, legCount <= CoreLimits.linesPerDecisionMax
        else { throw point.damaged(.legs, id: id) }
        let figuresStart = legsStart + legBytes * legCount
        guard record.count == roundedUp(figuresStart + heldAndCommittedBytes * accountCount)
        else { throw point.damaged(.length, id: id) }
        guard let fillMode = FillMode(rawValue: record[51] >> 4)
        else { throw point.damaged(.range, id: id) }
        let (identity, dealer) = try newOrder(id, record, at: point)
        try grant(
            record, legsAt: legsStart, count: legCount, figuresAt: figuresStart,
            count: accountCount, isOrder: true, id: id, at: point)
        let row = try takeEntry(identity, counting: 1, at: point)
        if legCount > 1 { try promiseLegs(legCount, at: point) }
        var entry = order(id, record, dealer: dealer, legs: legCount, at: point)
        entry.fillMode = fillMode.rawValue
        fill(&entry, record, legsAt: legsStart, count: legCount)
        holds.entries[row] = entry
        index(identity, row: row)
    }

    // order 16, fingerprint u64, dealer u32, holds u16, zero u16, legs u16, accounts u16, holds (id
    // 16, legs u32), legs, figures
    func replayOrderFromHolds(
        _ record: Span<UInt8>, at point: ReplayPoint
    ) throws(ReplayFault) {
        let holdsStart = 52
        guard record.count >= holdsStart else { throw point.damaged(.length) }
        let id = record.clientID(at: 16)
        let holdCount = record.word16(at: 44)
        let legCount = record.word16(at: 48)
        let accountCount = record.word16(at: 50)
        guard holdCount >= 1, holdCount <= CoreLimits.reservationsPerOrderMax, legCount >= 1,
            legCount <= CoreLimits.linesPerDecisionMax
        else { throw point.damaged(.legs, id: id) }
        let legsStart = holdsStart + RecordHold.byteCount * holdCount
        let figuresStart = legsStart + legBytes * legCount
        guard record.count == roundedUp(figuresStart + heldAndCommittedBytes * accountCount)
        else { throw point.damaged(.length, id: id) }
        let (identity, dealer) = try newOrder(id, record, at: point)

        var ended = OrderOfHolds()
        for index in 0..<holdCount {
            let start = holdsStart + RecordHold.byteCount * index
            try end(
                record.clientID(at: start), legCount: Int(record.word32(at: start + 16)),
                record, legsAt: legsStart, legsEnd: legCount, dealer: dealer, order: id,
                isOnlyOne: holdCount == 1, &ended, at: point)
        }
        guard ended.legs == legCount, ended.kept > 0, ended.changed == accountCount
        else { throw point.damaged(.legs, id: id) }
        try agree(
            record, figuresAt: figuresStart, count: accountCount, withCommitted: true, id: id,
            at: point)
        // Each hold had counted an order in, and they made one.
        replaying[0].ids -= holdCount
        let row = try takeEntry(identity, counting: 1, at: point)
        let needed = ended.kept > 1 ? ended.kept : 0
        if needed > ended.promised { try promiseLegs(needed - ended.promised, at: point) }
        if needed < ended.promised { holds.legs.withdraw(ended.promised - needed) }
        var entry = order(id, record, dealer: dealer, legs: ended.kept, at: point)
        if holdCount == 1 { entry.counterpart = record.clientID(at: holdsStart) }
        fill(&entry, record, legsAt: legsStart, count: legCount)
        holds.entries[row] = entry
        index(identity, row: row)
        if holdCount > 1 {
            try noteHolds(record, at: holdsStart, count: holdCount, row, identity, at: point)
        }
    }

    // order 16, request 16, fingerprint u64, cause u8, zeroes, legs u16, accounts u16, legs, figures
    func replayCancel(_ record: Span<UInt8>, at point: ReplayPoint) throws(ReplayFault) {
        let legsStart = 64
        guard record.count >= legsStart else { throw point.damaged(.length) }
        let id = record.clientID(at: 16)
        let legCount = record.word16(at: 60)
        let accountCount = record.word16(at: 62)
        let figuresStart = legsStart + legBytes * legCount
        guard record.count == roundedUp(figuresStart + heldAndCommittedBytes * accountCount)
        else { throw point.damaged(.length, id: id) }
        try requireBrand(point)
        let identity = identity(.order, brandHash: codes.hash(of: point.brand), id: id)
        guard let row = findRow(identity, brand: point.brand), holds.entries[row].state == .order
        else { throw point.damaged(.notOpen, id: id) }
        try checkCancelled(row, record, legsAt: legsStart, count: legCount, at: point)
        var changed = 0
        var units: Int64 = 0
        for index in 0..<legCount {
            let told = leg(record, at: legsStart + legBytes * index)
            let account = Int(told.account)
            if accounts.rows[account].sequence != point.sequence {
                accounts.rows[account].sequence = point.sequence
                changed += 1
            }
            accounts.rows[account].committed -= told.amount
            units += told.amount
        }
        guard changed == accountCount else { throw point.damaged(.accounts, id: id) }
        try agree(
            record, figuresAt: figuresStart, count: accountCount, withCommitted: true, id: id,
            at: point)
        cancel(
            row, identity, record, legsAt: legsStart, count: legCount, units: units, at: point)
        try keepOutcome(
            record.clientID(at: 32), fingerprint: record.word64(at: 48), 0, at: point)
    }

    // MARK: - Parts

    /// What the holds of one order have come to.
    private struct OrderOfHolds {
        var legs = 0
        /// Legs that the order has.
        var kept = 0
        var changed = 0
        /// Cells that the holds had promised to their orders.
        var promised = 0
        /// The order's last line number.
        var line: UInt32 = 0
    }

    /// The identity and the dealer of an order that must be new.
    private func newOrder(
        _ id: ClientID, _ record: Span<UInt8>, at point: ReplayPoint
    ) throws(ReplayFault) -> (Identity, UInt32) {
        try requireBrand(point)
        let dealer = record.word32(at: 40)
        guard codes.isCode(dealer, .dealer, of: point.brand)
        else { throw point.damaged(.code, id: id, number: dealer) }
        let identity = identity(.order, brandHash: codes.hash(of: point.brand), id: id)
        try vacate(identity, id, at: point)
        return (identity, dealer)
    }

    /// An order's id must be free; a cancelled order under it the writer had forgotten, whatever is
    /// configured now.
    func vacate(_ order: Identity, _ id: ClientID, at point: ReplayPoint) throws(ReplayFault) {
        guard let known = findRow(order, brand: point.brand) else { return }
        guard holds.entries[known].state == .cancelled
        else { throw point.damaged(.repeated, id: id) }
        unindex(entry: known, order)
    }

    private func order(
        _ id: ClientID, _ record: Span<UInt8>, dealer: UInt32, legs: Int, at point: ReplayPoint
    ) -> EntryRow {
        var entry = EntryRow()
        entry.id = id
        entry.fingerprint = record.word64(at: 32)
        entry.sequence = point.sequence
        entry.setCreated(point.time)
        entry.brand = point.brand
        entry.dealer = dealer
        entry.state = .order
        entry.legCount = UInt16(legs)
        return entry
    }

    /// Gives an order the record's legs that have units.
    private func fill(
        _ entry: inout EntryRow, _ record: Span<UInt8>, legsAt legsStart: Int, count: Int
    ) {
        for index in stride(from: count - 1, through: 0, by: -1) {
            let told = leg(record, at: legsStart + legBytes * index)
            guard told.amount > 0 else { continue }
            if entry.legCount == 1 {
                entry.leg = told
            } else {
                entry.leg.next = holds.legs.push(told, before: entry.leg.next)
            }
        }
    }

    /// Ends one hold of an order: its legs must be the record's next ones.
    private func end(
        _ id: ClientID, legCount: Int, _ record: Span<UInt8>, legsAt legsStart: Int,
        legsEnd: Int, dealer: UInt32, order: ClientID, isOnlyOne: Bool,
        _ ended: inout OrderOfHolds, at point: ReplayPoint
    ) throws(ReplayFault) {
        let row = try liveHold(id, legCount: legCount, at: point)
        let hold = holds.entries[row]
        guard hold.dealer == dealer else { throw point.damaged(.code, id: id, number: dealer) }
        guard point.time.tick < hold.deadline else { throw point.damaged(.deadline, id: id) }
        guard ended.legs + legCount <= legsEnd else { throw point.damaged(.legs, id: id) }
        var own = hold.leg
        if legCount != 1 { own = holds.legs[hold.leg.next] }
        var previous: UInt32 = 0
        for index in 0..<legCount {
            let told = leg(record, at: legsStart + legBytes * (ended.legs + index))
            if own.amount > 0, own.line != previous {
                ended.line += 1
                previous = own.line
            }
            let line = own.amount == 0 ? 0 : isOnlyOne ? own.line : ended.line
            guard told.line == line, told.account == own.account, told.amount == own.amount,
                !told.isShort
            else { throw point.damaged(.legs, id: id, number: own.account) }
            if own.amount > 0 {
                let account = Int(own.account)
                if accounts.rows[account].sequence != point.sequence {
                    accounts.rows[account].sequence = point.sequence
                    ended.changed += 1
                }
                accounts.rows[account].held -= own.amount
                accounts.rows[account].committed += own.amount
                ended.kept += 1
            }
            if index + 1 < legCount { own = holds.legs[own.next] }
        }
        ended.legs += legCount
        if legCount > 1 { ended.promised += legCount }
        close(row, as: .confirmed, order: order, at: point)
    }

    /// Notes the reservations of an order that was made of several.
    private func noteHolds(
        _ record: Span<UInt8>, at start: Int, count: Int, _ row: Int, _ order: Identity,
        at point: ReplayPoint
    ) throws(ReplayFault) {
        var taken = holds.notes.take(count, .reservation)
        if taken == nil {
            forgetEndedWithSlack(at: point)
            taken = holds.notes.take(count, .reservation)
        }
        guard let first = taken
        else { throw point.tooSmall(.notes, needed: configuration.idsMax + 32 * count) }
        var cell = first
        for index in 0..<count {
            let next = holds.notes[cell].next
            var note = Note(
                reservation: record.clientID(at: start + RecordHold.byteCount * index))
            note.owner = UInt32(row + 1)
            note.next = next
            holds.notes[cell] = note
            cell = next
        }
        begin(notes: first, of: order)
    }

    /// The legs that are cancelled must be the order's, each once and in its order, with no more than
    /// is left of them.
    private func checkCancelled(
        _ row: Int, _ record: Span<UInt8>, legsAt legsStart: Int, count: Int,
        at point: ReplayPoint
    ) throws(ReplayFault) {
        let id = holds.entries[row].id
        guard count >= 1 else { throw point.damaged(.legs, id: id) }
        var next = 0
        holds.forEachOrderLeg(of: holds.entries[row]) { own, cancelled in
            guard next < count else { return }
            let told = leg(record, at: legsStart + legBytes * next)
            if told.line == own.line, told.account == own.account, !told.isShort,
                told.amount >= 1, told.amount <= own.amount - cancelled
            {
                next += 1
            }
        }
        guard next == count else { throw point.damaged(.legs, id: id) }
    }

    private func cancel(
        _ row: Int, _ order: Identity, _ record: Span<UInt8>, legsAt legsStart: Int, count: Int,
        units: Int64, at point: ReplayPoint
    ) {
        var left: Int64 = -units
        holds.forEachOrderLeg(of: holds.entries[row]) { left += $0.amount - $1 }
        note(
            OrderEvent(
                sequence: point.sequence, at: point.time.wall,
                kind: left == 0 ? .cancelled : .cancelledInPart, cause: record[56], units: units),
            of: row, order)
        if holds.entries[row].legCount == 1 {
            holds.entries[row].leg.cancelledOfOnly += units
        } else {
            var cell = holds.entries[row].leg.next
            for index in 0..<count {
                let told = leg(record, at: legsStart + legBytes * index)
                while holds.legs[cell].line != told.line
                    || holds.legs[cell].account != told.account
                {
                    cell = holds.legs[cell].next
                }
                holds.legs.cancel(told.amount, of: cell)
            }
        }
        holds.entries[row].setChanged(point.time)
        holds.entries[row].sequence = point.sequence
        guard left == 0 else { return }
        holds.entries[row].state = .cancelled
        enqueue(entry: row)
    }
}
