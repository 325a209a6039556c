// SPDX-License-Identifier: Apache-2.0

public import Effects
public import Primitives

/// Reading an order.
extension ReservationCore {
    /// Reads an order, its legs, reservations and events into the context. O(legs), one lock.
    public func readOrder(
        _ id: ClientID, brand brandRange: ByteRange, texts: Span<UInt8>, at now: DecisionTime,
        in context: inout DecisionContext
    ) -> Verdict {
        context.begin()
        let brandText = texts.extracting(brandRange.indices)
        let brandHash = codes.hash(.brand, brand: 0, brandText)
        let brand = codes.find(.brand, brand: 0, brandText, hash: brandHash)
        let order = identity(.order, brandHash: brandHash, id: id)
        holdLocks.lock(order.stripe)
        defer { holdLocks.unlock(order.stripe) }
        guard let row = findEntry(order, brand: brand, at: now)
        else { return .refused(Refusal(.orderNotFound)) }
        show(order: row, order, in: &context)
        return .done
    }

    /// Copies an order to where the answer is made from. The caller holds its stripe.
    func show(order row: Int, _ identity: Identity, in context: inout DecisionContext) {
        let entry = holds.entries[row]
        context.dependsOn(entry.sequence)
        context.order = OrderView()
        context.order.id = entry.id
        context.order.brand = entry.brand
        context.order.dealer = entry.dealer
        context.order.state = entry.state == .cancelled ? .cancelled : .accepted
        context.order.created = entry.created
        context.order.changed = entry.changed
        context.order.sequence = entry.sequence
        context.order.areEventsComplete = !entry.hasLostEvents
        context.orderLegs.removeAll()
        holds.forEachOrderLeg(of: entry) { leg, cancelled in
            context.orderLegs.append(
                OrderLeg(
                    line: leg.line, account: leg.account, quantity: leg.amount,
                    cancelled: cancelled))
        }
        showNotes(of: row, identity, in: &context)
    }

    private func showNotes(
        of row: Int, _ identity: Identity, in context: inout DecisionContext
    ) {
        let entry = holds.entries[row]
        context.orderReservations.removeAll()
        context.orderEvents.removeAll()
        if entry.counterpart != ClientID(high: 0, low: 0) {
            context.orderReservations.append(entry.counterpart)
        }
        var cell = firstNote(of: row, identity)
        while cell != 0 {
            let note = holds.notes[cell]
            if let reservation = note.reservation {
                context.orderReservations.append(reservation)
            }
            if let event = note.event { context.orderEvents.append(event) }
            cell = note.next
        }
        if context.orderEvents.isEmpty, !entry.hasLostEvents {
            context.orderEvents.append(creation(of: row))
        }
    }
}
