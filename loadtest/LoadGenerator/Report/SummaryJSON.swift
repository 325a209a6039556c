// SPDX-License-Identifier: Apache-2.0

internal import Histogram

extension RunRecord {
    /// `summary.json`: everything but the raw histograms and the seconds. Names are stable within a
    /// `schema_version`; times are in the unit that a name ends with. A percentile beyond which fewer
    /// than ten calls lie is `null`.
    public func summaryJSON() -> String {
        JSONTree.object([
            ("schema_version", .integer(1)),
            ("verdict", .string(ending.verdict)),
            ("exit_code", .integer(Int64(ending.exitCode))),
            ("reasons", .array(ending.reasons.map { .string($0) })),
            ("name", .string(name)),
            ("run_id", .string(runID)),
            ("seed", .unsigned(seed)),
            ("brand", .string(brand)),
            ("target", .string(target)),
            ("start_unix_ms", .integer(startUnixMilliseconds)),
            ("duration_s", .number(seconds)),
            ("stampede_version", .string(version)),
            ("command_line", .array(commandLine.map { .string($0) })),
            ("journal_checked", .flag(journalChecked)),
            ("checks", .array(checks.map(Self.tree))),
            ("postgres", postgres.map(Self.tree) ?? .null),
            ("faults_left_out", .array(faultsLeftOut.map { .string($0) })),
            ("validity", validityTree),
            ("objectives", .array(objectives.map(Self.tree))),
            ("journeys", journeysTree),
            ("calls", .array(calls.map(Self.tree))),
            ("all_calls", allCallsTree),
            ("stages", .array(stages.map(Self.tree))),
            ("statuses", statusesTree),
            ("generator_lag_us", Self.tree(lag)),
            ("stream_wait_us", Self.tree(wait)),
            ("stock", .array(burnDown.map(Self.tree))),
            ("flash_units", .integer(flashUnits)),
            ("flash_units_sold", flashUnitsSold.map { .integer($0) } ?? .null),
            ("events", .array(events.map(Self.tree))),
            (
                "environment",
                .array(
                    environment.map {
                        .object([("name", .string($0.name)), ("value", .string($0.text))])
                    })
            ),
        ]).text
    }

    private var validityTree: JSONTree {
        .object([
            ("verdict", .string(validity.verdict.rawValue)),
            (
                "findings",
                .array(
                    validity.findings.map { finding in
                        .object([
                            ("name", .string(finding.name)),
                            ("verdict", .string(finding.verdict.rawValue)),
                            ("text", .string(finding.text)),
                        ])
                    })
            ),
        ])
    }

    private var journeysTree: JSONTree {
        .object([
            ("offered", .count(journeys.offered)), ("begun", .count(journeys.begun)),
            ("completed", .count(journeys.completed)), ("refused", .count(journeys.refused)),
            ("failed", .count(journeys.failed)), ("shed", .count(journeys.shed)),
        ])
    }

    private var allCallsTree: JSONTree {
        .object([
            ("calls", .count(callCount)),
            ("ok", .count(calls.reduce(0) { $0 + $1.ok })),
            ("refused", .count(calls.reduce(0) { $0 + $1.refused })),
            ("failed", .count(failedCount)),
            ("retried", .count(calls.reduce(0) { $0 + $1.retried })),
            ("response_us", Self.tree(response)), ("service_us", Self.tree(service)),
        ])
    }

    private var statusesTree: JSONTree {
        .object(
            zip(ReportNames.statuses, statuses).filter { $0.1 > 0 }.map { name, count in
                (name == "no answer" ? "NO_ANSWER" : name, .count(count))
            })
    }

    private static func tree(_ call: CallRecord) -> JSONTree {
        .object([
            ("call", .string(call.kind.name)), ("calls", .count(call.count)),
            ("ok", .count(call.ok)), ("refused", .count(call.refused)),
            ("failed", .count(call.failed)), ("retried", .count(call.retried)),
            ("replays", .count(call.replays)),
            (
                "reasons",
                .array(
                    call.reasons.map {
                        .object([("name", .string($0.name)), ("count", .count($0.count))])
                    })
            ),
            ("response_us", tree(call.response)), ("service_us", tree(call.service)),
        ])
    }

    private static func tree(_ stage: StageRecord) -> JSONTree {
        .object([
            ("name", .string(stage.name)), ("begin_s", .number(stage.begin)),
            ("duration_s", .number(stage.seconds)), ("measured", .flag(stage.isMeasured)),
            ("journeys_offered", .count(stage.offered)), ("journeys_begun", .count(stage.begun)),
            ("response_us", tree(stage.response)),
        ])
    }

    private static func tree(_ latency: Latency) -> JSONTree {
        func quantile(_ percentile: Double) -> JSONTree {
            Quantile.value(latency, percentile).map { .unsigned($0) } ?? .null
        }
        return .object([
            ("count", .unsigned(latency.totalCount)),
            ("mean", latency.totalCount == 0 ? .null : .number(latency.mean)),
            ("p50", quantile(50)), ("p90", quantile(90)), ("p95", quantile(95)),
            ("p99", quantile(99)), ("p999", quantile(99.9)), ("p9999", quantile(99.99)),
            ("max", quantile(100)),
        ])
    }

    private static func tree(_ check: CheckResult) -> JSONTree {
        var note = JSONTree.null
        if case .notChecked(let why) = check.outcome { note = .string(why) }
        return .object([
            ("name", .string(check.name.rawValue)), ("level", .string(check.level.rawValue)),
            ("outcome", .string(check.outcomeName)), ("why_not_checked", note),
            ("count", .integer(check.count)), ("extent", .string(check.extent)),
            ("counterexamples", .array(check.counterexamples.map { .string($0) })),
        ])
    }

    private static func tree(_ postgres: PostgresRecord) -> JSONTree {
        .object([
            ("compared_up_to_record", .unsigned(postgres.mark)),
            ("last_record", .unsigned(postgres.end)),
            ("behind", .unsigned(postgres.behind)),
            ("behind_when_server_ended", .unsigned(postgres.behindAtServerEnd)),
            ("catch_up_s", .number(postgres.catchUpSeconds)),
            ("check", .string(postgres.words)), ("own", .flag(postgres.isOwn)),
        ])
    }

    private static func tree(_ result: ObjectiveResult) -> JSONTree {
        .object([
            ("objective", .string(result.objective.text)), ("kept", .flag(result.isKept)),
            ("figure", result.figure.map { .number($0) } ?? .null),
            ("comparison", .string(result.objective.comparison.rawValue)),
            ("bound", .number(result.objective.bound)),
            ("unit", .string(result.objective.metric.unitName)),
            ("margin_share", result.margin.map { .number($0) } ?? .null),
        ])
    }

    private static func tree(_ stock: BurnDown) -> JSONTree {
        let last = stock.points.last
        return .object([
            ("sku", .string(stock.sku)), ("units", .integer(stock.units)),
            ("sold_out_s", stock.soldOutSeconds.map { .number($0) } ?? .null),
            ("available", last.map { .integer($0.available) } ?? .null),
            ("held", last.map { .integer($0.held) } ?? .null),
            ("allocated", last.map { .integer($0.allocated) } ?? .null),
        ])
    }

    private static func tree(_ event: RunEvent) -> JSONTree {
        .object([
            ("at_s", .number(event.seconds)), ("kind", .string(event.kind)),
            ("text", .string(event.text)),
        ])
    }
}

extension BurnDown {
    /// When nothing was left to promise for the first time.
    var soldOutSeconds: Double? { points.first { $0.available <= 0 }?.seconds }
}
