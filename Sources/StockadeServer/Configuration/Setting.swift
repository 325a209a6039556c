// SPDX-License-Identifier: Apache-2.0

/// A row of the table of settings: everything that is known about one of them. Reading, the
/// environment, the flags, the reference and `stockade config show` come from here.
public struct Setting: Sendable {
    /// Its name.
    public var key: SettingKey
    /// How it is written, and its range.
    public var form: SettingForm
    /// The flag of `stockade serve`, without dashes; nil: there is none.
    public var flag: String?
    /// Its value when nobody sets it; nil: none.
    public var standard: SettingValue?
    /// What happens without a value, in a few words; empty where there is a default.
    public var absence = ""
    /// What it is, in whole sentences.
    public var help: String

    /// Whether its value may have a password in it: shown without.
    public var isSecret: Bool { form == .connection }

    /// The default in words.
    public var standardText: String {
        standard.map { form.text($0) } ?? absence
    }

    /// The table.
    public static let all: [Setting] = SettingKey.allCases.map(row)

    /// A key's row.
    public static func of(_ key: SettingKey) -> Setting { row(key) }
}
