// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import LoadGenerator

/// `stampede validate`
struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Reads a scenario and tells everything that is wrong with it.",
        discussion: """
            Nothing is connected to. Each fault is a line on standard error, FILE:LINE:COLUMN and \
            what would be right. loadtest/scenarios/README.md describes the keys.

            Exit codes: 0 valid, 1 the file can't be read, 2 it isn't a scenario.

            EXAMPLES:
              stampede validate loadtest/scenarios/flash-sale.yaml
              stampede validate sale.yaml --set load.stages.1.hold.at=5k/s --set seed=7
            """)

    @OptionGroup var scenario: ScenarioArguments

    func run() throws {
        _ = try scenario.read()
        print("\(scenario.scenario) is valid")
    }
}
