// SPDX-License-Identifier: Apache-2.0

/// The only place of the server that draws chance.
public enum Entropy {
    /// A key for the hashes of ids and codes, from the system's generator.
    public static func hashKey() -> (UInt64, UInt64) {
        var generator = SystemRandomNumberGenerator()
        return (generator.next(), generator.next())
    }
}
