// SPDX-License-Identifier: Apache-2.0

public import Effects
internal import Primitives

/// Moving a hold's deadline.
extension ReservationCore {
    /// Moves a live hold's deadline to `now` plus the command's time, unless it is later already; at
    /// most a day after the grant.
    ///
    /// - Returns: `.done` or `.replay` with `context.hold` and `context.legs`, or why nothing changed.
    /// - Complexity: O(legs); two locks. The wheel meets the hold at its old deadline and puts it away
    ///   again.
    public func extend(
        _ command: ExtendCommand, texts: Span<UInt8>, at now: DecisionTime,
        in context: inout DecisionContext
    ) -> Verdict {
        context.begin()
        // An expiry on the way, the extension.
        if let refusal = takeRoom(2 * RecordHeader.recordByteCountMax, for: .begins, in: &context) {
            return .refused(refusal)
        }
        defer { returnRoom(in: &context) }
        let brandText = texts.extracting(command.brand.indices)
        let brandHash = codes.hash(.brand, brand: 0, brandText)
        let reservation = identity(.reservation, brandHash: brandHash, id: command.reservation)
        let request = identity(.request, brandHash: brandHash, id: command.request)
        guard let brand = codes.find(.brand, brand: 0, brandText, hash: brandHash)
        else { return .refused(Refusal(.reservationNotFound)) }
        let first = min(reservation.stripe, request.stripe)
        let second = max(reservation.stripe, request.stripe)
        holdLocks.lock(first)
        if second != first { holdLocks.lock(second) }
        defer {
            if second != first { holdLocks.unlock(second) }
            holdLocks.unlock(first)
        }
        let met = meet(
            request, fingerprint: command.fingerprint, brand: brand, at: now, in: &context)
        if case .refused = met { return met ?? .replay }
        guard let row = findEntry(reservation, brand: brand, at: now)
        else { return .refused(Refusal(.reservationNotFound)) }
        expireIfDue(row, at: now, in: &context)
        context.dependsOn(holds.entries[row].sequence)
        if met == .replay {
            show(row, in: &context)
            return .replay
        }
        if let refusal = refusalOfEnded(row) {
            remember(refusal, request, fingerprint: command.fingerprint, at: now, in: &context)
            return .refused(refusal)
        }
        return extend(command, row, request, at: now, in: &context)
    }

    /// The caller holds both stripes; the hold is live.
    private func extend(
        _ command: ExtendCommand, _ row: Int, _ request: Identity, at now: DecisionTime,
        in context: inout DecisionContext
    ) -> Verdict {
        let entry = holds.entries[row]
        let wanted = now.tick.advanced(byMilliseconds: command.timeToLiveMilliseconds)
        // A live hold's tick of change is that of its grant: extending leaves it alone.
        let latest = entry.changedTick.advanced(
            byMilliseconds: CoreLimits.timeToLiveMaxMilliseconds)
        guard wanted <= latest else {
            var refusal = Refusal(.invalidField)
            refusal.limit = .timeToLive
            return .refused(refusal)
        }
        guard let outcome = takeOutcome(in: request.stripe)
        else { return .refused(idTableFull) }
        holds.entries[row].deadline = max(entry.deadline, wanted)
        RecordWriting.extend(
            brand: entry.brand, reservation: entry.id, request: command.request,
            fingerprint: command.fingerprint, deadline: holds.entries[row].deadline,
            into: &context.record)
        let sequence = append(at: now, in: &context)
        holds.entries[row].sequence = sequence
        file(
            outcome, request, command.fingerprint, brand: entry.brand, account: 0,
            sequence: sequence, at: now)
        show(row, in: &context)
        return .done
    }
}
