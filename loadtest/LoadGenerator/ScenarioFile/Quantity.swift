// SPDX-License-Identifier: Apache-2.0

/// Figures with units, as people write them. Each is read exactly or not at all.
enum Quantity {
    /// Units of time in nanoseconds, the longest first.
    static let timeUnits: [(name: String, nanoseconds: UInt64)] = [
        ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000),
        ("ms", 1_000_000), ("us", 1_000), ("ns", 1),
    ]

    // MARK: - Reading

    /// `250us`, `10ms`, `1.5s`, `2m`, `1h`, in nanoseconds.
    static func duration(_ text: String) -> UInt64? {
        let unit = text.reversed().prefix { $0.isASCII && $0.isLetter }
        let name = String(unit.reversed())
        guard let factor = timeUnits.first(where: { $0.name == name })?.nanoseconds else {
            return nil
        }
        return decimal(text.dropLast(unit.count), times: factor)
    }

    /// `7`, `1_000`, `20k`, `1.5m`.
    static func count(_ text: String) -> Int64? {
        let factor: UInt64 = text.hasSuffix("k") ? 1_000 : text.hasSuffix("m") ? 1_000_000 : 1
        return decimal(text.dropLast(factor == 1 ? 0 : 1), times: factor)
            .flatMap { Int64(exactly: $0) }
    }

    /// `500/s`, `2k/s`, `1.5m/s`, in events per second.
    static func rate(_ text: String) -> Double? {
        guard text.hasSuffix("/s") else { return nil }
        var digits = text.dropLast(2)
        let factor = digits.hasSuffix("k") ? 1_000.0 : digits.hasSuffix("m") ? 1_000_000.0 : 1
        if factor > 1 { digits = digits.dropLast() }
        return number(String(digits)).map { $0 * factor }
    }

    /// `20%` or `0.2`. Without a sign it is below 1: who writes `1` may mean 1 % as well as 100 %.
    static func share(_ text: String) -> Double? {
        guard text.hasSuffix("%") else { return number(text).flatMap { $0 < 1 ? $0 : nil } }
        return number(String(text.dropLast())).map { $0 / 100 }
    }

    /// What may be meant by a share that was written without a sign and isn't below 1.
    static func shareHint(_ text: String) -> String {
        guard let number = number(text), (1...100).contains(number) else { return "" }
        return number == 1
            ? ": that could be 1 % or 100 %; write 1% or 100%" : "; did you mean '\(text)%'?"
    }

    /// A number that isn't negative; no infinities.
    static func number(_ text: String) -> Double? {
        guard let first = text.utf8.first, isDigit(first) || first == UInt8(ascii: "."),
            text.utf8.allSatisfy({ isDigit($0) || ".e+-_".utf8.contains($0) }),
            let number = Double(text.filter { $0 != "_" }), number.isFinite
        else { return nil }
        return number
    }

    /// A whole number of up to 64 bits.
    static func whole(_ text: String) -> UInt64? {
        guard let first = text.utf8.first, isDigit(first) else { return nil }
        return decimal(text[...], times: 1)
    }

    /// Digits with a point and `_` between them, times a whole number; nil unless the result is whole.
    private static func decimal(_ text: Substring, times factor: UInt64) -> UInt64? {
        var value: UInt64 = 0
        var scale: UInt64 = 1
        var hasPoint = false
        var previous: UInt8?
        for byte in text.utf8 {
            defer { previous = byte }
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let (tens, isOver) = value.multipliedReportingOverflow(by: 10)
                let (sum, isOverToo) = tens.addingReportingOverflow(UInt64(byte - 48))
                guard !isOver, !isOverToo, scale < 1_000_000_000_000 else { return nil }
                value = sum
                if hasPoint { scale *= 10 }
            case UInt8(ascii: "_"), UInt8(ascii: "."):
                guard let previous, isDigit(previous), !(byte == UInt8(ascii: ".") && hasPoint)
                else { return nil }
                if byte == UInt8(ascii: ".") { hasPoint = true }
            default: return nil
            }
        }
        guard let previous, isDigit(previous) else { return nil }
        let product = value.multipliedFullWidth(by: factor)
        guard product.high < scale else { return nil }
        let (quotient, remainder) = scale.dividingFullWidth(product)
        return remainder == 0 ? quotient : nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    // MARK: - Writing

    /// In the longest unit that says it in whole numbers; above a second, with decimals.
    static func text(duration: UInt64) -> String {
        guard duration > 0 else { return "0s" }
        let second: UInt64 = 1_000_000_000
        for unit in timeUnits where duration % unit.nanoseconds == 0 {
            if unit.nanoseconds < second, duration > second { break }
            return "\(duration / unit.nanoseconds)\(unit.name)"
        }
        var decimals = String(second + duration % second).dropFirst()
        while decimals.last == "0" { decimals.removeLast() }
        return "\(duration / second).\(decimals)s"
    }

    /// With `k` or `m` where that says it in whole numbers.
    static func text(count: Int64) -> String {
        if count != 0, count % 1_000_000 == 0 { return "\(count / 1_000_000)m" }
        if count != 0, count % 1_000 == 0 { return "\(count / 1_000)k" }
        return "\(count)"
    }

    /// A number that `number` reads to the same value.
    static func text(number: Double) -> String {
        if let whole = Int64(exactly: number) { return "\(whole)" }
        return "\(number)"
    }

    /// A share that `share` reads to the same value.
    static func text(share: Double) -> String { share == 1 ? "100%" : text(number: share) }

    /// A rate that `rate` reads to the same value.
    static func text(rate: Double) -> String {
        if let whole = Int64(exactly: rate) { return text(count: whole) + "/s" }
        return "\(rate)/s"
    }

    /// `4`, or `1..5`.
    static func text<Number: FixedWidthInteger>(range: ClosedRange<Number>) -> String {
        let low = text(count: Int64(range.lowerBound))
        guard range.lowerBound < range.upperBound else { return low }
        return low + ".." + text(count: Int64(range.upperBound))
    }
}
