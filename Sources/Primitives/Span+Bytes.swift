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
}
