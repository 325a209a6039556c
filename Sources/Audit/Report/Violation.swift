// SPDX-License-Identifier: Apache-2.0

/// A record that says something that can't be, or an equation that doesn't hold.
public struct Violation: Hashable, Sendable {
    /// What is broken.
    public enum Rule: String, Hashable, Sendable, CaseIterable {
        /// Held isn't granted - confirmed - released - expired.
        case held
        /// Held isn't the sum of the live legs.
        case liveLegs
        /// Allocated isn't confirmed + ordered at once - cancelled.
        case allocated
        /// On hand isn't initial + adjusted + set differences + transfers.
        case onHand
        /// A figure changed that the record's type can't change.
        case safety
        /// A version that isn't one more than the version before.
        case version
        /// A figure below zero, or beyond its bound.
        case range
        /// A grant, an order at once or a transfer that leaves less than nothing available.
        case oversold
        /// A sequence that isn't one more than the sequence before.
        case sequence
        /// A tick that goes back over a restart.
        case tick
        /// An id that was granted again within the retention.
        case grantedTwice
        /// A request that took effect again within the retention.
        case requestTwice
        /// An order id that is taken.
        case orderTwice
        /// An end or an extension of a hold that isn't live.
        case notHeld
        /// A cancellation of an order that isn't there or was cancelled already.
        case notOrdered
        /// An end on the wrong side of the deadline, or a deadline where it can't be moved.
        case deadline
        /// An end with other lines, accounts or amounts than were granted, or a cancellation with
        /// others than are left.
        case legs
        /// An order of another dealer's hold.
        case dealer
        /// Figures of other accounts than those that the legs change.
        case accounts
        /// An account under a second number or with other codes, or one that was never set.
        case account
        /// A code that is undefined, defined twice or out of order, or of the wrong kind.
        case code
        /// A source version that isn't newer than the one before.
        case sourceVersion
        /// A field that no server writes: a zero id, an unknown fill mode, too many legs.
        case form
        /// A row in Postgres that isn't what the journal says, or one too many or too few.
        case postgres
    }

    /// What is broken.
    public var rule: Rule
    /// The record's sequence; 0 for what only the end of the journal shows.
    public var sequence: UInt64
    /// One sentence for people, ids in hex.
    public var explanation: String
}
