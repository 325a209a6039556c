// SPDX-License-Identifier: Apache-2.0

/// What can be wrong with a record although its block's checksums are right. Each contradicts the
/// form of records, or what the records before it say.
public enum ReplayDamage: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    /// The length isn't that of its fields.
    case length
    /// A type that this version doesn't know.
    case type
    /// A form that this version doesn't know.
    case version
    /// The sequence doesn't follow.
    case sequence
    /// The tick is outside of a journal's life.
    case tick
    /// A code's number isn't the next.
    case codeNumber
    /// A code of no known kind.
    case codeKind
    /// A code's text has no or too many bytes, or bytes that don't print.
    case codeText
    /// A code was defined twice.
    case codeRepeated
    /// The brand isn't defined, or is within another.
    case brand
    /// A SKU, a warehouse or a dealer that the brand doesn't have.
    case code
    /// No account has this number, or it was never set.
    case account
    /// An account under two numbers, or two accounts under one.
    case accountMoved
    /// A figure outside of its range.
    case range
    /// A figure that isn't what the amounts so far come to.
    case figure
    /// An account's version that isn't one higher.
    case accountVersion
    /// A source's version that isn't higher.
    case sourceVersion
    /// More was granted than there was.
    case oversold
    /// An id of a live hold, of an open order or of an answered request came again.
    case repeated
    /// No live hold has this id.
    case notLive
    /// No open order has this id.
    case notOpen
    /// A hold that ends in a way that its deadline forbids.
    case deadline
    /// No legs, too many, or other ones than were granted.
    case legs
    /// Other accounts than those that the legs change.
    case accounts

    /// The same in words.
    public var sentence: String {
        switch self {
        case .length: "its length isn't that of its fields"
        case .type: "its type is unknown to this version"
        case .version: "its form is unknown to this version"
        case .sequence: "its sequence doesn't follow the one before"
        case .tick: "its tick is outside of a journal's life"
        case .codeNumber: "a code's number isn't the next one"
        case .codeKind: "a code is of no known kind"
        case .codeText: "a code's text isn't 1 to 64 printable characters"
        case .codeRepeated: "a code is defined a second time"
        case .brand: "its brand isn't defined"
        case .code: "it names a code that the brand doesn't have"
        case .account: "it names an account that was never set"
        case .accountMoved: "an account's number stands for other codes than before"
        case .range: "a number is outside of its range"
        case .figure: "a figure isn't what the records before it come to"
        case .accountVersion: "an account's version isn't one higher than before"
        case .sourceVersion: "the source's version isn't higher than before"
        case .oversold: "more is granted than there was"
        case .repeated: "an id that is still in use comes a second time"
        case .notLive: "no live hold has the id that it ends"
        case .notOpen: "no open order has the id that it cancels"
        case .deadline: "a hold ends on the wrong side of its deadline, or is moved beyond reach"
        case .legs: "its legs aren't those of the hold, or can't be those of any"
        case .accounts: "its figures are of other accounts than its legs change"
        }
    }
}
