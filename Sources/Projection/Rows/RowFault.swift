// SPDX-License-Identifier: Apache-2.0

public import Effects

/// Why a record can't become rows. Nothing was changed by it, neither batch nor books.
public struct RowFault: Error, Hashable, Sendable {
    /// What is wrong.
    public enum Kind: Hashable, Sendable {
        /// The bytes aren't a record of this version.
        case record(RecordError)
        /// A record is missing before it, or it was there already.
        case sequence(expected: UInt64)
        /// Names a code that isn't defined, or is of another kind or brand.
        case unknownCode(UInt32)
        /// Defines a code wrongly: out of its turn, twice, or with a text that none may have.
        case definition(UInt32)
        /// Names an account that was never set, or is another brand's.
        case unknownAccount(UInt32)
        /// Gives an account other codes than it has, or codes that another one has.
        case accountCodes(UInt32)
        /// Names an account twice.
        case accountTwice(UInt32)
        /// An account's version doesn't grow, or is beyond what a column holds.
        case version(account: UInt32, told: UInt64, known: UInt64)
        /// A figure is beyond what a column holds.
        case figure(account: UInt32)
        /// Too many lines or none, a number that is 0 or there twice, or other lines than granted.
        case lines
        /// An unknown fill mode.
        case fillMode(UInt8)
        /// Makes an order of no reservations, too many or the same twice.
        case reservations
        /// Moves a deadline back.
        case deadline
        /// Cancels what was cancelled already, or more than is left of it.
        case cancelled
        /// Grants what is held.
        case heldAlready
        /// Ends what isn't held.
        case notHeld
        /// A book is full: its bound is smaller than the server's.
        case bookFull(Book)
    }

    /// Which book.
    public enum Book: String, Hashable, Sendable {
        /// `CodeBook`
        case codes
        /// `AccountBook`
        case accounts
        /// `LiveHolds`
        case holds
    }

    /// What is wrong.
    public var kind: Kind
    /// Of the record; 0 where a stored row is wrong.
    public var sequence: UInt64

    /// Names each part.
    public init(_ kind: Kind, sequence: UInt64) {
        self.kind = kind
        self.sequence = sequence
    }

    /// Whether the record itself is at fault, and goes to the dead letters. Otherwise the reader or its
    /// bounds are, and nothing may be left out.
    public var isPoison: Bool {
        switch kind {
        case .sequence, .bookFull: false
        default: true
        }
    }

    /// In words.
    public var explanation: String {
        let what =
            switch kind {
            case .record(let error): "isn't a record of this version (\(error))"
            case .sequence(let expected): "isn't number \(expected), which comes next"
            case .unknownCode(let number): "names code \(number), which isn't known as that"
            case .definition(let number): "defines code \(number) out of turn, twice or wrongly"
            case .unknownAccount(let number):
                "names account \(number), which isn't known or is another brand's"
            case .accountCodes(let number):
                "names account \(number) with codes that don't belong to it"
            case .accountTwice(let number): "names account \(number) twice"
            case .version(let account, let told, let known):
                "makes version \(told) of account \(account) after version \(known)"
            case .figure(let account): "has a figure of account \(account) that is out of range"
            case .lines: "has no lines, too many, the same twice or others than were granted"
            case .fillMode(let mode): "has the unknown fill mode \(mode)"
            case .reservations: "makes an order of no reservations, too many or the same twice"
            case .deadline: "moves a deadline back"
            case .cancelled: "cancels more than is left of an order"
            case .heldAlready: "grants a reservation that is held"
            case .notHeld: "ends a reservation that isn't held"
            case .bookFull(let book): "doesn't fit: the book of \(book.rawValue) is full"
            }
        return "record \(sequence) \(what)"
    }
}
