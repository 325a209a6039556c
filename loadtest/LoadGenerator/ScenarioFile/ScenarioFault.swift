// SPDX-License-Identifier: Apache-2.0

/// A fault in a scenario: where it is, what is wrong, and what to write instead.
public struct ScenarioFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file as it was named; `--set PATH` for an override.
    public var file: String
    /// From 1.
    public var line: Int
    /// From 1, in Unicode scalars.
    public var column: Int
    /// What is wrong, and what would be right.
    public var text: String

    /// Names the parts.
    public init(file: String, line: Int, column: Int, text: String) {
        self.file = file
        self.line = line
        self.column = column
        self.text = text
    }

    /// `file:line:column: text`.
    public var description: String { "\(file):\(line):\(column): \(text)" }
}

/// All faults that were found, in the order of the file.
public struct ScenarioFaults: Error, Sendable, CustomStringConvertible {
    /// Faults that are told at most: whoever has more mends these first.
    public static let countMax = 20

    /// Never empty, at most `countMax`.
    public var faults: [ScenarioFault]

    /// Names them.
    public init(faults: [ScenarioFault]) {
        self.faults = faults
    }

    /// One per line.
    public var description: String { faults.map(\.description).joined(separator: "\n") }
}

/// Why there is no scenario.
public enum ScenarioFailure: Error, Sendable {
    /// The file can't be read: the kernel's reason.
    case unreadable(String)
    /// It was read, and isn't a scenario.
    case faulty(ScenarioFaults)
}
