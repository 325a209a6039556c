// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// A length of time on the command line, always with its unit: `250ms`, `10s`, `5m`, `24h`, `7d`.
struct Duration: ExpressibleByArgument, CustomStringConvertible {
    let milliseconds: Int

    init(milliseconds: Int) {
        self.milliseconds = milliseconds
    }

    init?(argument: String) {
        let digits = argument.prefix { $0.isNumber }
        let factor: Int
        switch argument[digits.endIndex...] {
        case "ms": factor = 1
        case "s": factor = 1_000
        case "m": factor = 60_000
        case "h": factor = 3_600_000
        case "d": factor = 86_400_000
        default: return nil
        }
        guard let number = Int(digits) else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: factor)
        guard !overflow else { return nil }
        milliseconds = product
    }

    var description: String {
        milliseconds % 3_600_000 == 0 ? "\(milliseconds / 3_600_000)h" : "\(milliseconds)ms"
    }
    var defaultValueDescription: String { description }
}
