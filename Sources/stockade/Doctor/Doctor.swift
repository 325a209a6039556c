// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import StockadeServer

/// `stockade doctor`
struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Looks at a machine before a server is started on it, and says what to do.",
        discussion: """
            Takes the settings of `stockade serve`, from the same places, and changes nothing: in \
            the data directory (or its parent, when it isn't there) a file of 800 KiB is written \
            to measure the disk, and is gone afterwards. PASS: fine. WARN: a server serves, but \
            worse, or not for long. FAIL: a server wouldn't start, or an answer or the tables \
            would be at risk.

            Exit codes: 0 nothing fails, 1 something does, 2 bad usage, 78 the configuration is \
            wrong.

            EXAMPLES:
              stockade doctor --data /var/lib/stockade
              stockade doctor --config /etc/stockade/stockade.yaml -o json
              stockade doctor --data data --postgres 'host=db.example dbname=sales user=stockade'
            """)

    @OptionGroup var options: ConfigurationOptions

    @Option(name: [.customShort("o"), .customLong("output")], help: "text or json.")
    var output = OutputFormat.text

    func run() throws {
        let settings = try options.settings()
        let configuration = try ConfigurationOptions.orTold {
            () throws(ConfigurationFaults) in try settings.serverConfiguration()
        }
        let findings = Doctor.findings(settings, configuration)
        let failed = findings.count { $0.level == .fail }
        switch output {
        case .text:
            for finding in findings { for line in finding.lines { print(line) } }
            let warned = findings.count { $0.level == .warn }
            print("\(findings.count) looked at, \(warned) to think about, \(failed) to mend")
        case .json:
            print(
                JSONText.object([
                    ("ok", .truth(failed == 0)), ("findings", .list(findings.map(\.json))),
                ]).line)
        }
        if failed > 0 { throw ExitCode(1) }
    }

    private static func findings(
        _ settings: Settings, _ configuration: ServerConfiguration
    ) -> [Finding] {
        let data = configuration.mode == .journal ? configuration.dataDirectory : nil
        var findings = [contradictions(configuration)]
        findings += MachineCheck.findings(settings, configuration)
        var besideServer = false
        if let data {
            let check = DirectoryCheck(data, journalMax: configuration.journalByteCountMax)
            findings += check.findings()
            besideServer = check.isInUse
        }
        let listen = settings.text(.serverListen) ?? ""
        findings.append(PortCheck.finding("listen", listen, besideServer: besideServer))
        if let admin = settings.adminListen {
            findings.append(PortCheck.finding("admin", admin, besideServer: besideServer))
        }
        if let postgres = configuration.postgres {
            findings += PostgresCheck.findings(postgres)
        }
        return findings
    }

    /// Settings that don't go together.
    private static func contradictions(_ configuration: ServerConfiguration) -> Finding {
        var configuration = configuration
        let hasPlace =
            configuration.mode == .memory || !(configuration.dataDirectory?.isEmpty ?? true)
        if !hasPlace { configuration.dataDirectory = "." }
        guard configuration.problem != nil || hasPlace else {
            return .warn(
                "settings", "no data directory is named, so no disk is looked at", "--data DIR")
        }
        guard let problem = configuration.problem else {
            return .pass("settings", "they go together")
        }
        return .fail("settings", problem, "stockade config show --effective says what counts")
    }
}
