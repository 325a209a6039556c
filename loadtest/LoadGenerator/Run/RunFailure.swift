// SPDX-License-Identifier: Apache-2.0

/// Why a run couldn't begin, or couldn't go on.
public struct RunFailure: Error, Sendable {
    /// What kind of failure: it decides the exit code.
    public enum Kind: Int32, Sendable {
        /// Connecting, reading, writing, starting the server.
        case couldNotRun = 1
        /// Flags or the scenario.
        case badUsage = 2
        /// What would be dangerous is refused.
        case unsafe = 8
    }

    /// What kind.
    public var kind: Kind
    /// What happened, and what to do.
    public var explanation: String

    /// Names both.
    public init(_ kind: Kind = .couldNotRun, _ explanation: String) {
        self.kind = kind
        self.explanation = explanation
    }
}
