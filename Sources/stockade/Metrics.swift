// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import StockadeServer

/// `stockade metrics`
struct Metrics: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What a server counts.", subcommands: [List.self])

    /// `stockade metrics list`
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists every metric: name, type, most series, labels, meaning.",
            discussion: """
                Columns are separated by tabs. A server answers with them at GET /metrics of its \
                administration side (`stockade serve --admin`).

                EXAMPLES:
                  stockade metrics list
                  stockade metrics list | cut -f 1
                """)

        func run() {
            for family in MetricCatalogue.all {
                let labels = family.labels.isEmpty ? "-" : family.labels.joined(separator: ",")
                print(
                    [
                        family.name, family.kind.rawValue, "\(family.seriesMax)", labels,
                        family.help,
                    ].joined(separator: "\t"))
            }
        }
    }
}
