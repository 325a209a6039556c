// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import StockadeServer

/// The command line's root.
struct Stockade: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stockade",
        abstract: "An order and inventory server for the minute in which every dealer orders.",
        version: "stockade \(ServerVersion.text) (commit \(BuiltCommit.text))",
        subcommands: [
            Serve.self, Config.self, Doctor.self, Explain.self, Check.self, Migrate.self,
            Resync.self, Metrics.self,
        ])
}
