// SPDX-License-Identifier: Apache-2.0

/// Calls per second, as people write it: `250`, `20k`, `1.5k/s`.
public struct CallRate: Equatable, Sendable {
    /// Calls per second.
    public let perSecond: Double

    /// The highest: above it the generator measures itself.
    public static let perSecondMax = 10_000_000.0

    /// Independent callers at this rate, for a day.
    var load: Load {
        var load = Load()
        load.stages = [
            Stage(name: "rate", shape: .hold(at: perSecond), duration: 86_400_000_000_000)
        ]
        return load
    }

    /// Reads one; nil when it isn't a rate above 0 and up to the highest.
    public init?(_ text: String) {
        var digits = text[...]
        if digits.hasSuffix("/s") { digits = digits.dropLast(2) }
        var factor = 1.0
        if digits.hasSuffix("k") || digits.hasSuffix("m") {
            factor = digits.hasSuffix("k") ? 1_000 : 1_000_000
            digits = digits.dropLast()
        }
        guard digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }),
            let number = Double(digits), number > 0, number * factor <= CallRate.perSecondMax
        else { return nil }
        perSecond = number * factor
    }
}
