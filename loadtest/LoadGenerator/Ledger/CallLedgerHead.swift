// SPDX-License-Identifier: Apache-2.0

/// Which run a ledger is of.
public struct CallLedgerHead: Equatable, Sendable {
    /// The run's id.
    public var runID: UInt64
    /// Seed of every draw.
    public var seed: UInt64
    /// When the rows' times begin, Unix microseconds.
    public var startedUnixMicroseconds: Int64
    /// The brand that was sold: 1 to 64 bytes of printable ASCII.
    public var brand: String

    /// Bytes of a brand at most, as the API has it.
    public static let brandBytesMax = 64

    /// Names the parts.
    public init(identity: RunIdentity, startedUnixMicroseconds: Int64, brand: String) {
        runID = identity.runID
        seed = identity.seed
        self.startedUnixMicroseconds = startedUnixMicroseconds
        self.brand = brand
    }
}
