// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// A change of one stock account, as the table has it.
public struct Movement: Hashable, Sendable {
    /// Of its record; a record changes an account once.
    public var sequence: UInt64
    /// The account's place in the record, from 0.
    public var line: UInt64
    /// When it was decided.
    public var wall: WallTime
    /// Why.
    public var kind: MovementRow.Kind
    /// Units more on hand.
    public var onHandChange: Int64
    /// Units more in holds.
    public var heldChange: Int64
    /// Units more in orders.
    public var allocatedChange: Int64
    /// Units more that are never sold.
    public var safetyChange: Int64
    /// Of the request, the reservation or the order that did it.
    public var reference: ClientID
}

/// Some of an account's changes.
public struct MovementPage: Hashable, Sendable {
    /// Oldest first. Fewer than asked for: there are no more up to `appliedSequence`.
    public var movements: [Movement]
    /// Up to which record the tables were.
    public var appliedSequence: UInt64
}

/// Why an account's changes can't be read now.
public enum MovementFault: Error, Hashable, Sendable {
    /// Postgres isn't there, or what is there isn't this journal's tables.
    case notConnected(String)
    /// So many others wait already.
    case queueFull(Int)
    /// Postgres took too long.
    case timedOut(Duration)
    /// Postgres was asked and didn't give what was asked for.
    case refused(String)
    /// The server ends.
    case stopped

    /// In words, and what to do.
    public var explanation: String {
        switch self {
        case .notConnected(let reason):
            "movements are read from Postgres, and that can't be done now: \(reason). Try again "
                + "later"
        case .queueFull(let count):
            "\(count) calls wait for movements already: try again later, or read stockade.movements "
                + "in Postgres"
        case .timedOut(let timeout):
            "Postgres didn't answer within \(timeout): try again later, or ask for less"
        case .refused(let reason):
            "Postgres couldn't say what moved: \(reason)"
        case .stopped: "the server is being stopped"
        }
    }
}
