// SPDX-License-Identifier: Apache-2.0

/// Values of a block's keys: nil when the key isn't there, or after a fault.
extension ScenarioReader {
    /// A number that fits `Int`.
    mutating func count(_ block: Block, _ key: String, _ range: ClosedRange<Int>) -> Int? {
        let wide = Int64(range.lowerBound)...Int64(range.upperBound)
        return units(block, key, wide).map { Int($0) }
    }

    /// A number of units.
    mutating func units(_ block: Block, _ key: String, _ range: ClosedRange<Int64>) -> Int64? {
        let expected =
            "a number of \(Quantity.text(count: range.lowerBound)) to"
            + " \(Quantity.text(count: range.upperBound))"
        return value(block, key, expected) { text in
            Quantity.count(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A whole number without a unit.
    mutating func whole(_ block: Block, _ key: String, _ range: ClosedRange<UInt64>) -> UInt64? {
        let expected =
            range.lowerBound == range.upperBound
            ? "\(range.lowerBound)"
            : "a whole number of \(range.lowerBound) to \(range.upperBound)"
        return value(block, key, expected) { text in
            Quantity.whole(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// Nanoseconds.
    mutating func duration(
        _ block: Block, _ key: String, _ range: ClosedRange<UInt64>, example: String
    ) -> UInt64? {
        block[key].flatMap { duration($0, key, range, example: example) }
    }

    /// Nanoseconds, of a value that has no block.
    mutating func duration(
        _ node: YAMLNode, _ key: String, _ range: ClosedRange<UInt64>, example: String
    ) -> UInt64? {
        let expected =
            "a duration of \(Quantity.text(duration: range.lowerBound)) to"
            + " \(Quantity.text(duration: range.upperBound)), such as \(example)"
        return value(node, key, expected) { text in
            Quantity.duration(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// Events per second.
    mutating func rate(_ block: Block, _ key: String) -> Double? {
        value(block, key, "a rate of 0/s to 10m/s, such as 500/s or 2k/s") { text in
            Quantity.rate(text).flatMap { $0 <= 10_000_000 ? $0 : nil }
        }
    }

    /// 0 to 1; `isAboveZero`: without the 0.
    mutating func share(_ block: Block, _ key: String, isAboveZero: Bool = false) -> Double? {
        guard let node = block[key] else { return nil }
        let low = isAboveZero ? "above 0 %" : "0 %"
        let share = value(node, key, "a share of \(low) to 100 %, such as 20% or 0.2") { text in
            Quantity.share(text).flatMap {
                $0 <= 1 && ($0 > 0 || !isAboveZero) ? $0 : nil
            }
        }
        if share == nil, let text = node.text {
            faults[faults.count - 1].text += Quantity.shareHint(text)
        }
        return share
    }

    /// A number with decimals.
    mutating func number(
        _ block: Block, _ key: String, _ range: ClosedRange<Double>
    ) -> Double? {
        let low = Quantity.text(number: range.lowerBound)
        let high = Quantity.text(number: range.upperBound)
        return value(block, key, "a number of \(low) to \(high)") { text in
            Quantity.number(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// `1..5` or `3`.
    mutating func range(
        _ block: Block, _ key: String, _ bounds: ClosedRange<Int64>
    ) -> ClosedRange<Int64>? {
        let low = Quantity.text(count: bounds.lowerBound)
        let high = Quantity.text(count: bounds.upperBound)
        let expected = "a range such as 1..5 or a number, within \(low) to \(high)"
        return value(block, key, expected) { text in
            guard let dots = text.firstRange(of: "..") else {
                return Quantity.count(text).flatMap { bounds.contains($0) ? $0...$0 : nil }
            }
            guard let first = Quantity.count(String(text[..<dots.lowerBound])),
                let last = Quantity.count(String(text[dots.upperBound...])),
                first <= last, bounds.contains(first), bounds.contains(last)
            else { return nil }
            return first...last
        }
    }

    /// One of some words.
    mutating func choice<Choice>(
        _ block: Block, _ key: String, _ choices: [(String, Choice)]
    ) -> Choice? {
        guard let node = block[key] else { return nil }
        if let choice = choices.first(where: { $0.0 == node.text }) { return choice.1 }
        let names = choices.map(\.0)
        let slip = node.text.flatMap { NearestName.to($0, among: names) }
        wrong(node, key, NearestName.list(names))
        if let slip { faults[faults.count - 1].text += "; did you mean '\(slip)'?" }
        return nil
    }

    /// A text of some form.
    mutating func word(
        _ block: Block, _ key: String, _ isRight: (String) -> Bool, _ expected: String
    ) -> String? {
        value(block, key, expected) { isRight($0) ? $0 : nil }
    }

    mutating func value<Value>(
        _ block: Block, _ key: String, _ expected: String, _ read: (String) -> Value?
    ) -> Value? {
        block[key].flatMap { value($0, key, expected, read) }
    }

    mutating func value<Value>(
        _ node: YAMLNode, _ key: String, _ expected: String, _ read: (String) -> Value?
    ) -> Value? {
        if let value = node.text.flatMap(read) { return value }
        wrong(node, key, expected)
        return nil
    }

    /// What names a scenario or a brand.
    static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { isWordByte($0) || $0 == UInt8(ascii: ".") }
    }

    /// What names a stage or a journey: no points, which part the path of an override.
    static func isShortName(_ text: String) -> Bool {
        guard let first = text.utf8.first, (UInt8(ascii: "A")...122).contains(first) else {
            return false
        }
        return text.utf8.count <= 32 && text.utf8.allSatisfy(isWordByte)
            && first != UInt8(ascii: "_")
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
