// SPDX-License-Identifier: Apache-2.0

internal import Histogram

extension RunRecord {
    /// `report.html`: one file that asks nothing of the network and runs no script, of at most 400 KB
    /// however long the run was.
    public func reportHTML() -> String {
        let title =
            "\(EscapedText.html(ending.verdict)): \(EscapedText.html(name, limit: 100)), stampede"
        var charts = rateChart().html + latencyChart().html + percentileChart().html
        if !burnDown.isEmpty { charts += burnDownChart().html + stockChart().html }
        charts += flightChart().html
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" \
            content="default-src 'none'; style-src 'unsafe-inline'">
            <meta name="color-scheme" content="light dark">
            <title>\(title)</title>
            <style>
            \(ReportStyle.sheet)</style>
            </head>
            <body>
            <a class="skip" href="#main">Skip to the findings</a>
            \(banner)\(navigation)<main id="main">
            \(keyFigures)<section id="correct"><h2>Was the sale right?</h2>
            \(checksPanel)</section>
            <section id="validity"><h2>Can the figures be believed?</h2>
            \(validityPanel)</section>
            <section id="objectives"><h2>Objectives</h2>
            \(objectivesPanel)</section>
            <section id="charts"><h2>Charts</h2>
            \(charts)</section>
            <section id="calls"><h2>Calls</h2>
            \(callTables)</section>
            <section id="time"><h2>Where the time went</h2>
            \(splitTable)</section>
            <section id="stages"><h2>Stages, stock and events</h2>
            \(stageTables)</section>
            <section id="repeat"><h2>Environment, and how to repeat the run</h2>
            \(repeatPanel)</section>
            </main>
            <footer>stampede \(EscapedText.html(version)), run \(EscapedText.html(runID)). \
            Beside this file: summary.json, timeseries.csv, latency percentiles (.hgrm).</footer>
            </body>
            </html>

            """
    }

    private var banner: String {
        let style =
            switch ending.verdict {
            case "PASS": "good"
            case "FAIL", "ERROR": "bad"
            default: "doubt"
            }
        let glyph = style == "good" ? "✓" : style == "bad" ? "✗" : "!"
        var facts = ""
        for (term, text) in [
            ("Run", runID), ("Target", target), ("Brand", brand),
            ("Started", FigureText.instant(unixMilliseconds: startUnixMilliseconds)),
            ("Lasted", FigureText.seconds(seconds)), ("Seed", String(seed)),
        ] {
            facts += "<div><dt>\(term)</dt><dd>\(EscapedText.html(text, limit: 200))</dd></div>"
        }
        var others = ""
        for reason in ending.reasons.dropFirst().prefix(20) {
            others += "<li>\(EscapedText.html(reason))</li>"
        }
        if !others.isEmpty { others = "<ul>\(others)</ul>\n" }
        return """
            <header class="\(style)">
            <p class="verdict"><span aria-hidden="true">\(glyph)</span> \
            \(EscapedText.html(verdictLine))</p>
            <h1>\(EscapedText.html(name, limit: 200))</h1>
            <p class="reason">\(EscapedText.html(decisiveReason))</p>
            \(others)<p class="code">Exit code \(ending.exitCode): \
            \(EscapedText.html(ReportNames.exitCode(ending.exitCode)))</p>
            <dl>\(facts)</dl>
            </header>

            """
    }

    private var navigation: String {
        var links = ""
        for (anchor, text) in [
            ("correct", "Checks"), ("validity", "Validity"), ("objectives", "Objectives"),
            ("charts", "Charts"), ("calls", "Calls"), ("time", "Time"), ("stages", "Stages"),
            ("repeat", "Repeat"),
        ] {
            links += "<li><a href=\"#\(anchor)\">\(text)</a></li>"
        }
        return "<nav aria-label=\"Sections\"><ul>\(links)</ul></nav>\n"
    }

    /// What is sold in the end; where only the server's readings are known, that they are older than it.
    private var soldTile: (figure: String, words: String)? {
        if let flashUnitsSold, flashUnits > 0 {
            return (
                FigureText.grouped(flashUnitsSold),
                "of \(FigureText.grouped(flashUnits)) flash units sold"
            )
        }
        let units = burnDown.reduce(Int64(0)) { $0 + $1.units }
        let sold = burnDown.reduce(Int64(0)) { $0 + ($1.points.last?.allocated ?? 0) }
        guard units > 0 else { return nil }
        return (
            FigureText.grouped(sold),
            "of \(FigureText.grouped(units)) flash units sold when the stages ended"
        )
    }

    private var keyFigures: String {
        let all = response
        let peak = slices.map(\.due).max() ?? 0
        let reserve = calls.first { $0.kind == .reserve }
        let head = reserve?.response ?? all
        var tiles = [
            (FigureText.count(callCount), "calls"),
            (FigureText.count(peak) + "/s", "offered at the peak"),
            (
                Quantile.text(head, 99),
                reserve == nil ? "p99 of the response" : "p99 of Reserve's response"
            ),
            (
                FigureText.percent(failedCount, of: callCount),
                "failed: \(FigureText.grouped(failedCount)) calls"
            ),
        ]
        if let sold = soldTile { tiles.append(sold) }
        if let oversold = checks.first(where: { $0.name == .oversold }) {
            let figure =
                if case .notChecked = oversold.outcome { "–" } else {
                    FigureText.grouped(oversold.count)
                }
            tiles.append((figure, figure == "–" ? "oversold: not checked" : "units oversold"))
        }
        var html = ""
        for (figure, words) in tiles {
            html += "<li><b>\(EscapedText.html(figure))</b> <span>\(words)</span></li>"
        }
        return "<ul class=\"tiles\" aria-label=\"Key figures\">\(html)</ul>\n"
    }
}
