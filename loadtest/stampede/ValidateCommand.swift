// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
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
              stampede validate sale.yaml --set load.stages.0.hold.at=5k/s --set seed=7
            """)

    @Argument(help: "The scenario, YAML or JSON.")
    var file: String

    @Option(help: "A value in the file's stead, PATH=VALUE; may be repeated.")
    var set: [String] = []

    func run() throws {
        do {
            _ = try ScenarioFile.load(file, overrides: set, environment: Environment.variables)
        } catch .unreadable(let reason) {
            StandardError.print("stampede: \(file): \(reason)")
            throw ExitCode(1)
        } catch .faulty(let faults) {
            StandardError.print(faults.description)
            throw ExitCode(2)
        }
        print("\(file) is valid")
    }
}

/// The process's environment.
enum Environment {
    /// By name.
    static var variables: [String: String] {
        var variables: [String: String] = [:]
        // SAFETY: nobody changes the environment in this process; the list ends with a null pointer.
        var next = unsafe environ
        while let entry = unsafe next.pointee {
            // SAFETY: each entry ends with a zero.
            let text = unsafe String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                variables[String(text[..<equals])] = String(text[equals...].dropFirst())
            }
            unsafe next += 1
        }
        return variables
    }
}
