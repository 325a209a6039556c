// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives

/// Replaying codes and stock figures.
extension ReservationCore {
    // number u32, kind u8, length u8, text
    func replayDefine(
        _ record: Span<UInt8>, at point: ReplayPoint
    ) throws(ReplayFault) {
        let textStart = 22
        guard record.count >= textStart else { throw point.damaged(.length) }
        let number = record.word32(at: 16)
        let count = Int(record[21])
        guard record.count == roundedUp(textStart + count) else { throw point.damaged(.length) }
        guard let kind = CodeKind(rawValue: record[20])
        else { throw point.damaged(.codeKind, number: number) }
        guard count >= 1, count <= CoreLimits.codeByteCountMax
        else { throw point.damaged(.codeText, number: number) }
        let text = record.extracting(textStart..<textStart + count)
        for index in 0..<count where text[index] < 0x20 || text[index] > 0x7e {
            throw point.damaged(.codeText, number: number)
        }
        guard kind == .brand ? point.brand == 0 : codes.isCode(point.brand, .brand, of: 0)
        else { throw point.damaged(.brand, number: number) }
        let hash = codes.hash(kind, brand: point.brand, text)
        guard codes.find(kind, brand: point.brand, text, hash: hash) == nil
        else { throw point.damaged(.codeRepeated, number: number) }
        guard Int(number) == codes.definedCount else {
            throw point.damaged(
                .codeNumber, number: number, told: Int64(number),
                expected: Int64(codes.definedCount))
        }
        guard codes.next(for: text) != nil
        else { throw point.tooSmall(.codes, needed: codes.definedCount + 1) }
        codes.define(kind, brand: point.brand, text, hash: hash)
    }

    // request 16, fingerprint u64, account u32, SKU u32, warehouse u32, zero u32, source's version
    // u64, figures
    func replaySetStock(
        _ record: Span<UInt8>, at point: ReplayPoint
    ) throws(ReplayFault) {
        guard record.count == 104 else { throw point.damaged(.length) }
        let request = record.clientID(at: 16)
        let number = record.word32(at: 40)
        let sourceVersion = record.word64(at: 56)
        try requireBrand(point)
        try replayAccount(
            number, sku: record.word32(at: 44), warehouse: record.word32(at: 48), at: point)
        let row = Int(number)
        guard sourceVersion == 0 || sourceVersion > accounts.sources[row].version
        else { throw point.damaged(.sourceVersion, id: request, number: number) }
        let onHand = record.signed64(at: 64)
        try settle(record, figuresAt: 64, onHand: onHand, of: number, at: point)
        if sourceVersion != 0 { accounts.sources[row].version = sourceVersion }
        try keepOutcome(request, fingerprint: record.word64(at: 32), number, at: point)
    }

    // request 16, fingerprint u64, delta i64, figures, account u32
    func replayAdjustStock(
        _ record: Span<UInt8>, at point: ReplayPoint
    ) throws(ReplayFault) {
        guard record.count == 96 else { throw point.damaged(.length) }
        let request = record.clientID(at: 16)
        let number = record.word32(at: 88)
        try requireBrand(point)
        guard Int(number) < accounts.madeCount, accounts.rows[Int(number)].version > 0,
            accounts.masters[Int(number)].brand == point.brand
        else { throw point.damaged(.account, id: request, number: number) }
        let (onHand, overflow) = accounts.rows[Int(number)].capacity.addingReportingOverflow(
            record.signed64(at: 40))
        guard !overflow else { throw point.damaged(.range, id: request, number: number) }
        try settle(record, figuresAt: 48, onHand: onHand, of: number, at: point)
        try keepOutcome(request, fingerprint: record.word64(at: 32), number, at: point)
    }

    /// The brand must be one.
    func requireBrand(_ point: ReplayPoint) throws(ReplayFault) {
        guard codes.isCode(point.brand, .brand, of: 0)
        else { throw point.damaged(.brand, number: point.brand) }
    }

    /// A record's bytes with their padding.
    func roundedUp(_ byteCount: Int) -> Int { (byteCount + 7) & ~7 }

