// SPDX-License-Identifier: Apache-2.0

internal import PostgresClient
internal import Projection

/// The value of every setting and where it comes from: flags before the environment, before the
/// file, before the default.
public struct Settings: Sendable {
    /// A value and its source.
    public struct Entry: Sendable {
        /// Nil: there is none.
        public var value: SettingValue?
        /// Where it comes from.
        public var source: SettingSource
    }

    private var entries: [SettingKey: Entry] = [:]

    /// What a server is started with.
    ///
    /// - Parameters:
    ///   - file: what the file says; nil: there is none.
    ///   - environment: what the variables say.
    ///   - flags: what the command line says, within the table's ranges.
    /// - Throws: what can't be decided.
    public init(
        file: ConfigurationFile? = nil,
        environment: ConfigurationEnvironment = ConfigurationEnvironment(),
        flags: [SettingKey: SettingValue] = [:]
    ) throws(ConfigurationFaults) {
        for setting in Setting.all {
            let key = setting.key
            var entry = Entry(value: setting.standard, source: .standard)
            if let file, let found = file.entries[key] {
                entry = Entry(value: found.value, source: .file(file.path, line: found.line))
            }
            if let value = environment.values[key] {
                entry = Entry(value: value, source: .environment(key.variable))
            }
            if let value = flags[key] {
                entry = Entry(value: value, source: .flag(setting.flag ?? setting.key.rawValue))
            }
            entries[key] = entry
        }
        try settlePostgres()
    }

    /// A setting's value and source.
    public subscript(_ key: SettingKey) -> Entry {
        entries[key] ?? Entry(value: nil, source: .standard)
    }

    /// The text of a setting; nil: it has none.
    public func text(_ key: SettingKey) -> String? {
        if case .text(let text)? = self[key].value { text } else { nil }
    }

    /// The number of a setting; nil: it has none.
    public func number(_ key: SettingKey) -> Int? {
        if case .number(let number)? = self[key].value { number } else { nil }
    }

    /// Whether a setting is on.
    public func isOn(_ key: SettingKey) -> Bool {
        self[key].value == .truth(true)
    }

    /// Two ways to say one thing: the one that wins makes the other void.
    private mutating func settlePostgres() throws(ConfigurationFaults) {
        let direct = self[.postgresConninfo].source
        let byFile = self[.postgresConninfoFile].source
        guard direct != .standard, byFile != .standard else { return }
        guard direct.rank != byFile.rank else {
            throw ConfigurationFaults(
                "\(byFile)", "postgres.conninfo and postgres.conninfo_file say the same: keep one")
        }
        let loser: SettingKey =
            direct.rank > byFile.rank ? .postgresConninfoFile : .postgresConninfo
        entries[loser] = Entry(value: nil, source: .standard)
    }

    /// The connection string of Postgres, from where it is kept; nil: there is no Postgres.
    ///
    /// - Throws: why the file that has it can't be used.
    public func postgres() throws(ConfigurationFaults) -> String? {
        guard let path = text(.postgresConninfoFile) else { return text(.postgresConninfo) }
        let place = "postgres.conninfo_file \(path)"
        let bytes: [UInt8]
        do throws(BoundedFile.Failure) {
            bytes = try BoundedFile.bytes(of: path, atMost: 4 << 10)
        } catch { throw ConfigurationFaults(place, error.explanation) }
        let lines = String(decoding: bytes, as: UTF8.self)
            .split(separator: "\n").filter { !$0.allSatisfy(\.isWhitespace) }
        guard lines.count == 1, let line = lines.first else {
            throw ConfigurationFaults(
                place, "has \(lines.count) lines: one is needed, with the connection string")
        }
        if let problem = Projector.problem(of: String(line)) {
            throw ConfigurationFaults(place, problem)
        }
        return String(line)
    }

    /// A value as it may be shown to anybody; nil: there is none.
    public func shown(_ key: SettingKey) -> String? {
        guard let value = self[key].value else { return nil }
        let setting = Setting.of(key)
        let text = setting.form.text(value)
        guard setting.isSecret else { return text }
        return PostgresConnection.shown(text)?.text ?? "(can't be read, so it isn't shown)"
    }
}
