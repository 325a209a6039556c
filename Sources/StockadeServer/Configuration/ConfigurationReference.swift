// SPDX-License-Identifier: Apache-2.0

/// The table of settings as a page for people.
public enum ConfigurationReference {
    /// Markdown, as ops/configuration.md has it.
    public static let markdown: String = {
        var lines = head
        for section in SettingKey.sections {
            lines += ["", "## \(section)", ""]
            lines += ["| key | what | values | default | flag |", "|---|---|---|---|---|"]
            for setting in Setting.all where setting.key.section == section {
                lines.append(row(setting))
            }
        }
        lines += ["", "## Environment variables", ""]
        lines += ["| variable | sets |", "|---|---|"]
        lines += Setting.all.map { "| `\($0.key.variable)` | `\($0.key.rawValue)` |" }
        return lines.joined(separator: "\n") + "\n"
    }()

    private static let head = [
        "# Settings of `stockade serve`", "",
        "Written by `stockade config reference`; don't change it by hand.", "",
        "A setting may stand in the file that `--config` names, in an environment variable, and on the",
        "command line. The command line wins over the environment, the environment over the file, the file",
        "over the default. `stockade config show --effective` says what counts, and where it comes from.",
        "",
        "The file is UTF-8, \(ConfigurationText.bytesMax >> 10) KiB at most: sections, and below each, indented, `key: value` on one line. Comments",
        "begin with `#`. Sizes have a unit (`64MiB`; KiB, MiB, GiB, TiB), durations too (`250ms`; ms, s, m, h, d);",
        "counts are digits. Quotes are needed where YAML would take a text for something else. Lists, braces,",
        "anchors, tags and several documents are refused, as is every key that isn't here. Environment",
        "variables take the same values, without quotes; an unknown one that begins with `STOCKADE_` is refused,",
        "apart from those that Kubernetes makes for a service (`STOCKADE_SERVICE_HOST` and the like).",
        "",
        "Relative paths begin at the server's working directory. A connection string with a password is refused",
        "in the environment; `stockade config show` prints it without the password.",
    ]

    private static func row(_ setting: Setting) -> String {
        let range = setting.form.range.isEmpty ? "" : ": \(setting.form.range)"
        let cells = [
            "`\(setting.key.name)`", setting.help, "\(setting.form.name)\(range)",
            setting.standard == nil ? setting.absence : "`\(setting.standardText)`",
            setting.flag.map { "`--\($0)`" } ?? "",
        ]
        let escaped = cells.map { cell in
            cell.map { $0 == "|" ? "\\|" : String($0) }.joined()
        }
        return "| \(escaped.joined(separator: " | ")) |"
    }
}
