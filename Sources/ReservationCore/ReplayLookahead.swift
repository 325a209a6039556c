// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Primitives

/// What the records after the current one will look for. Nearly every look-up of a long replay
/// misses the cache; asked for some records ahead, it has come when it is needed.
struct ReplayLookahead: BitwiseCopyable {
    /// Records between asking for an index slot and using it. The row that the slot names is asked
    /// for at half of that.
    static let distance = 8

    /// Offset of the first record that nothing was asked for yet, or -1 when there is none.
    var next: Int
    /// Records that something was asked for.
    var fetched = 0
    /// What those look for, by their number modulo the distance.
    var identities = InlineArray<8, Identity>(
        repeating: Identity(
            id: ClientID(high: 0, low: 0), brandHash: 0, kind: .reservation, hash: 0, stripe: 0))
    var isKnown = InlineArray<8, Bool>(repeating: false)
}

extension ReservationCore {
    /// Asks for what the records after number `index` need. Believes nothing that it reads.
    func fetchAhead(
        of index: Int, in body: Span<UInt8>, count: Int, _ ahead: inout ReplayLookahead
    ) {
        while ahead.fetched < min(count, index + ReplayLookahead.distance), ahead.next >= 0 {
            guard let length = recordLength(body, at: ahead.next) else {
                ahead.next = -1
                return
            }
            fetch(
                body.extracting(ahead.next..<ahead.next + length),
                slot: ahead.fetched % ReplayLookahead.distance, &ahead)
            ahead.next += length
            ahead.fetched += 1
        }
        let near = index + ReplayLookahead.distance / 2
        guard near < ahead.fetched, ahead.isKnown[near % ReplayLookahead.distance],
            let row = holds.index.guess(ahead.identities[near % ReplayLookahead.distance])
        else { return }
        holds.entries.prefetch(row)
    }

    private func fetch(
        _ record: Span<UInt8>, slot: Int, _ ahead: inout ReplayLookahead
    ) {
        ahead.isKnown[slot] = false
        let leg: Int
        switch RecordType(rawValue: record[2]) {
        case .reserve, .confirm: leg = 52
        case .release, .expire: leg = 36
        case .define, .setStock, .adjustStock, .setPolicy, .transfer, .extend, .order,
            .orderFromHolds, .cancel, nil:
            return
        }
        let brand = record.word32(at: 12)
        guard record.count >= leg + 12, codes.isCode(brand, .brand, of: 0) else { return }
        let account = Int(record.word32(at: leg + 4))
        if account < accounts.madeCount {
            accounts.rows.prefetch(account)
            accounts.masters.prefetch(account)
        }
        let brandHash = codes.hash(of: brand)
        let identity = identity(
            .reservation, brandHash: brandHash, id: record.clientID(at: 16))
        holds.index.prefetch(identity)
        ahead.identities[slot] = identity
        ahead.isKnown[slot] = true
        if record[2] == RecordType.confirm.rawValue {
            holds.index.prefetch(
                self.identity(.order, brandHash: brandHash, id: record.clientID(at: 32)))
        }
    }
}
