// SPDX-License-Identifier: Apache-2.0

import Journal

/// What can happen to bytes at rest, or to a write that the disk swore was done. All of it hits
/// data that was acknowledged and has something whole behind it, so a start must be refused.
enum StoreDamage: CaseIterable {
    /// A bit turns within a block.
    case flippedBit
    /// A bit turns in a segment's header.
    case flippedHeader
    /// A block's sectors are zero.
    case lostBlock
    /// One sector of a block is zero.
    case lostSector
    /// A block lies somewhere else.
    case misdirectedBlock
    /// Two blocks changed places.
    case swappedBlocks
    /// A block is there a second time, behind the end.
    case repeatedBlock
    /// A segment is gone.
    case lostSegment
    /// A segment has another length.
    case resizedSegment
    /// Two segments changed places.
    case swappedSegments

    /// Damages a store that has these blocks; false when it has nothing to damage in this way.
    func damage(
        _ store: SimulatedStore, _ blocks: [JournalBlock], _ segments: [SegmentListing],
        _ chance: inout SeededGenerator
    ) -> Bool {
        // The last block has no witness.
        guard blocks.count >= 2, let last = blocks.last else { return false }
        let block = blocks[chance.below(blocks.count - 1)]
        switch self {
        case .flippedBit:
            flip(store, block.segment, block.offset + chance.below(covered(store, block)), &chance)
        case .flippedHeader: flip(store, block.segment, chance.below(128), &chance)
        case .lostBlock:
            write([UInt8](repeating: 0, count: block.byteCount), to: store, block)
        case .lostSector:
            let sectors = (covered(store, block) + 511) / 512
            let offset = block.offset + chance.below(sectors) * 512
            let range = offset..<offset + 512
            // It may have been zero all along.
            guard store.bytes(of: block.segment, range).contains(where: { $0 != 0 })
            else { return false }
            store.damage(block.segment) {
                $0.damage([UInt8](repeating: 0, count: 512), at: offset)
            }
        case .misdirectedBlock:
            let victim = chance.oneIn(2) ? last : block
            let bytes = content(store, victim)
            let segment = chance.pick(segments)
            let sectors = (segment.byteCount - bytes.count) / 4_096
            let offset = chance.within(0...sectors) * 4_096
            let isOnItself =
                segment.number == victim.segment
                && abs(offset - victim.offset) < bytes.count
            guard !isOnItself else { return false }
            write([UInt8](repeating: 0, count: bytes.count), to: store, victim)
            store.damage(segment.number) { $0.damage(bytes, at: offset) }
        case .swappedBlocks:
            let other = chance.pick(blocks)
            guard other.number != block.number, other.byteCount == block.byteCount
            else { return false }
            let (one, two) = (content(store, block), content(store, other))
            write(two, to: store, block)
            write(one, to: store, other)
        case .repeatedBlock:
            let end = last.offset + last.byteCount
            guard let segment = segments.first(where: { $0.number == last.segment }),
                end + block.byteCount <= segment.byteCount
            else { return false }
            let bytes = content(store, block)
            store.damage(last.segment) { $0.damage(bytes, at: end) }
        case .lostSegment:
            guard block.segment + 1 < UInt64(segments.count) else { return false }
            store.remove(block.segment)
        case .resizedSegment:
            let length = segments[Int(block.segment)].byteCount
            store.damage(block.segment) {
                $0.resize(to: length + (chance.oneIn(2) ? 4_096 : -4_096))
            }
        case .swappedSegments:
            let other = chance.pick(segments)
            guard other.number != block.segment,
                other.byteCount == segments[Int(block.segment)].byteCount
            else { return false }
            let one = store.bytes(of: block.segment, 0..<other.byteCount)
            let two = store.bytes(of: other.number, 0..<other.byteCount)
            store.damage(block.segment) { $0.damage(two, at: 0) }
            store.damage(other.number) { $0.damage(one, at: 0) }
        }
        return true
    }

    /// Bytes of a block that its checksums cover: its header and its body, as the header tells it.
    private func covered(_ store: SimulatedStore, _ block: JournalBlock) -> Int {
        let length = store.bytes(of: block.segment, block.offset + 44..<block.offset + 48)
        return 64 + length.reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    private func content(_ store: SimulatedStore, _ block: JournalBlock) -> [UInt8] {
        store.bytes(of: block.segment, block.offset..<block.offset + block.byteCount)
    }

    private func write(_ bytes: [UInt8], to store: SimulatedStore, _ block: JournalBlock) {
        store.damage(block.segment) { $0.damage(bytes, at: block.offset) }
    }

    private func flip(
        _ store: SimulatedStore, _ segment: UInt64, _ offset: Int,
        _ chance: inout SeededGenerator
    ) {
        let bit = UInt8(1) << UInt8(chance.below(8))
        let byte = store.bytes(of: segment, offset..<offset + 1)[0]
        store.damage(segment) { $0.damage([byte ^ bit], at: offset) }
    }
}
