// SPDX-License-Identifier: Apache-2.0

internal import Effects
internal import Journal
internal import Primitives
internal import Projection
internal import ReservationCore
internal import StockadeAPI
internal import Synchronization
internal import Transport

/// `/status.json`: what the status page draws.
enum StatusJSON {
    /// SKUs on the page.
    static let hotMax = 8
    /// Reasons for refusals of the last second.
    static let refusalsMax = 8

    static func make(
        _ life: ServerLife, _ history: StatusHistory, isReady: Bool,
        _ configuration: ServerConfiguration
    ) -> String {
        let parts = life.parts
        var json = JSONText()
        json.beginObject()
        json.member("version", ServerVersion.text)
        json.member("listen", configuration.listen.description)
        json.member("mode", configuration.mode.rawValue)
        json.member("phase", life.phase.name)
        json.member("ready", isReady)
        json.member("now_ms", TurnTime.fromSystem().wallMilliseconds)
        json.member("loops", configuration.loops)
        json.beginArray("problems")
        for check in Readiness.checks(life, now: { 0 }) {
            if let problem = check.problem { json.element("\(check.name): \(problem)") }
        }
        json.endArray()
        let seconds = history.all
        json.beginArray("warnings")
        let full = FullTables(life, seconds)
        for warning in full.warnings { json.element(warning) }
        json.endArray()
        json.beginArray("used_up")
        for sentence in full.usedUp { json.element(sentence) }
        json.endArray()
        json.beginArray("refusals")
        for refusal in seconds.last?.refusals.prefix(refusalsMax) ?? [] {
            json.beginObject()
            json.member("reason", "\(refusal.reason.name)")
            json.member("per_second", rounded(refusal.perSecond))
            json.endObject()
        }
        json.endArray()
        if let loops = parts.loops { write(loops, into: &json) }
        if let journal = parts.journal { write(journal, life, into: &json) }
        if let postgres = parts.postgres { write(postgres, into: &json) }
        write(seconds, into: &json)
        json.endObject()
        return json.text
    }

    private static func write(_ loops: ServerParts.Loops, into json: inout JSONText) {
        json.member("connections", loops.controls.reduce(0) { $0 + $1.connectionCount })
        let use = loops.core.tableUse()
        json.beginArray("tables")
        for (name, table) in [
            ("accounts", use.accounts), ("codes", use.codes), ("holds", use.holds),
            ("ids", use.ids),
        ] {
            json.beginObject()
            json.member("name", name)
            json.member("now", table.now)
            json.member("max", table.max)
            json.endObject()
        }
        json.endArray()
        json.beginArray("hot")
        for stock in hottest(loops) {
            json.beginObject()
            json.member("brand", stock.brand)
            json.member("sku", stock.sku)
            json.member("warehouse", stock.warehouse)
            json.member("on_hand", stock.figures.onHand)
            json.member("held", stock.figures.held)
            json.member("allocated", stock.figures.allocated)
            json.member("available", stock.figures.available)
            json.member("weight", stock.weight)
            json.endObject()
        }
        json.endArray()
    }

    /// The accounts with most of the recent grants over all loops.
    static func hottest(_ loops: ServerParts.Loops) -> [HotStock] {
        var weights: [UInt32: UInt64] = [:]
        for service in loops.services {
            for hot in service.hotAccounts { weights[hot.account, default: 0] += hot.weight }
        }
        let ranked = weights.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return ranked.prefix(hotMax).compactMap { account, weight in
            guard var stock = loops.core.hotStock(account) else { return nil }
            stock.weight = weight
            return stock
        }
    }

    private static func write(
        _ journal: ServerParts.Journal, _ life: ServerLife, into json: inout JSONText
    ) {
        json.beginObject("journal")
        json.member("state", life.journalState?.name ?? "")
        json.member("durable_sequence", journal.durable.current)
        json.member("used_bytes", journal.queue.usedByteCount)
        json.member("set_aside_bytes", journal.queue.setAsideByteCount)
        json.member("limit_bytes", journal.queue.byteCountMax)
        json.member("queue_bytes", journal.queue.takenByteCount)
        json.member("queue_limit_bytes", CommitQueue.capacity)
        json.member("longest_write_s", Double(journal.tally.writeNanosecondsMax) / 1e9)
        json.endObject()
    }

    private static func write(_ postgres: ProjectionStatus, into json: inout JSONText) {
        json.beginObject("postgres")
        json.member("phase", "\(postgres.phase.load(ordering: .relaxed))")
        json.member("applied_sequence", postgres.appliedSequence.load(ordering: .relaxed))
        json.member("dead_letters", postgres.deadLetters.load(ordering: .relaxed))
        json.member(
            "outage_budget_s", postgres.outageBudgetSeconds.load(ordering: .relaxed))
        json.endObject()
    }

    private static func write(_ seconds: [StatusSecond], into json: inout JSONText) {
        json.beginObject("history")
        func column(_ name: String, _ value: (StatusSecond) -> Double?) {
            json.beginArray(name)
            for second in seconds { json.element(value(second).map { rounded($0) }) }
            json.endArray()
        }
        column("ms") { Double($0.wallMilliseconds) }
        column("calls") { $0.calls }
        column("ok") { $0.fine }
        column("sold_out") { $0.soldOut }
        column("refused") { $0.refused }
        column("faults") { $0.faults }
        column("p50") { $0.median }
        column("p99") { $0.p99 }
        column("holds") { Double($0.holds) }
        column("blocks") { $0.blocks }
        column("records") { $0.records }
        column("write") { $0.write }
        column("lag_sequences") { Double($0.lagSequences) }
        column("lag_seconds") { $0.lagSeconds }
        json.endObject()
    }

    /// Six digits behind the point: a microsecond.
    private static func rounded(_ value: Double) -> Double { (value * 1e6).rounded() / 1e6 }
}
