// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
public import StockadeServer

/// The settings that the command line has flags for. The table says what each means.
struct SettingFlags: ParsableArguments {
    @Option(help: .setting(.serverListen))
    var listen: String?

    @Option(help: .setting(.journalMode))
    var mode: ServerConfiguration.Mode?

    @Option(help: .setting(.journalData))
    var data: String?

    @Option(help: .setting(.postgresConninfo))
    var postgres: String?

    @Option(help: .setting(.journalMax))
    var journalMax: ByteCount?

    @Option(help: .setting(.serverLoops))
    var loops: Int?

    @Option(help: .setting(.limitsAccountsMax))
    var accountsMax: Count?

    @Option(help: .setting(.limitsCodesMax))
    var codesMax: Count?

    @Option(help: .setting(.limitsHoldsMax))
    var holdsMax: Count?

    @Option(help: .setting(.limitsIDsMax))
    var idsMax: Count?

    @Option(help: .setting(.limitsLegsMax))
    var legsMax: Count?

    @Option(help: .setting(.limitsRetention))
    var retention: Duration?

    @Option(help: .setting(.adminListen))
    var admin: String?

    @Option(help: .setting(.logFormat))
    var logFormat: String?

    @Flag(help: .setting(.serverInsecureListen))
    var insecureListen = false

    /// What was given.
    var values: [SettingKey: SettingValue] {
        let values: [SettingKey: SettingValue?] = [
            .serverListen: listen.map { .text($0) },
            .journalMode: mode.map { .text($0.rawValue) },
            .journalData: data.map { .text($0) },
            .postgresConninfo: postgres.map { .text($0) },
            .journalMax: journalMax.map { .number($0.value) },
            .serverLoops: loops.map { .number($0) },
            .limitsAccountsMax: accountsMax.map { .number($0.value) },
            .limitsCodesMax: codesMax.map { .number($0.value) },
            .limitsHoldsMax: holdsMax.map { .number($0.value) },
            .limitsIDsMax: idsMax.map { .number($0.value) },
            .limitsLegsMax: legsMax.map { .number($0.value) },
            .limitsRetention: retention.map { .number($0.milliseconds) },
            // A port alone means this machine.
            .adminListen: admin.map { .text(UInt16($0) == nil ? $0 : "127.0.0.1:\($0)") },
            .logFormat: logFormat.map { .text($0) },
            .serverInsecureListen: insecureListen ? .truth(true) : nil,
        ]
        return values.compactMapValues { $0 }
    }

    func validate() throws {
        for (key, value) in values.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let setting = Setting.of(key)
            // Not the command's form but the configuration is wrong then: 78, as ever.
            if key == .postgresConninfo || key == .journalData { continue }
            if let problem = setting.form.problem(of: value) {
                throw ValidationError("--\(setting.flag ?? "") \(problem)")
            }
        }
    }
}

extension ArgumentHelp {
    /// A flag's help from its setting's row.
    static func setting(_ key: SettingKey) -> ArgumentHelp {
        let setting = Setting.of(key)
        let range = setting.form.range
        let form =
            switch setting.form {
            case .count(1...64): " \(range)."
            case .count: " \(range); k and m are understood."
            case .bytes: " \(range): a number with KiB, MiB, GiB."
            case .duration: " \(range): a number with ms, s, m, h, d."
            case .address, .path, .connection, .truth, .word: ""
            }
        let standard = setting.form == .truth ? "" : " (default: \(setting.standardText))"
        return ArgumentHelp(stringLiteral: "\(setting.help)\(form)\(standard)")
    }
}

extension ServerConfiguration.Mode: ExpressibleByArgument {}
