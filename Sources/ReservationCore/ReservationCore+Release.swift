// SPDX-License-Identifier: Apache-2.0

public import Effects
public import Primitives

/// Release and reading a reservation.
extension ReservationCore {
    /// Gives a hold's units back. Of RELEASED or EXPIRED it is fine and changes nothing.
    ///
    /// - Returns: `.done` or `.replay` with `context.hold` and `context.legs`; refused when the
    ///   hold became an order, or when no reservation has the id: then a tombstone is left, and a
    ///   Reserve that comes late is refused.
    public func release(
        _ command: ReleaseCommand, texts: Span<UInt8>, at now: DecisionTime,
        in context: inout DecisionContext
    ) -> Verdict {
        context.begin()
        if let refusal = takeRoom(2 * RecordHeader.recordByteCountMax, for: .ends, in: &context) {
            return .refused(refusal)
        }
        defer { returnRoom(in: &context) }
        let brandText = texts.extracting(command.brand.indices)
        let brandHash = codes.hash(.brand, brand: 0, brandText)
        let brand = codes.find(.brand, brand: 0, brandText, hash: brandHash)
        let identity = identity(.reservation, brandHash: brandHash, id: command.id)
        holdLocks.lock(identity.stripe)
        defer { holdLocks.unlock(identity.stripe) }
        guard let row = findEntry(identity, brand: brand, at: now) else {
            bury(identity, at: now)
            return .refused(Refusal(.reservationNotFound))
        }
        expireIfDue(row, at: now, in: &context)
        context.dependsOn(holds.entries[row].sequence)
        var isReplay = false
        switch holds.entries[row].state {
        case .held: end(row, as: .release, at: now, in: &context)
        case .released: isReplay = true
        case .expired: break
        case .confirmed:
            var refusal = Refusal(.alreadyConfirmed)
            refusal.state = .confirmed
            return .refused(refusal)
        case .order, .cancelled, .free, .forgotten:
            preconditionFailure("only holds are indexed as reservations")
        }
        show(row, in: &context)
        return isReplay ? .replay : .done
    }

    /// Reads a reservation into `context.hold` and `context.legs`. One that is due is expired first,
    /// which needs the journal's room like any other expiry.
    public func readReservation(
        _ id: ClientID, brand brandRange: ByteRange, texts: Span<UInt8>, at now: DecisionTime,
        in context: inout DecisionContext
    ) -> Verdict {
        context.begin()
        let brandText = texts.extracting(brandRange.indices)
        let brandHash = codes.hash(.brand, brand: 0, brandText)
        let brand = codes.find(.brand, brand: 0, brandText, hash: brandHash)
        let identity = identity(.reservation, brandHash: brandHash, id: id)
        var hasRoom = false
        defer { if hasRoom { returnRoom(in: &context) } }
        while true {
            holdLocks.lock(identity.stripe)
            guard let row = findEntry(identity, brand: brand, at: now) else {
                holdLocks.unlock(identity.stripe)
                return .refused(Refusal(.reservationNotFound))
            }
            if isDue(holds.entries[row], at: now), !hasRoom {
                // Room is never asked for under a lock.
                holdLocks.unlock(identity.stripe)
                if let refusal = takeRoom(
                    RecordHeader.recordByteCountMax, for: .ends, in: &context)
                {
                    return .refused(refusal)
                }
                hasRoom = true
                continue
            }
            expireIfDue(row, at: now, in: &context)
            show(row, in: &context)
            holdLocks.unlock(identity.stripe)
            return .done
        }
    }

    /// Copies a hold and its legs to where the answer is made from. The caller holds its stripe.
    func show(_ row: Int, in context: inout DecisionContext) {
        let entry = holds.entries[row]
        context.dependsOn(entry.sequence)
        context.hold = HoldView()
        context.hold.id = entry.id
        context.hold.brand = entry.brand
        context.hold.dealer = entry.dealer
        context.hold.created = entry.created
        context.hold.fillMode = FillMode(rawValue: entry.fillMode) ?? .allOrNothing
        switch entry.state {
        case .held:
            context.hold.state = .held
            context.hold.deadline = entry.deadline
        case .confirmed:
            context.hold.state = .confirmed
            context.hold.order = entry.counterpart
        case .released: context.hold.state = .released
        case .expired: context.hold.state = .expired
        case .order, .cancelled, .free, .forgotten: preconditionFailure("not a hold")
        }
        context.legs.removeAll()
        var leg = entry.leg
        if entry.legCount != 1 { leg = holds.legs[entry.leg.next] }
        for position in 0..<entry.legCount {
            context.legs.append(
                HoldLeg(
                    line: leg.line, account: leg.account, granted: leg.amount,
                    isShort: leg.isShort))
            if position + 1 < entry.legCount { leg = holds.legs[leg.next] }
        }
    }
}
