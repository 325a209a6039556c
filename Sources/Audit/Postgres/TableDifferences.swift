// SPDX-License-Identifier: Apache-2.0

/// What differs: the first ones of each table with their sentences, and the number of all.
struct TableDifferences {
    private(set) var kept: [Violation] = []
    private(set) var count = 0
    /// By table.
    private var counts: [String: Int] = [:]

    /// Adds one. One wrong row has many consequences; a person reads the first of each table.
    mutating func add(_ table: String, at sequence: UInt64 = 0, _ explanation: String) {
        count += 1
        counts[table, default: 0] += 1
        guard counts[table, default: 0] <= AuditLimits.differencesKeptMax else { return }
        kept.append(
            Violation(rule: .postgres, sequence: sequence, explanation: "\(table): \(explanation)"))
    }

    /// Counts some without a sentence.
    mutating func count(_ table: String, _ more: Int) {
        count += more
        counts[table, default: 0] += more
    }

    /// Whether the sentence of the next one is kept.
    func isKeeping(_ table: String) -> Bool {
        counts[table, default: 0] < AuditLimits.differencesKeptMax
    }
}
