// SPDX-License-Identifier: Apache-2.0

extension Settings {
    /// The settings as a configuration file, each with its source as a comment, without passwords.
    ///
    /// - Parameter effective: also what nobody set.
    /// - Returns: its lines.
    public func listing(effective: Bool) -> [String] {
        var lines: [String] = []
        for section in SettingKey.sections {
            let rows = Setting.all.filter { $0.key.section == section }
                .compactMap { row(of: $0, effective: effective) }
            guard !rows.isEmpty else { continue }
            lines.append("\(section):")
            let width = min(48, rows.map(\.text.count).max() ?? 0)
            for row in rows {
                let gap = String(repeating: " ", count: max(0, width - row.text.count))
                lines.append("\(row.text)\(gap)  # \(row.source)")
            }
        }
        return lines
    }

    private func row(
        of setting: Setting, effective: Bool
    ) -> (text: String, source: String)? {
        let entry = self[setting.key]
        guard effective || entry.source != .standard else { return nil }
        guard let text = shown(setting.key) else {
            return ("  # \(setting.key.name):", "default: \(setting.absence)")
        }
        return ("  \(setting.key.name): \(Settings.scalar(text, setting.form))", "\(entry.source)")
    }

    /// A value as the reader takes it back.
    private static func scalar(_ text: String, _ form: SettingForm) -> String {
        switch form {
        case .truth, .count, .word: return text
        case .address, .bytes, .duration, .path, .connection:
            let doubled = text.map { $0 == "'" ? "''" : String($0) }.joined()
            let isPlain = !text.contains { "'\"\\".contains($0) }
            return isPlain ? "\"\(text)\"" : "'\(doubled)'"
        }
    }
}
