// SPDX-License-Identifier: Apache-2.0

/// A stock request that took effect.
struct ModelOutcome {
    enum Kind: UInt8 {
        case setStock, adjustStock
    }

    var kind: Kind
    var account: UInt32
    var sequence: UInt64
    /// Of its record.
    var tick: UInt64
}
