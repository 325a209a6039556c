// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// The first sector of a segment that was begun.
struct SegmentHeader: Hashable, Sendable {
    var identity: JournalIdentity
    /// Counts from 0; the file's name.
    var number: UInt64
    /// The file's length, which never changes.
    var byteCount: Int
    /// Of the server that began the segment.
    var epoch: UInt64
    var firstBlock: UInt64
    /// What the next record gets.
    var firstSequence: UInt64
    /// What the first block has to name as its predecessor.
    var chain: UInt64

    init(
        identity: JournalIdentity, number: UInt64, byteCount: Int, epoch: UInt64,
        firstBlock: UInt64, firstSequence: UInt64, chain: UInt64
    ) {
        self.identity = identity
        self.number = number
        self.byteCount = byteCount
        self.epoch = epoch
        self.firstBlock = firstBlock
        self.firstSequence = firstSequence
        self.chain = chain
    }

    /// Reads a header; nil unless marks and checksum are right. `bytes` are at least a sector's
    /// `segmentHeaderByteCount`.
    init?(_ bytes: Span<UInt8>) {
        guard bytes.littleEndian(UInt32.self, at: 0) == JournalFormat.segmentMagic,
            bytes.littleEndian(UInt16.self, at: 4) == JournalFormat.version,
            bytes.littleEndian(UInt32.self, at: 8) == SegmentHeader.checksum(bytes),
            let byteCount = Int(exactly: bytes.littleEndian(UInt64.self, at: 40))
        else { return nil }
        identity = JournalIdentity(
            uuid: ClientID(
                high: bytes.littleEndian(UInt64.self, at: 16).byteSwapped,
                low: bytes.littleEndian(UInt64.self, at: 24).byteSwapped),
            hashKeyLow: bytes.littleEndian(UInt64.self, at: 80),
            hashKeyHigh: bytes.littleEndian(UInt64.self, at: 88))
        number = bytes.littleEndian(UInt64.self, at: 32)
        self.byteCount = byteCount
        epoch = bytes.littleEndian(UInt64.self, at: 48)
        firstBlock = bytes.littleEndian(UInt64.self, at: 56)
        firstSequence = bytes.littleEndian(UInt64.self, at: 64)
        chain = bytes.littleEndian(UInt64.self, at: 72)
    }

    /// Writes the whole sector at `offset`.
    func write(to buffer: borrowing PageBuffer, at offset: Int) {
        buffer.clear(offset..<offset + JournalFormat.sectorByteCount)
        buffer.store(littleEndian: JournalFormat.segmentMagic, at: offset)
        buffer.store(littleEndian: JournalFormat.version, at: offset + 4)
        buffer.store(littleEndian: identity.uuid.high.byteSwapped, at: offset + 16)
        buffer.store(littleEndian: identity.uuid.low.byteSwapped, at: offset + 24)
        buffer.store(littleEndian: number, at: offset + 32)
        buffer.store(littleEndian: UInt64(byteCount), at: offset + 40)
        buffer.store(littleEndian: epoch, at: offset + 48)
        buffer.store(littleEndian: firstBlock, at: offset + 56)
        buffer.store(littleEndian: firstSequence, at: offset + 64)
        buffer.store(littleEndian: chain, at: offset + 72)
        buffer.store(littleEndian: identity.hashKeyLow, at: offset + 80)
        buffer.store(littleEndian: identity.hashKeyHigh, at: offset + 88)
        let end = offset + JournalFormat.segmentHeaderByteCount
        let checksum = buffer.withBytes(offset..<end) { CRC32C.of($0) }
        buffer.store(littleEndian: checksum, at: offset + 8)
    }

    /// Over the header with its own field as zero.
    private static func checksum(_ bytes: Span<UInt8>) -> UInt32 {
        var copy = InlineArray<128, UInt8>(repeating: 0)
        for index in 0..<JournalFormat.segmentHeaderByteCount where index < 8 || index > 11 {
            copy[index] = bytes[index]
        }
        return CRC32C.of(copy.span)
    }
}
