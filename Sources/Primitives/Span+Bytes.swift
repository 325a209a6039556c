// SPDX-License-Identifier: Apache-2.0

internal import CIntrinsics

/// Reading bytes that came from a disk or a socket.
extension Span where Element == UInt8 {
    /// The integer at `offset`, least significant byte first. Traps beyond the end: the caller has
    /// checked the length. Inlinable, since a generic call takes six times as long as the load.
    @inlinable
    public func littleEndian<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type, at offset: Int
    ) -> Value {
        precondition(offset >= 0 && MemoryLayout<Value>.size <= count - offset)
        return unsafe withUnsafeBytes { bytes in
            // SAFETY: the length was checked; every bit pattern is an integer; unaligned loads of a
            // trivial type are allowed.
            Value(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: offset, as: type))
        }
    }

    /// Whether all bytes are zero. O(n), as fast as memory.
    public var isZero: Bool {
        unsafe withUnsafeBufferPointer { buffer in
            // SAFETY: borrowed for the call; of an empty buffer nothing is read.
            unsafe stockade_is_zero(buffer.baseAddress, buffer.count) != 0
        }
    }

    /// Whether all bytes are printable ASCII, the blank included. O(n), eight bytes at a time.
    public var isPrintableASCII: Bool {
        unsafe withUnsafeBufferPointer { buffer in
            // SAFETY: as above.
            unsafe stockade_is_printable(buffer.baseAddress, buffer.count) != 0
        }
    }

    /// Whether all bytes are ASCII. O(n), eight bytes at a time.
    public var isASCII: Bool {
        unsafe withUnsafeBufferPointer { buffer in
            // SAFETY: as above.
            unsafe stockade_is_ascii(buffer.baseAddress, buffer.count) != 0
        }
    }

    /// A number in 0..<2^bits that texts mostly differ in. Not a hash to trust: who chooses the
    /// text chooses the number. For memos, which compare what they find.
    public func mixed(bits: UInt32) -> Int {
        unsafe withUnsafeBufferPointer { buffer in
            // SAFETY: as above.
            Int(unsafe stockade_mix(buffer.baseAddress, buffer.count) >> (64 - bits))
        }
    }
}
