// SPDX-License-Identifier: Apache-2.0

internal import CIntrinsics

/// SipHash-1-3 under a secret key: which stripe and which slot an id or a code gets.
///
/// Keyed, because clients choose the ids: whoever doesn't know the key can't make them collide.
/// Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012.
public struct KeyedHash: Sendable, BitwiseCopyable {
    private let key: (UInt64, UInt64)

    /// Makes the hash from a 128-bit key, drawn once in a journal's life.
    public init(key: (UInt64, UInt64)) {
        self.key = key
    }

    /// Hashes all of `bytes`. O(n), about 1 ns a byte for short input.
    public func callAsFunction(_ bytes: Span<UInt8>) -> UInt64 {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            // SAFETY: the buffer is borrowed for the call; an empty one may have no address, and
            // then count is 0 and nothing is read.
            unsafe stockade_siphash13(key.0, key.1, buffer.baseAddress, buffer.count)
        }
    }

    /// Hashes a fixed number of 64-bit words, little endian.
    public func callAsFunction<let count: Int>(_ words: InlineArray<count, UInt64>) -> UInt64 {
        unsafe words.span.withUnsafeBytes { buffer in
            // SAFETY: borrowed for the call; a word's bytes are all initialised.
            unsafe stockade_siphash13(
                key.0, key.1, buffer.assumingMemoryBound(to: UInt8.self).baseAddress,
                buffer.count)
        }
    }
}
