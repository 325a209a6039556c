// SPDX-License-Identifier: Apache-2.0

internal import Journal
internal import ReservationCore

extension Setting {
    /// What any count may be at most: numbers of rows have 28 bits in the journal.
    private static let countMax = CoreLimits.accountsMax
    private static let week = 7 * 86_400_000
    private static let core = CoreConfiguration(hashKey: (0, 0))

    static func row(_ key: SettingKey) -> Setting {
        switch key {
        case .serverListen, .serverLoops, .serverInsecureListen, .adminListen: serving(key)
        case .journalMode, .journalData, .journalMax: journal(key)
        case .limitsAccountsMax, .limitsCodesMax, .limitsHoldsMax, .limitsIDsMax,
            .limitsLegsMax, .limitsRetention:
            limits(key)
        case .postgresConninfo, .postgresConninfoFile: postgres(key)
        case .logLevel, .logFormat: log(key)
        }
    }

    private static func serving(_ key: SettingKey) -> Setting {
        switch key {
        case .serverLoops:
            Setting(
                key: key, form: .count(1...64), flag: "loops", absence: "one per core",
                help: "Event loops, a thread each.")
        case .serverInsecureListen:
            Setting(
                key: key, form: .truth, flag: "insecure-listen", standard: .truth(false),
                help: "Serve an address beyond this machine although there are no credentials yet.")
        case .adminListen:
            Setting(
                key: key, form: .address, flag: "admin", absence: "none",
                help:
                    "Where health, metrics, status and drain are answered over HTTP; a flag may name the port alone."
            )
        default:
            Setting(
                key: key, form: .address, flag: "listen", standard: .text("127.0.0.1:50051"),
                help: "Where to listen, HOST:PORT; port 0 lets the kernel choose.")
        }
    }

    private static func journal(_ key: SettingKey) -> Setting {
        switch key {
        case .journalMode:
            Setting(
                key: key, form: .word(ServerConfiguration.Mode.allCases.map(\.rawValue)),
                flag: "mode", standard: .text(ServerConfiguration.Mode.journal.rawValue),
                help: "Where answers are kept: journal (on disk) or memory (nowhere).")
        case .journalMax:
            Setting(
                key: key, form: .bytes(JournalLimits.journalByteCountMin...(1 << 50)),
                flag: "journal-max", standard: .number(JournalLimits.journalByteCount),
                help: """
                    What new reservations may make of the journal. Then they are refused; what \
                    ends a reservation goes on.
                    """)
        default:
            Setting(
                key: key, form: .path, flag: "data", absence: "none: needed in journal mode",
                help: """
                    The directory of the journal; made when it isn't there. In memory mode \
                    nothing is written to it.
                    """)
        }
    }

    private static func limits(_ key: SettingKey) -> Setting {
        switch key {
        case .limitsCodesMax:
            Setting(
                key: key, form: .count(1...countMax), flag: "codes-max",
                standard: .number(core.codesMax),
                help: "Brands, SKUs, warehouses and dealers together at most.")
        case .limitsHoldsMax:
            Setting(
                key: key, form: .count(1...countMax), flag: "holds-max",
                standard: .number(core.holdsMax), help: "Live reservations at most.")
        case .limitsIDsMax:
            Setting(
                key: key, form: .count(2...countMax), flag: "ids-max",
                standard: .number(core.idsMax),
                help: """
                    Remembered reservations, orders and requests together at most; a live \
                    reservation counts twice. Tables are made at start, about a second per \
                    gigabyte.
                    """)
        case .limitsLegsMax:
            Setting(
                key: key, form: .count(1_000...countMax), flag: "legs-max",
                absence: "half of `ids_max`, and 1000",
                help: """
                    Lines of remembered reservations and orders with several lines; while one \
                    lives, each of its lines counts twice.
                    """)
        case .limitsRetention:
            Setting(
                key: key, form: .duration(1_000...week), flag: "retention",
                standard: .number(Int(core.retentionMilliseconds)),
                help: """
                    How long what has ended is remembered. Shorter than a reservation's time to \
                    live, its place comes back at its deadline only.
                    """)
        default:
            Setting(
                key: key, form: .count(1...countMax), flag: "accounts-max",
                standard: .number(core.accountsMax), help: "Stock accounts at most.")
        }
    }

    private static func postgres(_ key: SettingKey) -> Setting {
        if key == .postgresConninfoFile {
            return Setting(
                key: key, form: .path, absence: "none",
                help: """
                    A file of one line with the connection string, for a password that is to \
                    stand neither in the configuration nor on the command line: a secret that \
                    is mounted, or a systemd credential.
                    """)
        }
        return Setting(
            key: key, form: .connection, flag: "postgres", absence: "none",
            help: """
                Postgres that is written behind the journal, as libpq's connection string: \
                'host=… port=… dbname=… user=…'. The password is better left to PGPASSWORD or a \
                password file. Whatever becomes of Postgres, the sale goes on.
                """)
    }

    private static func log(_ key: SettingKey) -> Setting {
        if key == .logFormat {
            return Setting(
                key: key, form: .word(["auto", "text", "json"]), flag: "log-format",
                standard: .text("auto"),
                help: "How log lines look: text, json, or auto (text at a terminal, else json).")
        }
        return Setting(
            key: key,
            form: .word(["trace", "debug", "info", "notice", "warning", "error", "critical"]),
            standard: .text("info"),
            help: "Log lines below this level are left out.")
    }
}
