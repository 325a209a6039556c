// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import ReservationCore
internal import Transport

/// `/config`: every setting of the table, by its name in a configuration file.
extension ServerConfiguration {
    /// What is in force, as JSON, without anything secret: of Postgres only whether there is one.
    func inForce(_ logs: LogDesk) -> String {
        var json = JSONText()
        json.beginObject()
        for section in SettingKey.sections {
            json.beginObject(section)
            for setting in Setting.all where setting.key.section == section {
                write(setting, logs, into: &json)
            }
            json.endObject()
        }
        json.endObject()
        return json.text
    }

    private func write(_ setting: Setting, _ logs: LogDesk, into json: inout JSONText) {
        let name = setting.key.name
        guard let value = value(of: setting.key, logs) else {
            return json.member(name, Double?.none)
        }
        switch (value, setting.form) {
        case (.truth(let truth), _): json.member(name, truth)
        case (.number(let number), .count): json.member(name, number)
        default: json.member(name, setting.form.text(value))
        }
    }

    /// What counts, defaults that depend on the machine or on other settings reckoned out.
    private func value(of key: SettingKey, _ logs: LogDesk) -> SettingValue? {
        switch key {
        case .serverListen: .text(listen.description)
        case .serverLoops: .number(loops)
        case .serverInsecureListen: .truth(allowsInsecureListen)
        case .adminListen: admin.map { .text($0.description) }
        case .journalMode: .text(mode.rawValue)
        case .journalData: dataDirectory.map { .text($0) }
        case .journalMax: .number(journalByteCountMax)
        case .limitsAccountsMax: .number(core.accountsMax)
        case .limitsCodesMax: .number(core.codesMax)
        case .limitsHoldsMax: .number(core.holdsMax)
        case .limitsIDsMax: .number(core.idsMax)
        case .limitsLegsMax: .number(core.legCellsMax)
        case .limitsRetention: .number(Int(clamping: core.retentionMilliseconds))
        case .postgresConninfo: postgres.map { _ in .text("(set)") }
        case .postgresConninfoFile: postgresFile.map { .text($0) }
        case .logLevel: .text(logs.level.rawValue)
        case .logFormat: .text(logs.isJSON ? "json" : "text")
        }
    }
}
