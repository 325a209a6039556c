// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import PostgresClient

/// What environment variables set: `STOCKADE_SECTION_KEY`.
public struct ConfigurationEnvironment: Sendable {
    private(set) var values: [SettingKey: SettingValue] = [:]

    /// Nothing is set.
    public init() {}

    /// Reads variables. Those whose names begin otherwise are somebody else's.
    ///
    /// - Throws: everything that is wrong with them.
    public init(_ variables: [String: String]) throws(ConfigurationFaults) {
        var faults: [ConfigurationFault] = []
        for (name, text) in variables.sorted(by: { $0.key < $1.key })
        where name.hasPrefix(SettingKey.variablePrefix) && !Self.isServiceLink(name, text) {
            do throws(SettingForm.Misfit) {
                let key = try Self.key(name)
                values[key] = try Self.value(text, of: key)
            } catch {
                faults.append(ConfigurationFault(place: Quoted.bare(name), text: error.text))
            }
        }
        if !faults.isEmpty { throw ConfigurationFaults(faults) }
    }

    /// The variables of this process.
    public static func variables() -> [String: String] {
        var variables: [String: String] = [:]
        // SAFETY: the C library's list ends with a null; nobody changes it while we start.
        var entry = unsafe environ
        while let text = unsafe entry.pointee {
            let parts = unsafe String(cString: text)
                .split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
            unsafe entry += 1
        }
        return variables
    }

    private static func key(_ name: String) throws(SettingForm.Misfit) -> SettingKey {
        if let key = SettingKey.allCases.first(where: { $0.variable == name }) { return key }
        let nearest = NearestName.to(name, among: SettingKey.allCases.map(\.variable))
        let hint = nearest.map { "did you mean \($0)?" } ?? "see `stockade config reference`"
        throw .init(text: "no setting has this variable; \(hint) Otherwise unset it")
    }

    private static func value(
        _ text: String, of key: SettingKey
    ) throws(SettingForm.Misfit) -> SettingValue {
        guard !text.isEmpty else {
            throw .init(text: "it is empty: give it a value, or unset it")
        }
        let form = Setting.of(key).form
        if form == .connection, PostgresConnection.shown(text)?.hadSecret == true {
            throw .init(
                text: "it has a password, and every child process and many a tool can read the "
                    + "environment: put the string into a file and name it in "
                    + SettingKey.postgresConninfoFile.variable)
        }
        return try form.read(text)
    }

    /// Kubernetes tells every pod of a service called stockade, or stockade-NAME, where it is, in
    /// variables that begin as ours do: STOCKADE_SERVICE_HOST, STOCKADE_PORT=tcp://…,
    /// STOCKADE_PORT_50051_TCP_ADDR. Refusing them would refuse every such pod.
    static func isServiceLink(_ name: String, _ text: String) -> Bool {
        let words = name.split(separator: "_").map(String.init)
        if words.suffix(2) == ["SERVICE", "HOST"] { return true }
        guard let port = words.lastIndex(of: "PORT") else { return false }
        if words[port - 1] == "SERVICE" { return true }
        if ["tcp://", "udp://", "sctp://"].contains(where: { text.hasPrefix($0) }) { return true }
        let end = Array(words.suffix(4))
        return end.count == 4 && end[0] == "PORT" && Int(end[1]) != nil
            && ["TCP", "UDP", "SCTP"].contains(end[2])
            && ["ADDR", "PORT", "PROTO"].contains(end[3])
    }
}
