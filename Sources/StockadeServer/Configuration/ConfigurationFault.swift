// SPDX-License-Identifier: Apache-2.0

/// Something wrong in a configuration: where, what, and what to write instead.
public struct ConfigurationFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// `file:line:column`, or the name of an environment variable or a flag.
    public var place: String
    /// What is wrong, and what would be right.
    public var text: String

    /// `place: text`.
    public var description: String { "\(place): \(text)" }
}

/// Everything wrong in a configuration, in the order of the file; never empty.
public struct ConfigurationFaults: Error, Sendable {
    /// What is told at most: whoever has more mends these first.
    public static let countMax = 20

    /// At most `countMax`.
    public var faults: [ConfigurationFault]

    init(_ faults: [ConfigurationFault]) {
        self.faults = Array(faults.prefix(ConfigurationFaults.countMax))
    }

    init(_ place: String, _ text: String) {
        faults = [ConfigurationFault(place: place, text: text)]
    }
}
