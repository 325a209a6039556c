// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives

/// Notes on orders: the reservations of an order that was made of several, and what happened to it.
///
/// Most orders have none: that an order was made can be told from its row. All functions here want
/// the order's hold stripe held.
extension ReservationCore {
    /// The first note of an order, or 0.
    func firstNote(of row: Int, _ order: Identity) -> UInt32 {
        let found = holds.index.find(notesIdentity(order)) { cell in
            holds.notes[UInt32(cell)].owner == UInt32(row + 1)
        }
        return found.map { UInt32($0) } ?? 0
    }

    /// Begins an order's notes with the reservations that it was made of; `first` is a chain of as
    /// many cells.
    func noteReservations(
        _ first: UInt32, of row: Int, _ order: Identity, in context: borrowing DecisionContext
    ) {
        var cell = first
        for index in 0..<context.holdRows.count {
            let next = holds.notes[cell].next
            var note = Note(reservation: holds.entries[context.holdRows[index]].id)
            note.owner = UInt32(row + 1)
            note.next = next
            holds.notes[cell] = note
            cell = next
        }
        begin(notes: first, of: order)
    }

    /// Makes a chain of notes an order's.
    func begin(notes first: UInt32, of order: Identity) {
        holds.index.insert(notesIdentity(order), row: Int(first))
        holds.countIndexed(1, in: order.stripe)
    }

    /// Adds what happened to an order, after how it began. Without room, or when it has as many
    /// events as memory keeps, the oldest but the first is dropped: Postgres has all of them.
    func note(_ event: OrderEvent, of row: Int, _ order: Identity) {
        let head = firstNote(of: row, order)
        var last: UInt32 = 0
        var events = 0
        var dropped: UInt32 = 0
        var cell = head
        while cell != 0 {
            if holds.notes[cell].event != nil {
                events += 1
                if events == 2 { dropped = cell }
            }
            last = cell
            cell = holds.notes[cell].next
        }
        if events == CoreLimits.eventsPerOrderMax {
            reuse(dropped, for: event, behind: last, head: head, of: row)
            return
        }
        // How it began is known from a row that nothing has changed yet.
        let isFirst = events == 0 && !holds.entries[row].hasLostEvents
        guard let taken = holds.notes.take(isFirst ? 2 : 1, .event) else {
            holds.entries[row].noteLostEvent()
            return
        }
        let newest = isFirst ? holds.notes[taken].next : taken
        if isFirst { write(creation(of: row), to: taken, next: newest, of: row) }
        write(event, to: newest, next: 0, of: row)
        if last == 0 {
            begin(notes: taken, of: order)
        } else {
            holds.notes[last].next = taken
        }
    }

    /// How an order began, from a row that nothing has changed since.
    func creation(of row: Int) -> OrderEvent {
        let entry = holds.entries[row]
        var units: Int64 = 0
        holds.forEachOrderLeg(of: entry) { leg, _ in units += leg.amount }
        return OrderEvent(
            sequence: entry.sequence, at: entry.created, kind: .created, cause: 0, units: units)
    }

    /// Frees the notes of an order that is forgotten.
    func dropNotes(of row: Int, _ order: Identity) {
        let head = firstNote(of: row, order)
        guard head != 0 else { return }
        holds.index.remove(notesIdentity(order), row: Int(head))
        holds.countIndexed(-1, in: order.stripe)
        holds.notes.free(head)
    }

    private func notesIdentity(_ order: Identity) -> Identity {
        Identity(
            id: order.id, brandHash: order.brandHash, kind: .notes, hash: order.hash,
            stripe: order.stripe)
    }

    private func write(_ event: OrderEvent, to cell: UInt32, next: UInt32, of row: Int) {
        var note = Note(event)
        note.owner = UInt32(row + 1)
        note.next = next
        holds.notes[cell] = note
    }

    /// Moves a cell to the chain's end and overwrites it.
    private func reuse(
        _ cell: UInt32, for event: OrderEvent, behind last: UInt32, head: UInt32, of row: Int
    ) {
        holds.entries[row].noteLostEvent()
        if cell != last {
            var before = head
            while holds.notes[before].next != cell { before = holds.notes[before].next }
            holds.notes[before].next = holds.notes[cell].next
            holds.notes[last].next = cell
        }
        write(event, to: cell, next: 0, of: row)
    }
}
