// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// The value of the `grpc-timeout` header: one to eight digits and a unit.
public struct CallTimeout: Equatable, Sendable, BitwiseCopyable {
    /// How long the call may take. At most 2^63 - 1 (292 years), so that adding it to a clock
    /// doesn't overflow.
    public let nanoseconds: UInt64

    /// Digits that the header has at most.
    private static var digitsMax: Int { 8 }

    /// Makes a timeout, cut to the longest there is.
    public init(nanoseconds: UInt64) {
        self.nanoseconds = min(nanoseconds, UInt64(Int64.max))
    }

    /// Reads a header value; nil when it is malformed.
    public init?(_ value: Span<UInt8>) {
        let digits = value.count - 1
        guard digits >= 1, digits <= CallTimeout.digitsMax else { return nil }
        var number: UInt64 = 0
        for index in 0..<digits {
            guard value[index] >= 0x30, value[index] <= 0x39 else { return nil }
            number = number * 10 + UInt64(value[index] - 0x30)
        }
        let unit: UInt64
        switch value[digits] {
        case UInt8(ascii: "n"): unit = 1
        case UInt8(ascii: "u"): unit = 1_000
        case UInt8(ascii: "m"): unit = 1_000_000
        case UInt8(ascii: "S"): unit = 1_000_000_000
        case UInt8(ascii: "M"): unit = 60_000_000_000
        case UInt8(ascii: "H"): unit = 3_600_000_000_000
        default: return nil
        }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit)
        self.init(nanoseconds: overflow ? .max : product)
    }

    /// Writes the header value in the finest unit that has room for it, rounded up: a caller is
    /// never given less time than it asked for.
    public func encode(into writer: inout ByteWriter) {
        let limit: UInt64 = 100_000_000
        var (number, unit) = (nanoseconds, UInt8(ascii: "n"))
        if number >= limit { (number, unit) = (roundedUp(1_000), UInt8(ascii: "u")) }
        if number >= limit { (number, unit) = (roundedUp(1_000_000), UInt8(ascii: "m")) }
        if number >= limit { (number, unit) = (roundedUp(1_000_000_000), UInt8(ascii: "S")) }
        if number >= limit { (number, unit) = (roundedUp(60_000_000_000), UInt8(ascii: "M")) }
        // The longest timeout is 2,562,048 hours, so there is always a unit.
        if number >= limit { (number, unit) = (roundedUp(3_600_000_000_000), UInt8(ascii: "H")) }
        writer.appendDecimal(number)
        writer.append(unit)
    }

    private func roundedUp(_ unit: UInt64) -> UInt64 {
        nanoseconds / unit + (nanoseconds % unit > 0 ? 1 : 0)
    }
}
