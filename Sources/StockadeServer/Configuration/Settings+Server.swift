// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import ReservationCore
internal import Transport

extension Settings {
    /// Event loops: what is set, or one per core.
    public var loops: Int {
        number(.serverLoops) ?? max(1, min(64, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
    }

    /// Where operators are answered; nil: nowhere.
    public var adminListen: String? { text(.adminListen) }

    /// `auto`, `text` or `json`.
    public var logFormat: String { text(.logFormat) ?? "auto" }

    /// What is logged at least, as swift-log calls it.
    public var logLevel: String { text(.logLevel) ?? "info" }

    /// Everything that a server is started with.
    ///
    /// - Throws: what is wrong beyond single settings.
    public func serverConfiguration() throws(ConfigurationFaults) -> ServerConfiguration {
        var core = CoreConfiguration(hashKey: Entropy.hashKey())
        core.accountsMax = number(.limitsAccountsMax) ?? core.accountsMax
        core.codesMax = number(.limitsCodesMax) ?? core.codesMax
        core.holdsMax = number(.limitsHoldsMax) ?? core.holdsMax
        core.idsMax = number(.limitsIDsMax) ?? core.idsMax
        core.legsMax = number(.limitsLegsMax)
        core.retentionMilliseconds =
            number(.limitsRetention).map(UInt64.init) ?? core.retentionMilliseconds
        core.holdStripes = ServerConfiguration.holdStripes(forLoops: loops)
        var configuration = ServerConfiguration(
            listen: try address(.serverListen),
            mode: text(.journalMode).flatMap(ServerConfiguration.Mode.init) ?? .journal,
            dataDirectory: text(.journalData), loops: loops, core: core,
            allowsInsecureListen: isOn(.serverInsecureListen))
        configuration.journalByteCountMax =
            number(.journalMax) ?? configuration.journalByteCountMax
        configuration.postgres = try postgres()
        configuration.postgresFile = text(.postgresConninfoFile)
        if adminListen != nil { configuration.admin = try address(.adminListen) }
        return configuration
    }

    private func address(_ key: SettingKey) throws(ConfigurationFaults) -> SocketAddress {
        let text = text(key) ?? ""
        do {
            return try SocketAddress(text)
        } catch { throw ConfigurationFaults("\(key.rawValue) \(text)", error.explanation) }
    }
}
