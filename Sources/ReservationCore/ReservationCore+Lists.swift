// SPDX-License-Identifier: Apache-2.0

public import Effects
internal import Primitives

/// Lists: a walk over the tables' slots, a bounded piece at a time. What is made or forgotten
/// meanwhile may be in it or not; what is there from begin to end is in it once.
extension ReservationCore {
    /// Lists ids of reservations into `context.listed`: at most `limit`, and none at all when none
    /// matched among the 4,096 slots that a call looks at. The caller reads each of them.
    ///
    /// - Returns: `.more` when the cursor stands at what wasn't looked at.
    /// - Complexity: O(slots), at most 4,096; one stripe's lock at a time, for 256 slots.
    public func listReservations(
        _ filter: ReservationFilter, from cursor: inout ListCursor, limit: Int,
        texts: Span<UInt8>, at now: DecisionTime, in context: inout DecisionContext
    ) -> ListProgress {
        context.begin()
        context.listed.removeAll()
        guard let brand = findBrand(filter.brand, texts: texts) else { return .end }
        var dealer: UInt32?
        if filter.dealer.count > 0 {
            guard let known = find(.dealer, filter.dealer, of: brand, texts: texts)
            else { return .end }
            dealer = known
        }
        var sku: UInt32?
        if filter.sku.count > 0 {
            guard let known = find(.sku, filter.sku, of: brand, texts: texts)
            else { return .end }
            sku = known
        }
        return walk(&cursor, of: brand, limit: limit, in: &context) { row in
            let entry = holds.entries[row]
            guard entry.brand == brand, let state = holdState(of: entry, at: now),
                filter.state == nil || filter.state == state,
                dealer == nil || dealer == entry.dealer
            else { return false }
            if let before = filter.expiringBefore {
                guard state == .held, entry.deadline < before else { return false }
            }
            guard let sku else { return true }
            var isOfSku = false
            holds.forEachLeg(of: entry) { leg in
                isOfSku = isOfSku || accounts.masters[Int(leg.account)].sku == sku
            }
            return isOfSku
        }
    }

    /// Lists ids of orders into `context.listed`, as `listReservations` does.
    public func listOrders(
        _ filter: OrderFilter, from cursor: inout ListCursor, limit: Int, texts: Span<UInt8>,
        at now: DecisionTime, in context: inout DecisionContext
    ) -> ListProgress {
        context.begin()
        context.listed.removeAll()
        guard let brand = findBrand(filter.brand, texts: texts) else { return .end }
        var dealer: UInt32?
        if filter.dealer.count > 0 {
            guard let known = find(.dealer, filter.dealer, of: brand, texts: texts)
            else { return .end }
            dealer = known
        }
        return walk(&cursor, of: brand, limit: limit, in: &context) { row in
            let entry = holds.entries[row]
            let state: OrderState
            switch entry.state {
            case .order: state = .accepted
            case .cancelled where !hasOutlivedRetention(entry, at: now.tick): state = .cancelled
            default: return false
            }
            return entry.brand == brand
                && (filter.state == nil || filter.state == state)
                && (dealer == nil || dealer == entry.dealer)
                && filter.createdAfter.map { entry.created.milliseconds >= $0.milliseconds } ?? true
                && filter.createdBefore.map { entry.created.milliseconds < $0.milliseconds } ?? true
        }
    }

    private func findBrand(_ range: ByteRange, texts: Span<UInt8>) -> UInt32? {
        find(.brand, range, of: 0, texts: texts)
    }

    private func find(
        _ kind: CodeKind, _ range: ByteRange, of brand: UInt32, texts: Span<UInt8>
    ) -> UInt32? {
        let text = texts.extracting(range.indices)
        return codes.find(
            kind, brand: brand, text, hash: codes.hash(kind, brand: brand, text))
    }

    /// What a hold is for whoever reads it now, or nil for what is none or is forgotten.
    private func holdState(of entry: EntryRow, at now: DecisionTime) -> HoldState? {
        if hasOutlivedRetention(entry, at: now.tick) { return nil }
        switch entry.state {
        // Whoever reads it expires it first.
        case .held: return isDue(entry, at: now) ? .expired : .held
        case .confirmed: return .confirmed
        case .released: return .released
        case .expired: return .expired
        case .order, .cancelled, .free, .forgotten: return nil
        }
    }

    /// Looks at slots from the cursor on, each under its stripe's lock.
    private func walk(
        _ cursor: inout ListCursor, of brand: UInt32, limit: Int,
        in context: inout DecisionContext, where matches: (Int) -> Bool
    ) -> ListProgress {
        var budget = CoreLimits.slotsPerPageMax
        let most = min(limit, context.listed.capacity)
        while Int(cursor.stripe) < holds.count {
            guard budget > 0, context.listed.count < most else { return .more }
            let stripe = Int(cursor.stripe)
            holdLocks.lock(stripe)
            let slots = holds.touchedEntries(in: stripe)
            var slot = slots.lowerBound + Int(cursor.slot)
            let end = min(slots.upperBound, slot + min(budget, CoreLimits.slotsPerLockMax))
            while slot < end, context.listed.count < most {
                // What left something out must be as durable as what put it in. A free slot may have a
                // request's outcome, whose fields lie elsewhere.
                if holds.entries[slot].state != .free, holds.entries[slot].brand == brand {
                    context.dependsOn(holds.entries[slot].sequence)
                }
                if matches(slot) { context.listed.append(holds.entries[slot].id) }
                slot += 1
                budget -= 1
            }
            holdLocks.unlock(stripe)
            if slot >= slots.upperBound {
                cursor = ListCursor(stripe: cursor.stripe + 1)
            } else {
                cursor.slot = UInt32(slot - slots.lowerBound)
            }
        }
        return .end
    }
}
