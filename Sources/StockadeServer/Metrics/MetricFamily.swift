// SPDX-License-Identifier: Apache-2.0

/// A metric: its name, what it means, and how many series it may have.
public struct MetricFamily: Sendable {
    /// How it behaves.
    public enum Kind: String, Sendable {
        /// Only grows, until a restart.
        case counter
        /// Goes up and down.
        case gauge
        /// Counts by size.
        case histogram
    }

    /// As the text format has it; a counter's ends in `_total`.
    public let name: String
    /// How it behaves.
    public let kind: Kind
    /// What it means.
    public let help: String
    /// Names of its labels. None takes what a caller sent.
    public let labels: [String]
    /// Series at most.
    public let seriesMax: Int

    /// One series without labels.
    init(_ kind: Kind, _ name: String, _ help: String) { self.init(kind, name, [], max: 1, help) }

    init(_ kind: Kind, _ name: String, _ labels: [String], max: Int, _ help: String) {
        self.name = name
        self.kind = kind
        self.help = help
        self.labels = labels
        seriesMax = max
    }
}
