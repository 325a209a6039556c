// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The command line's root.
struct Stampede: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stampede",
        abstract: "Reproduces the rush of a promotion, and tells whether the sale was right.",
        version: "stampede 0.1.0",
        subcommands: [BenchCommand.self])
}
