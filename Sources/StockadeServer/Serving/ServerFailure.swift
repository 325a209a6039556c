// SPDX-License-Identifier: Apache-2.0

/// Why a server didn't start, or ended by itself.
public struct ServerFailure: Error, Hashable, Sendable {
    /// What kind of reason, as the exit code tells it.
    public enum Kind: Int32, Sendable {
        /// Something failed while it ran.
        case failed = 1
        /// The journal is damaged.
        case corruptJournal = 3
        /// Configuration or environment forbid it: the port, the directory, the lock, a bound.
        case forbidden = 78
    }

    /// What kind of reason.
    public var kind: Kind
    /// What is wrong and what to do.
    public var explanation: String

    init(_ kind: Kind, _ explanation: String) {
        self.kind = kind
        self.explanation = explanation
    }
}
