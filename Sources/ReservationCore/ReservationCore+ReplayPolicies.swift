// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives

/// Replaying extensions, policies and transfers.
extension ReservationCore {
    // reservation 16, request 16, fingerprint u64, deadline u64
    func replayExtend(_ record: Span<UInt8>, at point: ReplayPoint) throws(ReplayFault) {
        guard record.count == 64 else { throw point.damaged(.length) }
        let id = record.clientID(at: 16)
        let deadline = record.word64(at: 56)
        try requireBrand(point)
        let identity = identity(.reservation, brandHash: codes.hash(of: point.brand), id: id)
        guard let row = findRow(identity, brand: point.brand), holds.entries[row].state == .held
        else { throw point.damaged(.notLive, id: id) }
        let hold = holds.entries[row]
        let latest = hold.changedTick.advanced(
            byMilliseconds: CoreLimits.timeToLiveMaxMilliseconds)
        guard point.time.tick < hold.deadline, deadline >= hold.deadline.milliseconds,
            deadline <= latest.milliseconds
        else { throw point.damaged(.deadline, id: id) }
        holds.entries[row].deadline = Tick(milliseconds: deadline)
        holds.entries[row].sequence = point.sequence
        try keepOutcome(
            record.clientID(at: 32), fingerprint: record.word64(at: 48), 0, at: point)
    }

    // request 16, fingerprint u64, account u32, time to live u32, figures, backorder limit i64, low
    // water i64, high water i64
    func replaySetPolicy(_ record: Span<UInt8>, at point: ReplayPoint) throws(ReplayFault) {
        guard record.count == 112 else { throw point.damaged(.length) }
        let request = record.clientID(at: 16)
        let number = record.word32(at: 40)
        try requireAccount(number, request: request, at: point)
        let policy = StockPolicy(
            safety: record.signed64(at: 72), backorderLimit: record.signed64(at: 88),
            lowWater: record.signed64(at: 96), highWater: record.signed64(at: 104),
            holdTimeToLiveMilliseconds: UInt64(record.word32(at: 44)))
        let limits = 0...CoreLimits.onHandMax
        guard limits.contains(policy.safety), limits.contains(policy.backorderLimit),
            limits.contains(policy.highWater), policy.lowWater >= 0,
            policy.lowWater <= policy.highWater,
            policy.holdTimeToLiveMilliseconds <= CoreLimits.timeToLiveMaxMilliseconds
        else { throw point.damaged(.range, id: request, number: number) }
        accounts.rows[Int(number)].floor = policy.safety
        accounts.sources[Int(number)].policy = policy
        try settle(
            record, figuresAt: 48, onHand: accounts.rows[Int(number)].capacity, of: number,
            at: point)
        try keepOutcome(request, fingerprint: record.word64(at: 32), number, at: point)
    }

    // request 16, fingerprint u64, units i64, from u32, to u32, figures of both
    func replayTransfer(_ record: Span<UInt8>, at point: ReplayPoint) throws(ReplayFault) {
        guard record.count == 136 else { throw point.damaged(.length) }
        let request = record.clientID(at: 16)
        let quantity = record.signed64(at: 40)
        let from = record.word32(at: 48)
        let to = record.word32(at: 52)
        try requireAccount(from, request: request, at: point)
        try requireAccount(to, request: request, at: point)
        guard quantity >= 1, quantity <= 1_000_000_000
        else { throw point.damaged(.range, id: request, told: quantity) }
        guard from != to, accounts.masters[Int(from)].sku == accounts.masters[Int(to)].sku
        else { throw point.damaged(.account, id: request, number: to) }
        guard quantity <= accounts.rows[Int(from)].available
        else { throw point.damaged(.oversold, id: request, number: from) }
        try settle(
            record, figuresAt: 56, onHand: accounts.rows[Int(from)].capacity - quantity,
            of: from, at: point)
        try settle(
            record, figuresAt: 96, onHand: accounts.rows[Int(to)].capacity + quantity, of: to,
            at: point)
        try keepOutcome(request, fingerprint: record.word64(at: 32), from, at: point)
    }

    private func requireAccount(
        _ number: UInt32, request: ClientID, at point: ReplayPoint
    ) throws(ReplayFault) {
        try requireBrand(point)
        guard Int(number) < accounts.madeCount, accounts.rows[Int(number)].version > 0,
            accounts.masters[Int(number)].brand == point.brand
        else { throw point.damaged(.account, id: request, number: number) }
    }
}
