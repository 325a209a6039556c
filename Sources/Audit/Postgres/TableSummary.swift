// SPDX-License-Identifier: Apache-2.0

/// How far the tables are, and how much of them was compared.
public struct TableSummary: Sendable {
    /// The record that the tables say they stand at.
    public var appliedSequence: UInt64 = 0
    /// The journal's last record.
    public var lastSequence: UInt64 = 0
    /// Rows that were compared, of all tables.
    public var rowCount: UInt64 = 0
    /// Whether they are this journal's; if not, nothing was compared.
    public var isOurs = false
    /// What differs.
    public var differences = 0

    /// For people.
    public var line: String {
        guard isOurs else { return "postgres: another journal's tables; nothing compared" }
        let behind = lastSequence > appliedSequence ? lastSequence - appliedSequence : 0
        return "postgres: up to record \(appliedSequence) of \(lastSequence), \(behind) behind; "
            + "\(rowCount) rows compared"
    }
}
