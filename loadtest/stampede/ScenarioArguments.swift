// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import LoadGenerator

/// A scenario as the commands take it: a file, and what the command line changes in it.
struct ScenarioArguments: ParsableArguments {
    @Argument(help: "The scenario, a YAML file.")
    var scenario: String

    @Option(
        name: .customLong("set"), help: "Changes a value of the file: load.stages.1.hold.at=5k/s.")
    var changes: [String] = []

    @Option(
        help: "Instead of the file's stages: journeys per second, such as 20k/s. With --duration.")
    var rate: String?

    @Option(help: "With --rate: how long, such as 60s.")
    var duration: String?

    /// Reads it; prints every fault and ends with 2 (1: the file can't be read).
    func read() throws -> Scenario {
        if (rate == nil) != (duration == nil) {
            throw ValidationError("--rate and --duration go together")
        }
        var changes = changes
        if let rate, let duration {
            changes.append("load.stages=[ { hold: { at: '\(rate)', for: '\(duration)' } } ]")
        }
        do {
            return try ScenarioFile.load(
                scenario, overrides: changes, environment: Environment.variables)
        } catch .unreadable(let reason) {
            StandardError.print("stampede: \(scenario): \(reason)")
            throw ExitCode(1)
        } catch .faulty(let faults) {
            StandardError.print(faults.description)
            throw ExitCode(2)
        }
    }
}
