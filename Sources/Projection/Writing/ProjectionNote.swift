// SPDX-License-Identifier: Apache-2.0

/// What the writer wants somebody to know.
public struct ProjectionNote: Sendable, Equatable {
    /// How much it matters.
    public enum Level: Sendable {
        /// All is well.
        case information
        /// The tables are late, and it is tried again.
        case warning
        /// Somebody must do something.
        case alarm
    }

    /// How much it matters.
    public var level: Level
    /// What is the matter.
    public var text: String

    init(_ level: Level, _ text: String) {
        self.level = level
        self.text = text
    }
}
