// SPDX-License-Identifier: Apache-2.0

/// One line of one call with an effect, as the run's ledger keeps it: fixed in size, so that a run of any
/// length can be sorted and joined in bounded memory. A call of several lines has a row for each.
public struct CallRow: Equatable, Sendable, BitwiseCopyable {
    /// What became of a call.
    public enum Outcome: UInt8, Sendable, BitwiseCopyable {
        /// Answered OK.
        case acknowledged = 1
        /// An answer that promises that nothing changed.
        case refused = 2
        /// No final answer, or one that promises nothing.
        case unknown = 3
    }

    /// What else is known of it.
    public struct Flags: OptionSet, Equatable, Sendable, BitwiseCopyable {
        /// The bits.
        public var rawValue: UInt8
        /// Makes flags of bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// The final answer was marked as a replay.
        public static let replay = Flags(rawValue: 1 << 0)
        /// Sent on purpose once more after its final answer: an earlier row has the first answer.
        public static let again = Flags(rawValue: 1 << 1)
        /// Confirm and Release were sent at the same moment.
        public static let race = Flags(rawValue: 1 << 2)
        /// Of the closing phase.
        public static let closing = Flags(rawValue: 1 << 3)
        /// Released before it was reserved: the reservation must be refused.
        public static let overtaken = Flags(rawValue: 1 << 4)
        /// The reservation or the order asked for what there is (PARTIAL).
        public static let partial = Flags(rawValue: 1 << 5)
    }

    /// The reservation's id; of an order that was made at once, and of its cancellation, the order's.
    public var reservationHigh: UInt64 = 0
    /// The other half of that id.
    public var reservationLow: UInt64 = 0
    /// The journey's number: its ids follow from it (`RunIdentity.id`).
    public var journey: UInt64 = 0
    /// When it was due, nanoseconds since the run's start.
    public var due: UInt64 = 0
    /// When it was sent first.
    public var sent: UInt64 = 0
    /// When its final answer came; 0: never.
    public var answered: UInt64 = 0
    /// Units asked for in this line (reserve, order), to be cancelled of it (cancel), or held by what we
    /// know (confirm, release).
    public var requested: Int64 = 0
    /// Units that the answer says of this line: granted (reserve), ordered (order), cancelled
    /// (cancel); of the reservation otherwise.
    public var granted: Int64 = 0
    /// Of a refusal: what could have been had; -1: the answer didn't say.
    public var available: Int64 = -1
    /// The SKU's number.
    public var sku: UInt32 = 0
    /// How often it was sent.
    public var attempts: UInt32 = 0
    /// Milliseconds that a reservation asked to live.
    public var timeToLive: UInt32 = 0
    /// The line's number, from 1, and how many there are.
    public var line: UInt16 = 1
    /// Lines of the call.
    public var lines: UInt16 = 1
    /// `CallKind.rawValue`.
    public var kind: UInt8 = 0
    /// `Outcome.rawValue`.
    public var outcome: UInt8 = 0
    /// gRPC's status number.
    public var status: UInt8 = 0
    /// `Reason.rawValue` of a refusal; 0: none.
    public var reason: UInt8 = 0
    /// `ReservationState.rawValue` in the answer; 0: none.
    public var state: UInt8 = 0
    /// What else is known of it.
    public var flags = Flags(rawValue: 0)
    /// Zero.
    public var reserved: UInt16 = 0

    /// An empty row.
    public init() {}
}
