// SPDX-License-Identifier: Apache-2.0

/// What a run ends with: after the first call 4 > 1 > 5 > 6 > 3 > 0; an interrupted one ends with its signal
/// unless a check was violated or something failed.
enum EndingJudge {
    /// What happened beside the measurement.
    struct Course {
        /// Why the run couldn't come to its end.
        var failure: String?
        /// The rule that stopped it.
        var abortRule: AbortRule?
        /// The signal that did.
        var signal: Int32?
        /// Whether any of them ended it before its time.
        var isCutShort: Bool { failure != nil || abortRule != nil || signal != nil }
    }

    /// Decides.
    static func judge(_ record: RunRecord, _ course: Course) -> Ending {
        var ending = Ending()
        var found: [(code: Int32, verdict: String, text: String)] = []
        for check in record.checks where check.breaksRun {
            found.append((4, "FAIL", "\(check.name.rawValue): \(check.count) broken"))
        }
        if let failure = course.failure { found.append((1, "ERROR", failure)) }
        if let signal = course.signal {
            found.append((128 + signal, "INTERRUPTED", "stopped by signal \(signal)"))
        } else {
            for finding in record.validity.findings where finding.verdict == .invalid {
                found.append((5, "INVALID", "\(finding.name): \(finding.text)"))
            }
            if let rule = course.abortRule {
                found.append((6, "ABORTED", "\(rule.condition.text) for \(rule.seconds) s"))
            }
            for result in record.objectives where !result.isKept {
                let text = result.figure == nil ? result.objective.metric.unknownText : "missed"
                found.append((3, "FAIL", "\(result.objective.text): \(text)"))
            }
        }
        ending.reasons = found.map(\.text)
        guard let first = found.first else { return ending }
        ending.exitCode = first.code
        ending.verdict = first.verdict
        return ending
    }
}
