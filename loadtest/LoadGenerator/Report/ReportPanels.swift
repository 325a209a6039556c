// SPDX-License-Identifier: Apache-2.0

/// The findings of a report: what was checked, believed and promised.
extension RunRecord {
    /// A glyph, and the same in words; colour comes on top.
    private static func badge(_ style: String, _ words: String) -> HTMLTable.Cell {
        let glyph =
            switch style {
            case "good": "✓"
            case "bad": "✗"
            case "doubt": "!"
            default: "–"
            }
        return .markup(
            "<span class=\"badge \(style)\"><span aria-hidden=\"true\">\(glyph)</span> "
                + "\(EscapedText.html(words))</span>")
    }

    var checksPanel: String {
        guard !checks.isEmpty else { return "<p>Nothing was checked.</p>\n" }
        var table = HTMLTable(
            journalChecked
                ? "Every call's answer, joined with the server's journal"
                : "Client side only: the journal was not joined with the ledger",
            ["Check", "Outcome", "What must hold", "Looked at", "Broken"], narrow: .stacks)
        for check in checks {
            let badge: HTMLTable.Cell
            var extent = check.extent
            var broken = HTMLTable.Cell.figure(FigureText.grouped(check.count))
            switch check.outcome {
            case .passed: badge = Self.badge("good", "holds")
            case .failed:
                badge =
                    check.level == .fail
                    ? Self.badge("bad", "broken")
                    : Self.badge("doubt", "broken (warning)")
            case .notChecked(let why):
                badge = Self.badge("unknown", "not checked")
                extent = why
                broken = .figure("–")
            }
            table.add(
                check.name.rawValue, [badge, .text(check.name.claim), .text(extent), broken])
            if !check.counterexamples.isEmpty { table.addBelow(Self.details(check)) }
        }
        return table.html + (postgres?.table.html ?? "")
    }

    private static func details(_ check: CheckResult) -> String {
        let shown = check.counterexamples.prefix(CheckResult.counterexamplesMax)
        var examples = ""
        for example in shown {
            examples += "<li><code>\(EscapedText.html(example))</code></li>"
        }
        return "<details open><summary>\(shown.count) of \(FigureText.grouped(check.count)) cases"
            + "</summary><ol>\(examples)</ol></details>"
    }

    var validityPanel: String {
        func style(_ verdict: Validity.Verdict) -> String {
            switch verdict {
            case .valid: "good"
            case .degraded: "doubt"
            case .invalid: "bad"
            }
        }
        var table = HTMLTable(
            "The measurement is \(validity.verdict.rawValue); the worst finding decides",
            ["Question", "Finding", "Figure and bound"], narrow: .stacks)
        let findings = validity.findings.enumerated().sorted {
            ($1.element.verdict, $0.offset) < ($0.element.verdict, $1.offset)
        }
        for (_, finding) in findings {
            table.add(
                finding.name,
                [
                    Self.badge(style(finding.verdict), finding.verdict.rawValue),
                    .text(finding.text),
                ])
        }
        return findings.isEmpty ? "<p>Nothing was asked.</p>\n" : table.html
    }

    var objectivesPanel: String {
        guard !objectives.isEmpty else { return "<p>The scenario sets none.</p>\n" }
        var table = HTMLTable(
            "Bounds beside what was measured",
            ["Objective", "Outcome", "Measured", "Margin"], narrow: .stacks)
        for result in objectives {
            table.add(
                result.objective.text,
                [
                    result.isKept
                        ? Self.badge("good", "kept")
                        : result.figure == nil
                            ? Self.badge("unknown", "can't say") : Self.badge("bad", "missed"),
                    .figure(result.figureText), .figure(result.marginText),
                ])
        }
        return table.html
    }

    var repeatPanel: String {
        var table = HTMLTable("Where it ran", ["What", "Value"], narrow: .stacks)
        for fact in environment { table.add(fact.name, [.text(fact.text)]) }
        let words = commandLine.map { Self.shellWord($0) }.joined(separator: " ")
        return """
            \(environment.isEmpty ? "" : table.html)<h3>Once more</h3>
            <p>The same scenario, seed and run id give the same calls at the same times. The scenario \
            as it was resolved is <code>scenario.lock.yaml</code> beside this file.</p>
            <pre tabindex="0"><code>\(EscapedText.html(words, limit: 4_000))</code></pre>
            <p>Seed <code>\(seed)</code>, run id <code>\(EscapedText.html(runID, limit: 64))</code>, \
            brand <code>\(EscapedText.html(brand, limit: 100))</code>.</p>

            """
    }

    /// As a shell reads it back.
    private static func shellWord(_ word: String) -> String {
        let harmless = word.unicodeScalars.allSatisfy { scalar in
            scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                || "-_./:=,+%@".unicodeScalars.contains(scalar)
        }
        if harmless, !word.isEmpty { return word }
        var quoted = "'"
        for scalar in word.unicodeScalars {
            if scalar == "'" { quoted += "'\\'" }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "'"
    }
}
