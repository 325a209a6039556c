// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// The 64 bytes before a block's body. One block is one group commit.
struct BlockHeader: Hashable, Sendable {
    var isSeal: Bool
    var bodyChecksum: UInt32
    /// Of the server that wrote it; never falls.
    var epoch: UInt64
    /// Counts from 1 over the journal's life.
    var number: UInt64
    /// Of the first record; of a seal, what the next record gets.
    var firstSequence: UInt64
    var recordCount: Int
    var bodyByteCount: Int
    /// The highest sequence known durable when the block was built: what had been acknowledged.
    var durableSequence: UInt64
    /// The chain after the block before.
    var previousChain: UInt64

    /// Reads a header; nil unless marks, checksum and sizes are right. `bytes` are at least 64.
    init?(_ bytes: Span<UInt8>) {
        let flags = bytes.littleEndian(UInt16.self, at: 6)
        let bodyByteCount = Int(bytes.littleEndian(UInt32.self, at: 44))
        guard bytes.littleEndian(UInt32.self, at: 0) == JournalFormat.blockMagic,
            bytes.littleEndian(UInt16.self, at: 4) == JournalFormat.version,
            flags & ~JournalFormat.sealFlag == 0,
            bytes.littleEndian(UInt32.self, at: 8) == BlockHeader.checksum(bytes),
            bodyByteCount >= JournalFormat.baseByteCount,
            bodyByteCount <= JournalFormat.bodyByteCountMax
        else { return nil }
        isSeal = flags & JournalFormat.sealFlag != 0
        bodyChecksum = bytes.littleEndian(UInt32.self, at: 12)
        epoch = bytes.littleEndian(UInt64.self, at: 16)
        number = bytes.littleEndian(UInt64.self, at: 24)
        firstSequence = bytes.littleEndian(UInt64.self, at: 32)
        recordCount = Int(bytes.littleEndian(UInt32.self, at: 40))
        self.bodyByteCount = bodyByteCount
        durableSequence = bytes.littleEndian(UInt64.self, at: 48)
        previousChain = bytes.littleEndian(UInt64.self, at: 56)
    }

    init(
        isSeal: Bool, bodyChecksum: UInt32, epoch: UInt64, number: UInt64, firstSequence: UInt64,
        recordCount: Int, bodyByteCount: Int, durableSequence: UInt64, previousChain: UInt64
    ) {
        self.isSeal = isSeal
        self.bodyChecksum = bodyChecksum
        self.epoch = epoch
        self.number = number
        self.firstSequence = firstSequence
        self.recordCount = recordCount
        self.bodyByteCount = bodyByteCount
        self.durableSequence = durableSequence
        self.previousChain = previousChain
    }

    /// Bytes that the block takes, padding included.
    var blockByteCount: Int {
        JournalFormat.padded(JournalFormat.blockHeaderByteCount + bodyByteCount)
    }

    /// Writes the 64 bytes at `offset`.
    func write(to buffer: borrowing PageBuffer, at offset: Int) {
        buffer.store(littleEndian: JournalFormat.blockMagic, at: offset)
        buffer.store(littleEndian: JournalFormat.version, at: offset + 4)
        buffer.store(littleEndian: isSeal ? JournalFormat.sealFlag : 0, at: offset + 6)
        buffer.store(littleEndian: UInt32(0), at: offset + 8)
        buffer.store(littleEndian: bodyChecksum, at: offset + 12)
        buffer.store(littleEndian: epoch, at: offset + 16)
        buffer.store(littleEndian: number, at: offset + 24)
        buffer.store(littleEndian: firstSequence, at: offset + 32)
        buffer.store(littleEndian: UInt32(recordCount), at: offset + 40)
        buffer.store(littleEndian: UInt32(bodyByteCount), at: offset + 44)
        buffer.store(littleEndian: durableSequence, at: offset + 48)
        buffer.store(littleEndian: previousChain, at: offset + 56)
        let end = offset + JournalFormat.blockHeaderByteCount
        let checksum = buffer.withBytes(offset..<end) { CRC32C.of($0) }
        buffer.store(littleEndian: checksum, at: offset + 8)
    }

    /// Over the header with its own field as zero.
    private static func checksum(_ bytes: Span<UInt8>) -> UInt32 {
        var copy = InlineArray<64, UInt8>(repeating: 0)
        for index in 0..<JournalFormat.blockHeaderByteCount where index < 8 || index > 11 {
            copy[index] = bytes[index]
        }
        return CRC32C.of(copy.span)
    }
}