    /// The account that a SetStock names, made under that number when it isn't there yet.
    ///
    /// Numbers were given out without a record: one may be missing (its figure was never set), and
    /// they may come in another order.
    private func replayAccount(
        _ number: UInt32, sku: UInt32, warehouse: UInt32, at point: ReplayPoint
    ) throws(ReplayFault) {
        let kind = AccountKind.allCases.first { kind in
            codes.isCode(sku, kind.firstCode, of: point.brand)
                && codes.isCode(warehouse, kind.secondCode, of: point.brand)
        }
        guard let kind else { throw point.damaged(.code, number: number) }
        if Int(number) < accounts.madeCount, accounts.masters[Int(number)].kind != 0 {
            let master = accounts.masters[Int(number)]
            guard master.brand == point.brand, master.sku == sku, master.warehouse == warehouse,
                master.kind == kind.rawValue
            else { throw point.damaged(.accountMoved, number: number) }
            return
        }
        let hash = accounts.hash(brand: point.brand, sku: sku, warehouse: warehouse)
        guard
            accounts.find(brand: point.brand, sku: sku, warehouse: warehouse, hash: hash) == nil
        else { throw point.damaged(.accountMoved, number: number) }
        guard Int(number) < CoreLimits.accountsMax
        else { throw point.damaged(.account, number: number) }
        guard Int(number) < accounts.rows.capacity
        else { throw point.tooSmall(.accounts, needed: Int(number) + 1) }
        accounts.place(
            number, kind, brand: point.brand, sku: sku, warehouse: warehouse, hash: hash)
        chain(number, kind, of: sku, in: warehouse)
    }

    /// Sets what is on hand, and compares all figures of the record.
    func settle(
        _ record: Span<UInt8>, figuresAt offset: Int, onHand: Int64, of number: UInt32,
        at point: ReplayPoint
    ) throws(ReplayFault) {
        let row = Int(number)
        guard onHand >= 0, onHand <= CoreLimits.onHandMax
        else { throw point.damaged(.range, number: number, told: onHand) }
        accounts.rows[row].capacity = onHand
        accounts.rows[row].changed = point.time.wall
        accounts.rows[row].sequence = point.sequence
        let own = accounts.rows[row]
        try agree(record.signed64(at: offset), own.capacity, of: number, at: point)
        try agree(record.signed64(at: offset + 8), own.held, of: number, at: point)
        try agree(record.signed64(at: offset + 16), own.committed, of: number, at: point)
        try agree(record.signed64(at: offset + 24), own.floor, of: number, at: point)
        try advance(number, to: record.word64(at: offset + 32), at: point)
    }

    /// A figure must be what the own arithmetic comes to.
    func agree(
        _ told: Int64, _ own: Int64, of number: UInt32, at point: ReplayPoint
    ) throws(ReplayFault) {
        guard told == own
        else { throw point.damaged(.figure, number: number, told: told, expected: own) }
    }

    /// The version after a change is one higher than before.
    func advance(
        _ number: UInt32, to version: UInt64, at point: ReplayPoint
    ) throws(ReplayFault) {
        let next = accounts.rows[Int(number)].version + 1
        guard version == next else {
            throw point.damaged(
                .accountVersion, number: number, told: Int64(clamping: version),
                expected: Int64(clamping: next))
        }
        accounts.rows[Int(number)].version = version
    }

    func keepOutcome(
        _ request: ClientID, fingerprint: UInt64, _ account: UInt32, at point: ReplayPoint
    ) throws(ReplayFault) {
        let identity = identity(.request, brandHash: codes.hash(of: point.brand), id: request)
        let known = holds.index.find(identity) { row in
            holds.outcomes[row].id == request && holds.outcomes[row].brand == point.brand
        }
        // It took effect again, so the writer had forgotten the first time, whatever is
        // configured now.
        if let known { unindex(outcome: known, identity) }
        let row = try takeOutcome(identity, at: point)
        var outcome = OutcomeRow()
        outcome.id = request
        outcome.fingerprint = fingerprint
        outcome.sequence = point.sequence
        outcome.changedTick = point.time.tick
        outcome.brand = point.brand
        outcome.account = account
        outcome.isRemembered = true
        outcome.isTaken = true
        holds.outcomes[row] = outcome
        index(identity, row: row)
        enqueue(outcome: row)
    }
}
