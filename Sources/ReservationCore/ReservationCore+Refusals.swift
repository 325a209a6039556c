// SPDX-License-Identifier: Apache-2.0

public import Effects
internal import Primitives

/// Refusals that are remembered, so that a retry gets the answer that was given.
extension ReservationCore {
    /// What an id was refused with before, or nil. The caller holds the id's stripe.
    func recall(
        _ identity: Identity, fingerprint: UInt64, at now: DecisionTime,
        in context: inout DecisionContext
    ) -> Refusal? {
        guard let entry = holds.refusals.find(identity, at: now.tick) else { return nil }
        context.dependsOn(entry.sequence)
        if entry.isTombstone { return Refusal(.alreadyReleased) }
        guard entry.fingerprint == fingerprint else { return Refusal(.idempotencyKeyReused) }
        var refusal = Refusal(entry.reason)
        switch entry.reason {
        case .reservationExpired: refusal.state = .expired
        case .alreadyReleased: refusal.state = .released
        case .alreadyConfirmed: refusal.state = .confirmed
        case .orderStateConflict: refusal.orderState = .cancelled
        default: break
        }
        refusal.lineIndex = entry.lineIndex
        refusal.failingLines = entry.failingLines
        refusal.requested = entry.requested
        refusal.available = entry.available
        refusal.orderLines = entry.orderLines
        refusal.isReplay = true
        return refusal
    }

    /// Remembers a refusal that was decided under the locks. The caller holds the id's stripe.
    func remember(
        _ refusal: Refusal, _ identity: Identity, fingerprint: UInt64, at now: DecisionTime,
        in context: inout DecisionContext
    ) {
        var entry = RefusalEntry()
        entry.fingerprint = fingerprint
        entry.requested = refusal.requested
        entry.available = refusal.available
        entry.orderLines = refusal.orderLines
        entry.sequence = context.sequence
        entry.tick = now.tick
        entry.lineIndex = refusal.lineIndex
        entry.failingLines = refusal.failingLines
        entry.reason = refusal.reason
        holds.refusals.remember(identity, entry)
    }

    /// Remembers that an id was released before its Reserve came: the late Reserve is refused,
    /// whatever its content. The caller holds the id's stripe.
    func bury(_ identity: Identity, at now: DecisionTime) {
        var entry = RefusalEntry()
        entry.tick = now.tick
        entry.isTombstone = true
        holds.refusals.remember(identity, entry)
    }

    /// How far back remembered refusals reach in the stripe that reaches least, in milliseconds.
    public func refusalReachMilliseconds(at now: DecisionTime) -> UInt64 {
        var least = configuration.refusalReachMilliseconds
        for stripe in 0..<holds.count {
            holdLocks.lock(stripe)
            least = min(least, holds.refusals.reach(of: stripe, at: now.tick))
            holdLocks.unlock(stripe)
        }
        return least
    }
}
