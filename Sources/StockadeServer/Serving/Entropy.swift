// SPDX-License-Identifier: Apache-2.0

internal import Journal
internal import Primitives

/// The only place of the server that draws chance.
public enum Entropy {
    /// A key for the hashes of ids and codes, from the system's generator.
    public static func hashKey() -> (UInt64, UInt64) {
        var generator = SystemRandomNumberGenerator()
        return (generator.next(), generator.next())
    }

    /// The identity of a journal that begins now.
    static func journalIdentity() -> JournalIdentity {
        var generator = SystemRandomNumberGenerator()
        let key = hashKey()
        return JournalIdentity(
            uuid: ClientID(high: generator.next(), low: generator.next()), hashKeyLow: key.0,
            hashKeyHigh: key.1)
    }
}
