// SPDX-License-Identifier: Apache-2.0

/// The first violations with their sentences, and the number of all.
struct ViolationList: Sendable {
    /// The first ones, at most `AuditLimits.violationsKeptMax`.
    private(set) var kept: [Violation] = []
    /// All of them.
    private(set) var count = 0

    /// Adds one, or only counts it.
    mutating func add(_ rule: Violation.Rule, at sequence: UInt64, _ explanation: String) {
        count += 1
        guard kept.count < AuditLimits.violationsKeptMax else { return }
        kept.append(Violation(rule: rule, sequence: sequence, explanation: explanation))
    }
}
