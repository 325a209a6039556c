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
                + list([.reserve, .createOrder], counts.acknowledged, and: " and ")
        case .conservation:
            return Text.count(input.skus, "account") + ", "
                + Text.count(stock.heldUnits, "unit") + " held, "
                + Text.count(stock.orderedUnits, "unit") + " sold"
                + (stock.cancelledUnits > 0
                    ? ", " + Text.count(stock.cancelledUnits, "unit") + " cancelled" : "")
        case .lost:
            return list(CallKind.allCases, counts.acknowledged, and: ", ") + " acknowledged"
        case .phantom:
            return Text.count(counts.holds, "hold") + " and " + Text.count(counts.orders, "order")
                + " against " + Text.count(rowCount, "row") + " of the ledger"
        case .duplicate:
            return Text.count(counts.calls, "call") + ", "
                + Text.count(counts.retried) + " retried, "
                + Text.count(counts.again) + " sent again on purpose"
        case .unknown:
            let parts = CallKind.allCases.filter { counts.unknown[Int($0.rawValue)] > 0 }.map {
                let kind = Int($0.rawValue)
                return Text.count(counts.unknown[kind], OracleReport.noun($0))
                    + (hasDump ? " (\(Text.count(counts.applied[kind])) took effect)" : "")
            }
            if parts.isEmpty { return "every call had an answer" }
            return parts.joined(separator: ", ") + " without an answer"
        case .expiry: return Text.count(counts.expired, "hold") + " expired"
        case .race: return Text.count(counts.races, "race")
        case .undersold:
            return Text.count(counts.shortRefusals, "refusal") + " for want of stock, "
                + Text.count(input.flash, "flash SKU")
        case .postgres: return input.postgres?.words ?? ""
        }
    }

    /// Counts of some kinds of calls; orders and cancellations only if there are any.
    private func list(_ kinds: [CallKind], _ counts: [Int], and joint: String) -> String {
        kinds.filter { kind in
            switch kind {
            case .getStock: false
            case .reserve, .confirm, .release: true
            case .createOrder, .cancelOrder: counts[Int(kind.rawValue)] > 0
            }
        }.map { OracleText.count(counts[Int($0.rawValue)], OracleReport.noun($0)) }
            .joined(separator: joint)
    }

    private static func noun(_ kind: CallKind) -> String {
        switch kind {
        case .getStock: "reading"
        case .reserve: "reservation"
        case .confirm: "confirmation"
        case .release: "release"
        case .createOrder: "order"
        case .cancelOrder: "cancellation"
        }
    }
}
