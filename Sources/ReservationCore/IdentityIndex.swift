// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// What an id names; the same bytes as two kinds are two things.
enum IdentityKind: UInt64, Sendable {
    /// Under an order's id and in its place: the first of its notes (`NoteSlab`).
    case notes = 0
    /// Made by Reserve.
    case reservation = 1
    /// Made by Confirm and CreateOrder.
    case order = 2
    /// A request that creates nothing of its own.
    case request = 3
}

/// Who is meant: (live, brand, kind, id), with its hash.
///
/// The brand stands in as the keyed 64-bit hash of its text, so that a brand that nobody has
/// defined yet has an identity too (a Release may come before everything else).
struct Identity: BitwiseCopyable {
    var id: ClientID
    var brandHash: UInt64
    var kind: IdentityKind
    var hash: UInt64
    var stripe: Int
}

/// Where the rows of a stripe's ids are: open addressing, linear probing, one part per stripe,
/// guarded by the hold stripe. A slot is tag (32 bits of the hash), kind (2) and row + 1 (30).
///
/// A part has just the slots that its rows want and not the next power of two, which may be twice
/// that: the home of an id is its tag's fraction of the part, by a multiplication.
struct IdentityIndex: ~Copyable, Sendable {
    private let slots: FixedTable<UInt64>
    let slotsPerPart: Int

    /// Room for `rowsPerPart` ids in each part at a load of at most three quarters. The heads of
    /// notes, one for at most 16 ids, come on top: fewer than nine slots are looked at for an id
    /// that isn't there.
    init(parts: Int, rowsPerPart: Int) {
        slotsPerPart = IdentityIndex.slotsPerPart(rows: rowsPerPart)
        slots = FixedTable(capacity: parts * slotsPerPart, repeating: 0)
    }

    static func slotsPerPart(rows: Int) -> Int { max(64, rows + (rows + 2) / 3) }

    /// Where the search for a tag begins: as far into the part as the tag is into its own range.
    func home(of tag: UInt32) -> Int {
        Int((UInt64(tag) &* UInt64(slotsPerPart)) >> 32)
    }

    private func next(_ position: Int) -> Int {
        position + 1 == slotsPerPart ? 0 : position + 1
    }

    /// Steps from one position on to another, around the end.
    private func distance(from first: Int, to second: Int) -> Int {
        second >= first ? second - first : second - first + slotsPerPart
    }

    /// The first row of this kind under this hash that `matches`.
    func find(
        _ identity: Identity, where matches: (Int) -> Bool
    ) -> Int? {
        let part = identity.stripe * slotsPerPart
        let tag = UInt32(truncatingIfNeeded: identity.hash)
        var position = home(of: tag)
        while true {
            let slot = slots[part + position]
            if slot == 0 { return nil }
            if UInt32(truncatingIfNeeded: slot >> 32) == tag,
                slot >> 30 & 3 == identity.kind.rawValue
            {
                let row = Int(slot & 0x3fff_ffff) - 1
                if matches(row) { return row }
            }
            position = next(position)
        }
    }

    /// Adds a row; the caller keeps the part within its bound.
    func insert(_ identity: Identity, row: Int) {
        let part = identity.stripe * slotsPerPart
        let tag = UInt32(truncatingIfNeeded: identity.hash)
        var position = home(of: tag)
        while slots[part + position] != 0 { position = next(position) }
        slots[part + position] =
            UInt64(tag) << 32 | identity.kind.rawValue << 30 | UInt64(row + 1)
    }

    /// Removes a row that is there. What was pushed beyond it moves back, so that no tombstones
    /// pile up in a table that never rehashes (Knuth, TAOCP 3, 6.4, algorithm R).
    func remove(_ identity: Identity, row: Int) {
        let part = identity.stripe * slotsPerPart
        let tag = UInt32(truncatingIfNeeded: identity.hash)
        let wanted = UInt64(tag) << 32 | identity.kind.rawValue << 30 | UInt64(row + 1)
        var hole = home(of: tag)
        while slots[part + hole] != wanted {
            precondition(slots[part + hole] != 0, "an id that is remembered is in the index")
            hole = next(hole)
        }
        var position = hole
        while true {
            position = next(position)
            let slot = slots[part + position]
            if slot == 0 { break }
            let home = home(of: UInt32(truncatingIfNeeded: slot >> 32))
            // Movable unless its home lies cyclically in (hole, position].
            if distance(from: home, to: position) >= distance(from: hole, to: position) {
                slots[part + hole] = slot
                hole = position
            }
        }
        slots[part + hole] = 0
    }

    /// The row that a look-up will most likely find: which one to fetch, before it is compared.
    func guess(_ identity: Identity) -> Int? {
        let part = identity.stripe * slotsPerPart
        let tag = UInt32(truncatingIfNeeded: identity.hash)
        var position = home(of: tag)
        for _ in 0..<4 {
            let slot = slots[part + position]
            if slot == 0 { return nil }
            if UInt32(truncatingIfNeeded: slot >> 32) == tag { return Int(slot & 0x3fff_ffff) - 1 }
            position = next(position)
        }
        return nil
    }

    /// Fetches where a look-up of `identity` will begin.
    func prefetch(_ identity: Identity) {
        let part = identity.stripe * slotsPerPart
        slots.prefetch(part + home(of: UInt32(truncatingIfNeeded: identity.hash)))
    }
}
