// SPDX-License-Identifier: Apache-2.0

internal import Histogram

extension RunRecord {
    /// The end of a run on the terminal: the verdict first, then why. Without `colour` it is ASCII
    /// without codes.
    public func verdictText(colour: Bool) -> String {
        var page = VerdictPage(colour: colour)
        page.head(self)
        page.events(self)
        page.checks(self)
        page.validity(self)
        page.objectives(self)
        page.calls(self)
        return page.text
    }
}

/// The lines of a verdict, part by part.
private struct VerdictPage {
    /// Answers other than OK that are named of each kind of call.
    private static let answersMax = 5
    /// Events that have a line; the report has all of them.
    private static let eventsMax = 20
    private let paint: Paint
    private var lines: [String] = []

    init(colour: Bool) { paint = Paint(isOn: colour) }

    var text: String {
        let text = lines.joined(separator: "\n") + "\n"
        return paint.isOn ? text : EscapedText.ascii(text)
    }

    private func plain(_ text: String) -> String { EscapedText.plain(text) }

    private mutating func title(_ text: String) {
        lines.append("")
        lines.append(paint.bold(text))
    }

    mutating func head(_ record: RunRecord) {
        let line =
            "\(plain(record.verdictLine))  \(plain(record.name)): \(plain(record.decisiveReason))"
        let colour: Paint.Colour =
            switch record.ending.verdict {
            case "PASS": .green
            case "FAIL", "ERROR": .red
            default: .yellow
            }
        lines.append(paint.bold(paint.in(colour, line)))
        for reason in record.ending.reasons.dropFirst() { lines.append("  and " + plain(reason)) }
        let code = record.ending.exitCode
        lines.append("  exit code \(code): \(ReportNames.exitCode(code))")
        lines.append(
            "  run \(plain(record.runID)), \(plain(record.target)), "
                + "\(FigureText.seconds(record.seconds)), "
                + "\(FigureText.instant(unixMilliseconds: record.startUnixMilliseconds)), "
                + "seed \(record.seed)")
    }

    mutating func events(_ record: RunRecord) {
        guard !record.events.isEmpty else { return }
        title("What happened")
        let shown = record.events.prefix(VerdictPage.eventsMax)
        let width = shown.map { FigureText.seconds($0.seconds).count }.max() ?? 0
        for event in shown {
            let time = TextTable.right(FigureText.seconds(event.seconds), width)
            lines.append("  \(time)  \(plain(event.text))")
        }
        let rest = record.events.count - shown.count
        if rest > 0 { lines.append("  and \(FigureText.grouped(rest)) more, in the report") }
    }

    mutating func checks(_ record: RunRecord) {
        title("Was the sale right?" + (record.journalChecked ? "" : "  client side only"))
        let width = record.checks.map { $0.name.rawValue.count }.max() ?? 0
        for check in record.checks {
            let name = TextTable.left(check.name.rawValue, width)
            switch check.outcome {
            case .passed:
                lines.append(
                    "  \(paint.good)  \(name)  \(FigureText.grouped(check.count))"
                        + (check.extent.isEmpty ? "" : " in \(plain(check.extent))"))
            case .failed:
                let glyph = check.level == .fail ? paint.bad : paint.warning
                lines.append(
                    "  \(glyph)  \(name)  \(paint.bold(FigureText.grouped(check.count)))"
                        + (check.extent.isEmpty ? "" : " in \(plain(check.extent))")
                        + "; broken: \(check.name.claim)")
                for example in check.counterexamples.prefix(CheckResult.counterexamplesMax) {
                    lines.append("          " + plain(example))
                }
            case .notChecked(let why):
                lines.append("  \(paint.unknown)  \(name)  not checked: \(plain(why))")
            }
        }
        if record.checks.isEmpty { lines.append("  \(paint.unknown)  nothing was checked") }
    }

    mutating func validity(_ record: RunRecord) {
        let findings = record.validity.findings
        let notable = findings.filter { $0.verdict != .valid }.sorted { $0.verdict > $1.verdict }
        title("Can the figures be believed?")
        let glyph =
            switch record.validity.verdict {
            case .valid: paint.good
            case .degraded: paint.warning
            case .invalid: paint.bad
            }
        let summary =
            findings.isEmpty
            ? "nothing was asked"
            : "\(findings.count - notable.count) of \(findings.count) in order"
        lines.append("  \(glyph)  \(record.validity.verdict.rawValue)  \(summary)")
        for finding in notable {
            let glyph = finding.verdict == .invalid ? paint.bad : paint.warning
            lines.append("  \(glyph)  \(plain(finding.name)): \(plain(finding.text))")
        }
    }

    mutating func objectives(_ record: RunRecord) {
        guard !record.objectives.isEmpty else { return }
        title("Objectives")
        let width = record.objectives.map { TextWidth.of(plain($0.objective.text)) }.max() ?? 0
        for result in record.objectives {
            let glyph =
                result.isKept ? paint.good : result.figure == nil ? paint.unknown : paint.bad
            let margin = result.marginText.isEmpty ? "" : ", " + result.marginText
            lines.append(
                "  \(glyph)  \(TextTable.left(plain(result.objective.text), width))  "
                    + "\(result.figureText)\(margin)")
        }
    }

    mutating func calls(_ record: RunRecord) {
        title("Calls")
        var counts = TextTable(["", "calls", "ok", "refused", "failed", "retried"])
        for call in record.calls {
            counts.add(
                [call.kind.name]
                    + [call.count, call.ok, call.refused, call.failed, call.retried].map {
                        FigureText.grouped($0)
                    })
        }
        lines += counts.lines(indent: "  ")
        for call in record.calls {
            for answer in call.otherAnswers.prefix(VerdictPage.answersMax) {
                lines.append(
                    "  \(call.kind.name): \(FigureText.grouped(answer.count)) × \(plain(answer.name))"
                )
            }
        }
        title("Response from when a call was due, service from when it was written")
        let quantiles = [50, 90, 99, 99.9, 100]
        var times = TextTable(["", "p50", "p90", "p99", "p99.9", "max", "service p50", "p99"])
        for call in record.calls {
            times.add(
                [call.kind.name] + quantiles.map { Quantile.text(call.response, $0) }
                    + [50, 99].map { Quantile.text(call.service, $0) })
        }
        lines += times.lines(indent: "  ")
        let isShort = record.calls.contains { call in
            quantiles.contains { Quantile.value(call.response, $0) == nil }
        }
        if isShort { lines.append("  n/a: fewer than ten calls beyond that percentile") }
        let journeys = record.journeys
        title("Journeys")
        let ends = [
            ("offered", journeys.offered), ("begun", journeys.begun),
            ("completed", journeys.completed), ("refused", journeys.refused),
            ("failed", journeys.failed), ("shed", journeys.shed),
        ]
        lines.append(
            "  " + ends.map { "\(FigureText.grouped($0.1)) \($0.0)" }.joined(separator: ", "))
    }
}
