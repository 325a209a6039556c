// SPDX-License-Identifier: Apache-2.0

import ReservationCore
import Testing

@testable import StockadeServer

/// The table of settings, and what files, variables and flags make of it.
@Suite struct SettingsTests {
    @Test func theTableIsSound() {
        let settings = Setting.all
        #expect(settings.map(\.key) == SettingKey.allCases)
        let flags = settings.compactMap(\.flag)
        #expect(Set(flags).count == flags.count)
        #expect(Set(settings.map(\.key.variable)).count == settings.count)
        for setting in settings {
            #expect(setting.key.rawValue.split(separator: ".").count == 2)
            #expect(setting.help.hasSuffix("."), "\(setting.key)")
            #expect((setting.standard == nil) == !setting.absence.isEmpty, "\(setting.key)")
            #expect(!ConfigurationEnvironment.isServiceLink(setting.key.variable, "x"))
            if let standard = setting.standard {
                #expect(setting.form.problem(of: standard) == nil, "\(setting.key)")
            }
        }
    }

    @Test func theReferenceIsCurrent() throws {
        #expect(
            try Checkout.text("ops/configuration.md") == ConfigurationReference.markdown,
            "stockade config reference > ops/configuration.md")
    }

    /// A key, what stands behind it, and a word of what is said.
    @Test(arguments: [
        ("server.listen", "127.0.0.1", "HOST:PORT"), ("server.listen", "db.example:1", "numeric"),
        ("server.loops", "0", "1 to 64"), ("server.loops", "65", "1 to 64"),
        ("server.loops", "02", "digits"), ("server.loops", "-1", "digits"),
        ("server.loops", "2.0", "digits"), ("server.loops", "'2'", "without quotes"),
        ("server.loops", "two", "digits"), ("server.insecure_listen", "yes", "true or false"),
        ("server.insecure_listen", "\"true\"", "without quotes"),
        ("journal.mode", "journl", "did you mean 'journal'"), ("journal.data", "''", "a path"),
        ("journal.data", "~", "quotes"), ("journal.data", "2026", "quotes"),
        ("journal.data", "off", "quotes"), ("journal.max", "64", "unit"),
        ("journal.max", "64MB", "unit"), ("journal.max", "1023KiB", "1MiB"),
        ("journal.max", "1.5GiB", "unit"), ("journal.max", "99999999999999999999GiB", "unit"),
        ("journal.max", "9999999999GiB", "1024TiB"), ("limits.holds_max", "1e6", "digits"),
        ("limits.holds_max", "100k", "digits"), ("limits.holds_max", "1_000", "digits"),
        ("limits.holds_max", "268435457", "268435456"), ("limits.ids_max", "1", "2 to"),
        ("limits.retention", "60", "unit"), ("limits.retention", "999ms", "1s"),
        ("limits.retention", "8d", "7d"), ("limits.retention", "1 h", "unit"),
        ("postgres.conninfo", "host", "can't be read"), ("log.level", "INFO", "info"),
        ("log.format", "yaml", "json"), ("log.levle", "info", "did you mean 'level'"),
        ("server.data", "x", "section 'journal'"), ("sever.listen", "x", "did you mean 'server'"),
        ("listen.x", "1", "section 'server'"), ("server.zzzzzz", "1", "known: listen"),
    ])
    func aFaultSaysWhatIsRight(_ key: String, _ value: String, _ word: String) {
        let parts = key.split(separator: ".")
        do {
            _ = try ConfigurationFile("\(parts[0]):\n  \(parts[1]): \(value)\n", path: "a.yaml")
            Issue.record("\(key): \(value) was taken")
        } catch {
            #expect(error.faults.count == 1)
            let text = "\(error.faults[0])"
            #expect(text.contains(word), "\(text)")
            let column = text.contains("unknown key") ? 3 : parts[1].count + 5
            let place = text.contains("unknown section") ? "1:1" : "2:\(column)"
            #expect(error.faults[0].place == "a.yaml:\(place)")
        }
    }

    @Test func faultsAreCountedUpToABound() throws {
        let text = "log:\n" + (0..<50).map { "  key\($0): x\n" }.joined()
        do {
            _ = try ConfigurationFile(text, path: "a.yaml")
            Issue.record("taken")
        } catch {
            #expect(error.faults.count == ConfigurationFaults.countMax)
            #expect(error.faults[0].place == "a.yaml:2:3")
        }
    }

    @Test func aPasswordIsNotRepeated() {
        do {
            _ = try ConfigurationFile(
                "postgres:\n  conninfo: \"host=x password=geheim nonsense\"\n", path: "a.yaml")
            Issue.record("taken")
        } catch { #expect(!"\(error.faults)".contains("geheim")) }
    }

    @Test func theStrongerWins() throws {
        let file = try ConfigurationFile(
            "server:\n  loops: 3\nlimits:\n  ids_max: 30\n  holds_max: 30\n", path: "a.yaml")
        let environment = try ConfigurationEnvironment([
            "STOCKADE_LIMITS_IDS_MAX": "20", "STOCKADE_LIMITS_HOLDS_MAX": "20", "PATH": "/bin",
        ])
        let settings = try Settings(
            file: file, environment: environment, flags: [.limitsHoldsMax: .number(10)])
        #expect(settings.number(.limitsAccountsMax) == 1_000_000)
        #expect(settings[.limitsAccountsMax].source == .standard)
        #expect(settings.number(.serverLoops) == 3)
        #expect(settings[.serverLoops].source == .file("a.yaml", line: 2))
        #expect(settings.number(.limitsIDsMax) == 20)
        #expect(settings[.limitsIDsMax].source == .environment("STOCKADE_LIMITS_IDS_MAX"))
        #expect(settings.number(.limitsHoldsMax) == 10)
        #expect(settings[.limitsHoldsMax].source == .flag("holds-max"))
        let configuration = try settings.serverConfiguration()
        #expect(configuration.loops == 3)
        #expect(configuration.core.holdsMax == 10)
        #expect(configuration.core.idsMax == 20)
    }

    /// Every setting reaches the server under its key and its variable.
    @Test(arguments: SettingKey.allCases)
    func everySettingCanBeSet(_ key: SettingKey) throws {
        let text =
            switch Setting.of(key).form {
            case .address: "127.0.0.1:7"
            case .path: "/a"
            case .connection: "host=x"
            case .truth: "true"
            case .word(let words): words[words.count - 1]
            case .count(let range), .bytes(let range), .duration(let range):
                Setting.of(key).form.text(.number(range.upperBound))
            }
        let file = try ConfigurationFile("\(key.section):\n  \(key.name): \(text)\n", path: "f")
        let byFile = try Settings(file: file)
        let environment = try ConfigurationEnvironment([key.variable: text])
        let byVariable = try Settings(environment: environment)
        #expect(byFile[key].value != nil)
        #expect(byFile[key].value != Setting.of(key).standard)
        #expect(byVariable[key].value == byFile[key].value)
    }

    @Test(arguments: [
        ("STOCKADE_SERVER_LISTN", "x", "did you mean STOCKADE_SERVER_LISTEN?"),
        ("STOCKADE_X", "", "reference"), ("STOCKADE_SERVER_LOOPS", "", "empty"),
        ("STOCKADE_SERVER_LOOPS", "many", "1 to 64"),
        ("STOCKADE_SERVER_PORT", "50051", "no setting"),
        ("STOCKADE_POSTGRES_CONNINFO", "host=x password=geheim", "CONNINFO_FILE"),
        ("STOCKADE_POSTGRES_CONNINFO", "postgresql://me:geheim@x/db", "CONNINFO_FILE"),
    ])
    func aVariableIsRefused(_ name: String, _ text: String, _ word: String) {
        do {
            _ = try ConfigurationEnvironment([name: text])
            Issue.record("taken")
        } catch {
            #expect(error.faults[0].place == name)
            #expect(error.faults[0].text.contains(word), "\(error.faults[0].text)")
            #expect(!"\(error.faults)".contains("geheim"))
        }
    }

    @Test(arguments: [
        ("STOCKADE_SERVICE_HOST", "10.0.0.1"), ("STOCKADE_SERVICE_PORT", "50051"),
        ("STOCKADE_SERVICE_PORT_GRPC", "50051"), ("STOCKADE_PORT", "tcp://10.0.0.1:50051"),
        ("STOCKADE_PORT_50051_TCP", "tcp://10.0.0.1:50051"),
        ("STOCKADE_PORT_50051_TCP_ADDR", "10.0.0.1"), ("STOCKADE_PORT_50051_TCP_PORT", "50051"),
        ("STOCKADE_SERVER_SERVICE_HOST", "10.0.0.1"),
        ("STOCKADE_SERVER_PORT", "tcp://10.0.0.1:50051"),
    ])
    func whatKubernetesSetsIsNoSetting(_ name: String, _ text: String) throws {
        #expect(try ConfigurationEnvironment([name: text]).values.isEmpty)
    }

    @Test func ofTwoWaysToPostgresTheStrongerCounts() throws {
        let file = try ConfigurationFile(
            "postgres:\n  conninfo_file: /nowhere\n", path: "a.yaml")
        let settings = try Settings(file: file, flags: [.postgresConninfo: .text("host=x")])
        #expect(try settings.postgres() == "host=x")
        #expect(settings[.postgresConninfoFile].value == nil)
        let both = try ConfigurationFile(
            "postgres:\n  conninfo_file: /nowhere\n  conninfo: host=x\n", path: "a.yaml")
        #expect(throws: ConfigurationFaults.self) { try Settings(file: both) }
        #expect(throws: ConfigurationFaults.self) { try Settings(file: file).postgres() }
    }

    @Test func whatIsShownIsAConfigurationAndHasNoPassword() throws {
        let file = try ConfigurationFile(
            """
            journal:
              data: 'it''s "here" \\'
            postgres:
              conninfo: postgresql://me:geheim@db.example:7/sales?sslmode=require
            """, path: "a.yaml")
        let settings = try Settings(file: file, flags: [.serverInsecureListen: .truth(true)])
        for effective in [false, true] {
            let text = settings.listing(effective: effective).joined(separator: "\n")
            #expect(!text.contains("geheim"))
            let again = try Settings(file: try ConfigurationFile(text, path: "b.yaml"))
            for key in SettingKey.allCases where key != .postgresConninfo {
                #expect(again[key].value == settings[key].value, "\(key)")
            }
            let conninfo = try #require(again.text(.postgresConninfo))
            for word in ["user=me", "host=db.example", "port=7", "dbname=sales", "sslmode=require"]
            {
                #expect(conninfo.contains(word))
            }
            #expect(text.contains("# a.yaml:2"))
            #expect(text.contains("# flag --insecure-listen"))
        }
        #expect(try Settings().listing(effective: false).isEmpty)
    }
}
