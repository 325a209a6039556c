// SPDX-License-Identifier: Apache-2.0

/// Figures as people read them: three digits that matter, and a unit.
enum FigureText {
    /// `1,203,442`.
    static func grouped(_ number: some BinaryInteger) -> String {
        let digits = Array(String(number.magnitude))
        var text = number < 0 ? "-" : ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return text
    }

    /// So many decimals: `12.346`. What isn't a number is `n/a`.
    static func fixed(_ value: Double, _ decimals: Int) -> String {
        guard value.isFinite else { return "n/a" }
        let scale = (0..<decimals).reduce(1.0) { scale, _ in scale * 10 }
        let scaled = (abs(value) * scale).rounded()
        guard scaled < 9e15 else { return "\(value)" }
        let units = Int64(scaled)
        let whole = units / Int64(scale)
        let sign = value < 0 && units > 0 ? "-" : ""
        guard decimals > 0 else { return sign + String(whole) }
        let rest = String(units % Int64(scale))
        return sign + String(whole) + "."
            + String(repeating: "0", count: decimals - rest.count) + rest
    }

    /// Three digits: `1.23`, `12.3`, `123`, `1,234`.
    static func significant(_ value: Double) -> String {
        let size = abs(value)
        guard size.isFinite, size < 9e15 else { return fixed(value, 0) }
        if size >= 99.95 { return grouped(Int64(value.rounded())) }
        return fixed(value, size >= 9.995 ? 1 : 2)
    }

    /// `significant` without zeros at the end: `1.5`, `2`.
    static func short(_ value: Double) -> String {
        var text = significant(value)
        guard text.contains(".") else { return text }
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text
    }

    /// `87 µs`, `2.31 ms`, `1.20 s`.
    static func microseconds(_ value: Double) -> String {
        if value < 999.5 { return "\(short(value.rounded())) µs" }
        if value < 999_500 { return "\(significant(value / 1_000)) ms" }
        if value < 120_000_000 { return "\(significant(value / 1_000_000)) s" }
        return seconds(value / 1_000_000)
    }

    /// See `microseconds(_:)`.
    static func microseconds(_ value: UInt64) -> String { microseconds(Double(value)) }

    /// On an axis: `2 ms`.
    static func microsecondsTick(_ value: Double) -> String {
        if value < 1_000 { return "\(short(value)) µs" }
        if value < 1_000_000 { return "\(short(value / 1_000)) ms" }
        return "\(short(value / 1_000_000)) s"
    }

    /// `0.5 s`, `30 s`, `1 min 30 s`, `1 h 5 min`, `2 d 3 h`.
    static func seconds(_ value: Double) -> String {
        guard value.isFinite else { return "n/a" }
        if value < 120 { return "\(short(value)) s" }
        let whole = Int64(min(value, 9e15).rounded())
        func parts(_ large: Int64, _ largeName: String, _ small: Int64, _ smallName: String)
            -> String
        {
            small == 0 ? "\(large) \(largeName)" : "\(large) \(largeName) \(small) \(smallName)"
        }
        if whole < 3_600 { return parts(whole / 60, "min", whole % 60, "s") }
        if whole < 86_400 { return parts(whole / 3_600, "h", whole % 3_600 / 60, "min") }
        return parts(whole / 86_400, "d", whole % 86_400 / 3_600, "h")
    }

    /// `950`, `1.5k`, `2.31M`.
    static func count(_ value: Double) -> String {
        let size = abs(value)
        if size < 999.5 { return short(value) }
        if size < 999_500 { return short(value / 1_000) + "k" }
        if size < 999_500_000 { return short(value / 1_000_000) + "M" }
        return short(value / 1_000_000_000) + "G"
    }

    /// See `count(_:)`.
    static func count(_ value: Int) -> String { count(Double(value)) }

    /// `0.12%`.
    static func percent(_ share: Double) -> String {
        guard share.isFinite else { return "n/a" }
        return short(share * 100) + "%"
    }

    /// A share of a whole; nothing of nothing is nothing.
    static func percent(_ part: Int, of whole: Int) -> String {
        whole == 0 ? "0%" : percent(Double(part) / Double(whole))
    }

    /// `2026-11-11 00:00:00 UTC`.
    static func instant(unixMilliseconds: Int64) -> String {
        let second = unixMilliseconds >= 0 ? unixMilliseconds / 1_000 : 0
        let (year, month, day) = civil(days: second / 86_400)
        let ofDay = second % 86_400
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(year)-\(two(month))-\(two(day)) "
            + "\(two(ofDay / 3_600)):\(two(ofDay / 60 % 60)):\(two(ofDay % 60)) UTC"
    }

    /// Howard Hinnant's `civil_from_days`, for days since 1970-01-01.
    private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let civilMonth = month < 10 ? month + 3 : month - 9
        return (yearOfEra + era * 400 + (civilMonth <= 2 ? 1 : 0), civilMonth, day)
    }
}
