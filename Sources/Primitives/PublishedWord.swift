// SPDX-License-Identifier: Apache-2.0

internal import CIntrinsics

/// A 64-bit word in a table's row that one thread writes once and any thread reads without a lock.
///
/// Whoever reads what `store` wrote sees everything that its thread wrote before (release, acquire).
public enum PublishedWord {
    /// Reads the word. The address is of a word in a table that outlives the call.
    @unsafe public static func load(_ word: UnsafePointer<UInt64>) -> UInt64 {
        unsafe stockade_load_acquire(word)
    }

    /// Writes the word. The caller holds the writers' lock.
    @unsafe public static func store(_ value: UInt64, to word: UnsafeMutablePointer<UInt64>) {
        unsafe stockade_store_release(word, value)
    }
}
