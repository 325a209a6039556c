// SPDX-License-Identifier: Apache-2.0

/// A file that can't be judged, in words.
public struct OracleFault: Error, Equatable, Sendable {
    /// What is wrong, with the file's path.
    public var explanation: String

    /// Says what is wrong.
    public init(_ explanation: String) {
        self.explanation = explanation
    }
}
