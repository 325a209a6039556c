// SPDX-License-Identifier: Apache-2.0

/// Says of each check what came of it, and how much was looked at.
struct OracleReport {
    let input: OracleInput
    let counts: CaseJudge.Counts
    let stock: StockJudge
    let timeline: SaleTimeline
    let hasDump: Bool
    let isComplete: Bool
    let rowCount: Int

    func results(_ log: CheckLog) -> [CheckResult] {
        CheckName.allCases.map { name in
            log.result(
                name, level: input.levels[name] ?? .fail, open: gap(name),
                extent: hasDump || name == .postgres
                    ? extent(name) : "client side only: \(extent(name))")
        }
    }

    /// Why a check wasn't looked at wholly; nil: it was.
    private func gap(_ name: CheckName) -> String? {
        switch name {
        case .oversold, .duplicate, .race: return nil
        case .postgres: return input.postgresGap
        case .phantom:
            if hasDump, !isComplete { return "the ledger ends before its run" }
            return hasDump ? nil : unjoined
        case .undersold: return stock.closingGap() ?? (hasDump ? nil : unjoined)
        case .conservation, .lost, .unknown, .expiry: return hasDump ? nil : unjoined
        }
    }

    private var unjoined: String {
        let why = input.journalCheckText.split(separator: "\n").first.map(String.init)
        return "the journal wasn't joined: \(why ?? "there is no dump of it")"
    }

    private func extent(_ name: CheckName) -> String {
        typealias Text = OracleText
        switch name {
        case .oversold:
            return Text.count(input.skus, "SKU") + ", "
                + Text.count(timeline.unitsGranted, "unit") + " granted in "
                + Text.count(counts.acknowledged.reserve, "reservation")
        case .conservation:
            return Text.count(input.skus, "account") + ", "
                + Text.count(stock.heldUnits, "unit") + " held, "
                + Text.count(stock.orderedUnits, "unit") + " sold"
        case .lost:
            return Text.count(counts.acknowledged.reserve, "reservation") + ", "
                + Text.count(counts.acknowledged.confirm, "confirmation") + ", "
                + Text.count(counts.acknowledged.release, "release") + " acknowledged"
        case .phantom:
            return Text.count(counts.holds, "hold") + " and " + Text.count(counts.orders, "order")
                + " against " + Text.count(rowCount, "row") + " of the ledger"
        case .duplicate:
            return Text.count(counts.calls, "call") + ", "
                + Text.count(counts.retried) + " retried, "
                + Text.count(counts.again) + " sent again on purpose"
        case .unknown:
            let (all, done) = (counts.unknown, counts.applied)
            guard all.reserve + all.confirm + all.release > 0 else {
                return "every call had an answer"
            }
            let parts = [
                (all.reserve, done.reserve, "reservation"),
                (all.confirm, done.confirm, "confirmation"),
                (all.release, done.release, "release"),
            ]
            let what = parts.filter { $0.0 > 0 }.map {
                Text.count($0.0, $0.2) + (hasDump ? " (\(Text.count($0.1)) took effect)" : "")
            }
            return what.joined(separator: ", ") + " without an answer"
        case .expiry: return Text.count(counts.expired, "hold") + " expired"
        case .race: return Text.count(counts.races, "race")
        case .undersold:
            return Text.count(counts.shortRefusals, "refusal") + " for want of stock, "
                + Text.count(input.flash, "flash SKU")
        case .postgres: return input.postgres?.words ?? ""
        }
    }
}
