// SPDX-License-Identifier: Apache-2.0

/// What was found, check by check.
struct CheckLog {
    private struct Entry {
        var count: Int64 = 0
        var examples: [String] = []
    }

    private var entries: [CheckName: Entry] = [:]

    /// Notes a case that breaks a rule.
    mutating func fail(_ name: CheckName, count: Int64 = 1, _ text: @autoclosure () -> String) {
        var entry = entries[name] ?? Entry()
        entry.count &+= count
        if entry.examples.count < CheckResult.counterexamplesMax { entry.examples.append(text()) }
        entries[name] = entry
    }

    /// What became of a check. `open`: why it wasn't looked at wholly; nil: it was.
    func result(
        _ name: CheckName, level: CheckLevel, open: String?, extent: String
    ) -> CheckResult {
        if level == .off { return CheckResult(name, level: level, outcome: .notChecked("off")) }
        let entry = entries[name]
        var result = CheckResult(
            name, level: level,
            outcome: entry != nil ? .failed : open.map { .notChecked($0) } ?? .passed)
        result.count = entry?.count ?? 0
        result.counterexamples = entry?.examples ?? []
        result.extent = extent
        return result
    }
}
