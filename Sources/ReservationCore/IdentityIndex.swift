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
struct IdentityIndex: ~Copyable, Sendable {
    private let slots: FixedTable<UInt64>
    let slotsPerPart: Int
    private let mask: UInt32

    /// Room for `rowsPerPart` ids in each part at a load of at most two thirds.
    init(parts: Int, rowsPerPart: Int) {
        slotsPerPart = IdentityIndex.slotsPerPart(rows: rowsPerPart)
        slots = FixedTable(capacity: parts * slotsPerPart, repeating: 0)
        mask = UInt32(slotsPerPart - 1)
    }

    static func slotsPerPart(rows: Int) -> Int {
        var size = 64
        while size < rows + rows / 2 { size *= 2 }
        return size
    }

    /// The first row of this kind under this hash that `matches`.
    func find(
        _ identity: Identity, where matches: (Int) -> Bool
    ) -> Int? {
        let part = identity.stripe * slotsPerPart
        let tag = UInt32(truncatingIfNeeded: identity.hash)
        var position = tag & mask
        while true {
            let slot = slots[part + Int(position)]
            if slot == 0 { return nil }
            if UInt32(truncatingIfNeeded: slot >> 32) == tag,
                slot >> 30 & 3 == identity.kind.rawValue
            {
                let row = Int(slot & 0x3fff_ffff) - 1
                if matches(row) { return row }
            }
            position = (position + 1) & mask
        }
    }

    /// Adds a row; the caller keeps the part within its bound.
    func insert(_ identity: Identity, row: Int) {
        let part = identity.stripe * slotsPerPart
        let tag = UInt32(truncatingIfNeeded: identity.hash)
        var position = tag & mask
        while slots[part + Int(position)] != 0 { position = (position + 1) & mask }
        slots[part + Int(position)] =
            UInt64(tag) << 32 | identity.kind.rawValue << 30 | UInt64(row + 1)
    }

    /// Removes a row that is there. What was pushed beyond it moves back, so that no tombstones
    /// pile up in a table that never rehashes (Knuth, TAOCP 3, 6.4, algorithm R).
    func remove(_ identity: Identity, row: Int) {
        let part = identity.stripe * slotsPerPart
        let tag = UInt32(truncatingIfNeeded: identity.hash)
        let wanted = UInt64(tag) << 32 | identity.kind.rawValue << 30 | UInt64(row + 1)
        var hole = tag & mask
        while slots[part + Int(hole)] != wanted {
            precondition(slots[part + Int(hole)] != 0, "an id that is remembered is in the index")
            hole = (hole + 1) & mask
        }
        var next = hole
        while true {
            next = (next + 1) & mask
            let slot = slots[part + Int(next)]
            if slot == 0 { break }
            let home = UInt32(truncatingIfNeeded: slot >> 32) & mask
            // Movable unless its home lies cyclically in (hole, next].
            if (next &- home) & mask >= (next &- hole) & mask {
                slots[part + Int(hole)] = slot
                hole = next
            }
        }
        slots[part + Int(hole)] = 0
    }

    /// The row that a look-up will most likely find: which one to fetch, before it is compared.
    func guess(_ identity: Identity) -> Int? {
        let part = identity.stripe * slotsPerPart
        let tag = UInt32(truncatingIfNeeded: identity.hash)
        for probe in 0..<4 as Range<UInt32> {
            let slot = slots[part + Int((tag &+ probe) & mask)]
            if slot == 0 { return nil }
            if UInt32(truncatingIfNeeded: slot >> 32) == tag { return Int(slot & 0x3fff_ffff) - 1 }
        }
        return nil
    }

    /// Fetches where a look-up of `identity` will begin.
    func prefetch(_ identity: Identity) {
        let part = identity.stripe * slotsPerPart
        slots.prefetch(part + Int(UInt32(truncatingIfNeeded: identity.hash) & mask))
    }
}
