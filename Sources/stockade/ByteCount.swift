// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser

/// A number of bytes on the command line: digits, then KiB, MiB, GiB or nothing.
public struct ByteCount: ExpressibleByArgument {
    /// In bytes.
    public var value: Int

    /// Makes it from bytes.
    public init(_ value: Int) {
        self.value = value
    }

    /// Reads `64MiB`; nil when it isn't of that form or too large.
    public init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber }
        let shifts = ["": 0, "k": 10, "kib": 10, "m": 20, "mib": 20, "g": 30, "gib": 30]
        guard let number = Int(digits), number < 1 << 32,
            let shift = shifts[argument.dropFirst(digits.count).lowercased()]
        else { return nil }
        value = number << shift
    }

    /// As it is typed.
    public var defaultValueDescription: String {
        for (unit, shift) in [("GiB", 30), ("MiB", 20), ("KiB", 10)]
        where (value >> shift) << shift == value {
            return "\(value >> shift)\(unit)"
        }
        return "\(value)"
    }
}
