// SPDX-License-Identifier: Apache-2.0

/// What `stockade check --postgres` said of Postgres.
struct PostgresReading: Equatable, Sendable {
    /// The last record of which the tables know.
    var mark: UInt64
    /// The journal's last record.
    var end: UInt64
    /// Records between them.
    var behind: UInt64
    /// Both, and how much was compared, as the check says it.
    var words: String
    /// What differs.
    var violations: [String]

    /// Why there is none where nobody asked for it.
    static let unnamed = "no Postgres was named (--postgres)"

    /// Finds it in the check's output: `postgres: up to record 5 of 7, 2 behind`, then what was compared, and
    /// `violation postgres: …` for each difference. Nil when it isn't there.
    init?(_ text: String) {
        let lines = text.split(separator: "\n")
        let start = "postgres: up to record "
        guard let line = lines.first(where: { $0.hasPrefix(start) }) else { return nil }
        let numbers = line.dropFirst(start.count).split(whereSeparator: { !$0.isNumber })
        guard numbers.count >= 3, let mark = UInt64(numbers[0]), let end = UInt64(numbers[1]),
            let behind = UInt64(numbers[2])
        else { return nil }
        self.mark = mark
        self.end = end
        self.behind = behind
        words = String(line.dropFirst("postgres: ".count))
        violations = lines.filter { $0.hasPrefix("violation postgres") }.map(String.init)
    }
}
