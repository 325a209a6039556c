// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Blocks written by hand: the format once more, in few lines.
enum SealedBlock {
    private static let sector = 4_096

    /// The segment with a seal behind its last block, whose base is so many milliseconds later.
    static func appendingSeal(to segment: [UInt8], laterBy milliseconds: UInt64) -> [UInt8] {
        var bytes = segment
        var last = sector
        var next = sector
        while bytes.span.littleEndian(UInt32.self, at: next) != 0 {
            last = next
            let body = Int(bytes.span.littleEndian(UInt32.self, at: last + 44))
            next = last + (64 + body + sector - 1) / sector * sector
        }
        let header = Array(bytes[last..<last + 64])
        let span = segment.span
        let count = UInt64(span.littleEndian(UInt32.self, at: last + 40))
        let tick = span.littleEndian(UInt64.self, at: last + 64) + milliseconds
        let wall = span.littleEndian(UInt64.self, at: last + 72) + milliseconds
        let key = (
            span.littleEndian(UInt64.self, at: 16), span.littleEndian(UInt64.self, at: 24)
        )
        let number = span.littleEndian(UInt64.self, at: last + 24) + 1
        let sequence = span.littleEndian(UInt64.self, at: last + 32) + count
        bytes.replaceSubrange(next..<next + 64, with: header)
        put(UInt16(1), &bytes, next + 6)
        put(number, &bytes, next + 24)
        put(sequence, &bytes, next + 32)
        put(UInt32(0), &bytes, next + 40)
        put(UInt32(16), &bytes, next + 44)
        put(KeyedHash(key: key)(header.span), &bytes, next + 56)
        put(tick, &bytes, next + 64)
        put(wall, &bytes, next + 72)
        reseal(&bytes, next)
        return bytes
    }

    /// Makes the checksums of a block right again.
    static func reseal(_ bytes: inout [UInt8], _ block: Int) {
        let body = Int(bytes.span.littleEndian(UInt32.self, at: block + 44))
        put(CRC32C.of(bytes.span.extracting(block + 64..<block + 64 + body)), &bytes, block + 12)
        put(UInt32(0), &bytes, block + 8)
        put(CRC32C.of(bytes.span.extracting(block..<block + 64)), &bytes, block + 8)
    }

    static func put<Value: FixedWidthInteger>(_ value: Value, _ bytes: inout [UInt8], _ at: Int) {
        for index in 0..<Value.bitWidth / 8 {
            bytes[at + index] = UInt8(truncatingIfNeeded: value >> (8 * index))
        }
    }
}
