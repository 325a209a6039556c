// SPDX-License-Identifier: Apache-2.0

/// The name of everything that can be set: its section, a point, its key.
public enum SettingKey: String, CaseIterable, Sendable {
    /// Where calls are taken.
    case serverListen = "server.listen"
    /// Event loops.
    case serverLoops = "server.loops"
    /// Whether others than this machine are served without credentials.
    case serverInsecureListen = "server.insecure_listen"
    /// Where operators are answered.
    case adminListen = "admin.listen"
    /// Where answers are kept.
    case journalMode = "journal.mode"
    /// The journal's directory.
    case journalData = "journal.data"
    /// The journal's length at most.
    case journalMax = "journal.max"
    /// Stock accounts.
    case limitsAccountsMax = "limits.accounts_max"
    /// Codes.
    case limitsCodesMax = "limits.codes_max"
    /// Live reservations.
    case limitsHoldsMax = "limits.holds_max"
    /// Remembered ids.
    case limitsIDsMax = "limits.ids_max"
    /// Lines of reservations and orders with several.
    case limitsLegsMax = "limits.legs_max"
    /// How long what has ended is remembered.
    case limitsRetention = "limits.retention"
    /// Postgres, said here.
    case postgresConninfo = "postgres.conninfo"
    /// Postgres, said in a file.
    case postgresConninfoFile = "postgres.conninfo_file"
    /// What is logged at least.
    case logLevel = "log.level"
    /// How it is logged.
    case logFormat = "log.format"

    /// The part before the point.
    public var section: String { String(rawValue.prefix { $0 != "." }) }
    /// The part after the point.
    public var name: String { String(rawValue.drop { $0 != "." }.dropFirst()) }
    /// The environment variable that sets it.
    public var variable: String {
        SettingKey.variablePrefix
            + String(rawValue.uppercased().map { $0 == "." ? "_" : $0 })
    }

    /// What the name of each of our environment variables begins with.
    public static let variablePrefix = "STOCKADE_"

    /// Sections in the order of the table.
    static var sections: [String] {
        allCases.reduce(into: []) { sections, key in
            if sections.last != key.section { sections.append(key.section) }
        }
    }
}
