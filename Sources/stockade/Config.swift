// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import StockadeServer

/// `stockade config`
struct Config: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows, checks and explains what a server is configured with.",
        discussion: """
            A setting may stand in the file that --config names, in an environment variable \
            STOCKADE_SECTION_KEY, and on the command line. The command line wins over the \
            environment, the environment over the file, the file over the default.

            Exit codes: 0 fine, 2 bad usage, 78 the configuration is wrong.

            EXAMPLES:
              stockade config show --effective
              stockade config show --config stockade.yaml --holds-max 100k
              stockade config check stockade.yaml
              stockade config reference
            """,
        subcommands: [Show.self, CheckFile.self, Reference.self])

    /// `stockade config show`
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints what is set, and where; passwords are left out.",
            discussion: """
                Give it the flags that the server gets. What it prints is a configuration file.

                EXAMPLES:
                  stockade config show --config stockade.yaml
                  stockade config show --effective
                """)

        @Flag(help: "Also what nobody set, with its default.")
        var effective = false

        @OptionGroup var options: ConfigurationOptions

        func run() throws {
            let lines = try options.settings().listing(effective: effective)
            for line in lines { print(line) }
            if lines.isEmpty { print("# nothing is set: --effective shows the defaults") }
        }
    }

    /// `stockade config check`
    struct CheckFile: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check",
            abstract: "Says everything that is wrong with a configuration file.",
            discussion: """
                Judges what `stockade serve --config FILE` would be started with here: the file, \
                this environment's STOCKADE_ variables, and flags, if some are given. Nothing is \
                opened but the file and what postgres.conninfo_file names; `stockade doctor` \
                looks at the machine.

                EXAMPLES:
                  stockade config check stockade.yaml
                  stockade config check stockade.yaml --data /var/lib/stockade
                """)

        @Argument(help: "The file.")
        var file: String

        @OptionGroup var flags: SettingFlags

        func run() throws {
            let settings = try ConfigurationOptions.settings(file: file, flags)
            let configuration = try ConfigurationOptions.orTold {
                () throws(ConfigurationFaults) in try settings.serverConfiguration()
            }
            if let problem = configuration.problem {
                StandardError.print("\(file): \(problem)")
                throw ExitCode(78)
            }
            print("\(file): fine")
        }
    }

    /// `stockade config reference`
    struct Reference: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Prints every setting with its values, default, variable and flag (Markdown).",
            discussion: """
                EXAMPLES:
                  stockade config reference | less
                """)

        func run() {
            print(ConfigurationReference.markdown, terminator: "")
        }
    }
}
