// SPDX-License-Identifier: Apache-2.0

internal import StockadeAPI

/// What has reached its bound. The server stays ready: what ends a reservation goes on, and with it
/// comes room.
struct FullTables {
    /// How far back a refusal tells that a table refuses.
    static let secondsMax = 60

    /// A table and its bound.
    struct Use {
        var name: String
        var now: Int
        var max: Int
    }

    /// A sentence for each table at its bound that refuses, and for each refusal of the last second that
    /// tells of one. A table is kept in parts, so that one may refuse a little before all of it is full.
    private(set) var warnings: [String] = []
    /// A sentence for each table at its bound that nobody wanted more of: one that was made as large as what
    /// is in it for good is no trouble.
    private(set) var usedUp: [String] = []

    /// What is known of a server by now.
    init(_ life: ServerLife, _ history: [StatusSecond]) {
        guard let loops = life.parts.loops else {
            self.init([], [])
            return
        }
        let use = loops.core.tableUse()
        self.init(
            [
                Use(name: "accounts", now: use.accounts.now, max: use.accounts.max),
                Use(name: "codes", now: use.codes.now, max: use.codes.max),
                Use(name: "holds", now: use.holds.now, max: use.holds.max),
                Use(name: "ids", now: use.ids.now, max: use.ids.max),
            ], history.suffix(FullTables.secondsMax).map(\.refusals))
    }

    /// Judges tables by what was refused second by second, the last second last.
    init(_ tables: [Use], _ refusals: [[(reason: Reason, perSecond: Double)]]) {
        let refused = Set(refusals.joined().map(\.reason))
        for table in tables where table.now >= table.max {
            if refused.contains(FullTables.reason(of: table.name)) {
                warnings.append(
                    "\(table.name): all \(table.max) are taken, and new ones are refused; see "
                        + "--\(table.name)-max")
            } else {
                usedUp.append(
                    "\(table.name): all \(table.max) are taken, and in the last minute nothing was "
                        + "refused for it; a new one would be, see --\(table.name)-max")
            }
        }
        for refusal in refusals.last ?? [] {
            guard let remedy = FullTables.remedy(refusal.reason) else { continue }
            let rate = Int(refusal.perSecond.rounded(.up))
            warnings.append("\(rate) calls a second are refused, \(refusal.reason.name); \(remedy)")
        }
    }

    /// How what a table has no room for is refused.
    private static func reason(of table: String) -> Reason {
        switch table {
        case "holds": .tooManyHolds
        case "ids": .idTableFull
        default: .tableFull
        }
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
