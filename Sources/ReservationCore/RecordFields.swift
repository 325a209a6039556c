// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// A record's fields in place, little endian: no copy, no list, no enum. The caller compares the
/// record's length with what it reads before it reads, so that no byte from a disk ever traps.
extension Span<UInt8> {
    /// Two bytes from `offset` on.
    func word16(at offset: Int) -> Int { Int(UInt16(littleEndian: load(at: offset))) }

    /// Four bytes from `offset` on.
    func word32(at offset: Int) -> UInt32 { UInt32(littleEndian: load(at: offset)) }

    /// Eight bytes from `offset` on.
    func word64(at offset: Int) -> UInt64 { UInt64(littleEndian: load(at: offset)) }

    /// Eight bytes from `offset` on, signed.
    func signed64(at offset: Int) -> Int64 { Int64(bitPattern: word64(at: offset)) }

    /// An id's sixteen bytes from `offset` on.
    func clientID(at offset: Int) -> ClientID {
        ClientID(
            high: UInt64(bigEndian: load(at: offset)), low: UInt64(bigEndian: load(at: offset + 8)))
    }

    @inline(__always)
    private func load<Value: FixedWidthInteger & BitwiseCopyable>(at offset: Int) -> Value {
        precondition(offset >= 0 && offset <= count - MemoryLayout<Value>.size)
        // SAFETY: the bytes lie in the span, as just checked; any bytes are an integer.
        return unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Value.self)
    }
}
