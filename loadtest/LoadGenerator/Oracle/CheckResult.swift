// SPDX-License-Identifier: Apache-2.0

/// What became of one check.
public struct CheckResult: Equatable, Sendable {
    /// How it ended.
    public enum Outcome: Equatable, Sendable {
        /// It was looked at, all of it, and holds.
        case passed
        /// It is broken.
        case failed
        /// It wasn't looked at, or not wholly; why.
        case notChecked(String)
    }

    /// Which one.
    public var name: CheckName
    /// What a failure of it means.
    public var level: CheckLevel
    /// How it ended.
    public var outcome: Outcome
    /// How often it is broken, in units or rows.
    public var count: Int64 = 0
    /// What was looked at, in words: `20,000 reservations, 1,000 units`.
    public var extent = ""
    /// Some of the cases that break it, each with the call's ids and times.
    public var counterexamples: [String] = []

    /// Counterexamples kept of each check.
    public static let counterexamplesMax = 5

    /// Names what it can't do without.
    public init(_ name: CheckName, level: CheckLevel, outcome: Outcome) {
        self.name = name
        self.level = level
        self.outcome = outcome
    }

    /// Whether the run fails by it.
    public var breaksRun: Bool { outcome == .failed && level == .fail }
}
