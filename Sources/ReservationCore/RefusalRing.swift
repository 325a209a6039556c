// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// A refusal that is remembered, or the tombstone of a Release that came before its Reserve.
struct RefusalEntry: BitwiseCopyable {
    var id = ClientID(high: 0, low: 0)
    var brandHash: UInt64 = 0
    var fingerprint: UInt64 = 0
    var requested: Int64 = 0
    var available: Int64 = 0
    /// What the answer waited for, and its replay waits for again.
    var sequence: UInt64 = 0
    var tick = Tick(milliseconds: 0)
    var lineIndex: Int32 = -1
    fileprivate var tag: UInt32 = 0
    var failingLines: UInt16 = 0
    var reason: RefusalReason = .insufficientStock
    fileprivate var kind: UInt8 = 0
    var isTombstone = false
    fileprivate var isUsed = false
    /// In what would be padding.
    var orderLines: UInt16 = 0
}

/// The last refusals, in memory only, a part of the ring per hold stripe and guarded by it.
///
/// The oldest entry makes room for the newest; entries beyond the reach count as absent. What is
/// lost here is harmless: the client made the same request, and it is decided again.
struct RefusalRing: ~Copyable, Sendable {
    private let entries: FixedTable<RefusalEntry>
    private let slots: FixedTable<UInt32>  // position in the part + 1
    private let parts: FixedTable<Part>
    private let entriesPerPart: Int
    private let slotsPerPart: Int
    private let reach: UInt64

    struct Part: BitwiseCopyable {
        var next = 0
        var used = 0
    }

    init(bytes: Int, parts count: Int, reachMilliseconds: UInt64) {
        let each = MemoryLayout<RefusalEntry>.stride + 2 * MemoryLayout<UInt32>.stride
        entriesPerPart = max(bytes / each / count, 16)
        var size = 32
        while size < entriesPerPart + entriesPerPart / 2 { size *= 2 }
        slotsPerPart = size
        entries = FixedTable(capacity: count * entriesPerPart, repeating: RefusalEntry())
        slots = FixedTable(capacity: count * size, repeating: 0)
        parts = FixedTable(capacity: count, repeating: Part())
        reach = reachMilliseconds
    }

    /// What is remembered of an identity and within the reach.
    func find(_ identity: Identity, at now: Tick) -> RefusalEntry? {
        guard parts[identity.stripe].used > 0, let position = position(of: identity)
        else { return nil }
        let entry = entries[identity.stripe * entriesPerPart + position]
        return entry.tick.advanced(byMilliseconds: reach) > now ? entry : nil
    }

    /// Remembers `entry` for an identity, in the place of what was remembered of it before.
    func remember(_ identity: Identity, _ entry: RefusalEntry) {
        var entry = entry
        entry.id = identity.id
        entry.brandHash = identity.brandHash
        entry.kind = UInt8(identity.kind.rawValue)
        entry.tag = UInt32(truncatingIfNeeded: identity.hash)
        entry.isUsed = true
        let first = identity.stripe * entriesPerPart
        if let position = position(of: identity) {
            entries[first + position] = entry
            return
        }
        let position = parts[identity.stripe].next
        if entries[first + position].isUsed { forget(position, in: identity.stripe) }
        entries[first + position] = entry
        insert(position, tag: entry.tag, in: identity.stripe)
        parts[identity.stripe].used += 1
        parts[identity.stripe].next = position + 1 == entriesPerPart ? 0 : position + 1
    }

    /// How far back the part of a stripe reaches, in milliseconds.
    func reach(of stripe: Int, at now: Tick) -> UInt64 {
        let part = parts[stripe]
        guard part.used == entriesPerPart else { return reach }
        let oldest = entries[stripe * entriesPerPart + part.next].tick
        return min(reach, now.milliseconds - min(now, oldest).milliseconds)
    }

    private func position(of identity: Identity) -> Int? {
        let first = identity.stripe * entriesPerPart
        let slotBase = identity.stripe * slotsPerPart
        let tag = UInt32(truncatingIfNeeded: identity.hash)
        var slot = Int(tag) & (slotsPerPart - 1)
        while slots[slotBase + slot] != 0 {
            let position = Int(slots[slotBase + slot]) - 1
            let entry = entries[first + position]
            if entry.tag == tag, entry.id == identity.id,
                entry.brandHash == identity.brandHash,
                entry.kind == UInt8(identity.kind.rawValue)
            {
                return position
            }
            slot = (slot + 1) & (slotsPerPart - 1)
        }
        return nil
    }

    private func insert(_ position: Int, tag: UInt32, in stripe: Int) {
        let slotBase = stripe * slotsPerPart
        var slot = Int(tag) & (slotsPerPart - 1)
        while slots[slotBase + slot] != 0 { slot = (slot + 1) & (slotsPerPart - 1) }
        slots[slotBase + slot] = UInt32(position + 1)
    }

    private func forget(_ position: Int, in stripe: Int) {
        let first = stripe * entriesPerPart
        let slotBase = stripe * slotsPerPart
        let mask = slotsPerPart - 1
        var hole = Int(entries[first + position].tag) & mask
        while slots[slotBase + hole] != UInt32(position + 1) { hole = (hole + 1) & mask }
        var next = hole
        while true {
            next = (next + 1) & mask
            let content = slots[slotBase + next]
            if content == 0 { break }
            let home = Int(entries[first + Int(content) - 1].tag) & mask
            if (next - home) & mask >= (next - hole) & mask {
                slots[slotBase + hole] = content
                hole = next
            }
        }
        slots[slotBase + hole] = 0
        parts[stripe].used -= 1
    }
}
