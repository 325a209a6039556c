// SPDX-License-Identifier: Apache-2.0

internal import Transport

/// A question to Postgres what changed an account; it holds what it needs, as the request's bytes
/// don't outlive the call's turn.
struct MovementsQuery: Sendable {
    /// The call that waits for the answer.
    var call: CallID
    /// The codes of the account.
    var brand: String
    var sku: String
    var warehouse: String
    /// The first sequence that is asked for.
    var fromSequence: UInt64
    /// At most so many entries.
    var limit: Int
    /// Of the request, for the next page's token.
    var tag: UInt64
}
