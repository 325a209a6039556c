// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import StockadeServer

/// Where settings come from.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        help: """
            A file with settings in YAML (`stockade config reference`). Environment variables \
            STOCKADE_SECTION_KEY win over it, flags over both.
            """)
    var config: String?

    @OptionGroup var flags: SettingFlags

    /// What counts; what is wrong is said, and ends with 78.
    func settings() throws -> Settings {
        try ConfigurationOptions.settings(file: config, flags)
    }

    static func settings(file: String?, _ flags: SettingFlags) throws -> Settings {
        try ConfigurationOptions.orTold { () throws(ConfigurationFaults) in
            var read: ConfigurationFile?
            if let file { read = try ConfigurationFile(path: file) }
            return try Settings(
                file: read,
                environment: try ConfigurationEnvironment(ConfigurationEnvironment.variables()),
                flags: flags.values)
        }
    }

    /// Tells what is wrong with a configuration, a line each, and ends with 78.
    static func orTold<Result>(
        _ body: () throws(ConfigurationFaults) -> Result
    ) throws -> Result {
        do {
            return try body()
        } catch {
            for fault in error.faults { StandardError.print("\(fault)") }
            throw ExitCode(78)
        }
    }
}
