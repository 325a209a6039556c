// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// Which journal this is: drawn once in its life, repeated in each segment.
public struct JournalIdentity: Hashable, Sendable {
    /// Its name: a block of another journal can't be taken for one of this.
    public var uuid: ClientID
    /// The key of the hashes of ids and codes, which decides what is "the same content": it must live
    /// as long as the journal.
    public var hashKeyLow: UInt64
    /// The key's other half.
    public var hashKeyHigh: UInt64

    /// Names each part.
    public init(uuid: ClientID, hashKeyLow: UInt64, hashKeyHigh: UInt64) {
        self.uuid = uuid
        self.hashKeyLow = hashKeyLow
        self.hashKeyHigh = hashKeyHigh
    }

    /// The key as the core takes it.
    public var hashKey: (UInt64, UInt64) { (hashKeyLow, hashKeyHigh) }

    /// What the next block has to name as its predecessor: SipHash-1-3 of a block's header under the
    /// uuid, so that blocks can't be swapped, left out or taken from elsewhere.
    func chain(after header: Span<UInt8>) -> UInt64 {
        // The uuid's bytes as two words, least significant byte first.
        KeyedHash(key: (uuid.high.byteSwapped, uuid.low.byteSwapped))(header)
    }
}
