// SPDX-License-Identifier: Apache-2.0

internal import StockadeAPI

/// What has reached its bound. The server stays ready: what ends a reservation goes on, and with it
/// comes room.
enum FullTables {
    /// A sentence for each table at its bound, and for each refusal of the last second that tells of one.
    /// A table is kept in parts, so that one may refuse a little before all of it is full.
    static func warnings(_ life: ServerLife, _ last: StatusSecond?) -> [String] {
        guard let loops = life.parts.loops else { return [] }
        let use = loops.core.tableUse()
        var warnings: [String] = []
        for (name, table) in [
            ("accounts", use.accounts), ("codes", use.codes), ("holds", use.holds),
            ("ids", use.ids),
        ] where table.now >= table.max {
            warnings.append(
                "\(name) are at their bound, \(table.now): new ones are refused; see --\(name)-max")
        }
        for refusal in last?.refusals ?? [] {
            guard let remedy = remedy(refusal.reason) else { continue }
            let rate = Int(refusal.perSecond.rounded(.up))
            warnings.append("\(rate) calls a second are refused, \(refusal.reason.name); \(remedy)")
        }
        return warnings
    }

    /// What to do about a refusal for want of room; nil: it is another one.
    private static func remedy(_ reason: Reason) -> String? {
        switch reason {
        case .tooManyHolds: "see --holds-max"
        case .idTableFull: "see --ids-max and --legs-max"
        case .tableFull: "see --accounts-max, --codes-max and --legs-max"
        case .journalFull: "see --journal-max and the disk"
        default: nil
        }
    }
}
