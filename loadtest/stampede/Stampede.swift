// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import LoadGenerator

/// The command line's root.
struct Stampede: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stampede",
        abstract: "Reproduces the rush of a promotion, and tells whether the sale was right.",
        version: "stampede \(LoadGeneratorVersion.text)",
        subcommands: [
            RunCommand.self, PlanCommand.self, ValidateCommand.self, BenchCommand.self,
        ])
}
