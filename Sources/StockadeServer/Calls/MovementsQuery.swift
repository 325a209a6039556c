// SPDX-License-Identifier: Apache-2.0

public import Transport

/// Asks Postgres what changed an account; holds what it needs, as the request's bytes don't outlive
/// the call's turn.
public struct MovementsQuery: Sendable {
    /// The call that waits for the answer.
    public var call: CallID
    /// The brand's code.
    public var brand: String
    /// The SKU's code.
    public var sku: String
    /// The warehouse's code.
    public var warehouse: String
    /// The first sequence that is asked for.
    public var fromSequence: UInt64
    /// At most so many entries.
    public var limit: Int
}

/// Takes a query, which it answers later; false: there are too many already.
public typealias MovementsReader = @Sendable (MovementsQuery) -> Bool
