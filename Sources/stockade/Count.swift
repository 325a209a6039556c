// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// A count on the command line: `250000`, `250k` or `2m`.
struct Count: ExpressibleByArgument, CustomStringConvertible {
    let value: Int

    init(_ value: Int) {
        self.value = value
    }

    init?(argument: String) {
        var digits = argument[...]
        var factor = 1
        switch argument.last {
        case "k":
            factor = 1_000
            digits = digits.dropLast()
        case "m":
            factor = 1_000_000
            digits = digits.dropLast()
        default: break
        }
        guard let number = Int(digits), number >= 0 else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: factor)
        guard !overflow else { return nil }
        value = product
    }

    var description: String { String(value) }
    var defaultValueDescription: String { description }
}
