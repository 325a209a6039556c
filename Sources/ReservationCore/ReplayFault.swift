// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// Why a journal's records can't be replayed. After one the core is good for nothing.
public struct ReplayFault: Error, Equatable {
    /// Whose fault it is.
    public enum Kind: Equatable, Sendable {
        /// The records contradict themselves: the journal is damaged, or was written by a wrong
        /// program.
        case damaged(ReplayDamage)
        /// The records are fine and the configured bound is not: at least `needed` is.
        case tooSmall(limit: CoreLimit, needed: Int)
    }

    /// Whose fault it is.
    public var kind: Kind
    /// The record's sequence.
    public var sequence: UInt64
    /// The id that the record is about, where it has one.
    public var id: ClientID?
    /// The number of the account or code that it is about, where there is one.
    public var number: UInt32?
    /// What the record says, where that is a number.
    public var told: Int64?
    /// What it should say.
    public var expected: Int64?

    init(_ kind: Kind, sequence: UInt64) {
        self.kind = kind
        self.sequence = sequence
    }

    /// All of it in a sentence.
    public var explanation: String {
        var text = "record \(sequence)"
        if let id { text += ", id \(ReplayFault.hex(id))" }
        if let number { text += ", number \(number)" }
        switch kind {
        case .damaged(let damage):
            text += ": \(damage.sentence)"
            if let told, let expected { text += " (\(told), expected \(expected))" }
        case .tooSmall(let limit, let needed):
            text += ": the bound on \(limit) is too small, at least \(needed) are needed"
        }
        return text
    }

    private static func hex(_ id: ClientID) -> String {
        [id.high, id.low].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
