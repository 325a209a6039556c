// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The command line's root.
struct Stockade: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stockade",
        abstract: "An order and inventory server for the minute in which every dealer orders.",
        version: "stockade 0.1.0",
        subcommands: [
            Serve.self, Config.self, Doctor.self, Explain.self, Check.self, Migrate.self,
            Resync.self,
        ])
}
