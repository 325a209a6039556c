// SPDX-License-Identifier: Apache-2.0

internal import Projection
internal import Transport

/// How a setting is written, and what it may be.
public enum SettingForm: Hashable, Sendable {
    /// HOST:PORT.
    case address
    /// A path; a relative one begins at the working directory.
    case path
    /// libpq's connection string.
    case connection
    /// `true` or `false`.
    case truth
    /// One of these.
    case word([String])
    /// A whole number.
    case count(ClosedRange<Int>)
    /// A size with its unit, in bytes.
    case bytes(ClosedRange<Int>)
    /// A length of time with its unit, in milliseconds.
    case duration(ClosedRange<Int>)

    /// Why a text isn't a value.
    struct Misfit: Error {
        var text: String
    }

    private static let sizes = [
        ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
    ]
    private static let times = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
    ]

    // MARK: - In words

    /// What its values are called.
    public var name: String {
        switch self {
        case .address: "address"
        case .path: "path"
        case .connection: "connection string"
        case .truth: "yes or no"
        case .word: "word"
        case .count: "count"
        case .bytes: "size"
        case .duration: "duration"
        }
    }

    /// The values that it may have.
    public var range: String {
        switch self {
        case .address: "HOST:PORT"
        case .path, .connection: ""
        case .truth: "true, false"
        case .word(let words): words.joined(separator: ", ")
        case .count(let range), .bytes(let range), .duration(let range):
            "\(text(.number(range.lowerBound))) to \(text(.number(range.upperBound)))"
        }
    }

    /// What should have been written.
    var expected: String {
        switch self {
        case .address: "HOST:PORT with a numeric host, such as 127.0.0.1:50051 or [::1]:50051"
        case .path: "a path"
        case .connection: "libpq's connection string, such as host=db.example dbname=sales"
        case .truth: "true or false"
        case .word(let words): NearestName.list(words)
        case .count: "a whole number from \(range), digits only"
        case .bytes: "a size from \(range), with its unit: KiB, MiB, GiB or TiB"
        case .duration: "a duration from \(range), with its unit: ms, s, m, h or d"
        }
    }

    /// A value as it is written in a file, apart from quotes.
    public func text(_ value: SettingValue) -> String {
        switch (value, self) {
        case (.text(let text), _): text
        case (.truth(let truth), _): truth ? "true" : "false"
        case (.number(let number), .bytes): SettingForm.text(number, SettingForm.sizes)
        case (.number(let number), .duration): SettingForm.text(number, SettingForm.times)
        case (.number(let number), _): "\(number)"
        }
    }

    private static func text(_ number: Int, _ units: [(String, Int)]) -> String {
        guard let (unit, factor) = units.first(where: { number != 0 && number % $0.1 == 0 })
        else { return "\(number)" }
        return "\(number / factor)\(unit)"
    }

    // MARK: - Reading

    /// Reads what stands in a file or in an environment variable.
    func read(_ text: String) throws(Misfit) -> SettingValue {
        let value: SettingValue?
        switch self {
        case .truth: value = text == "true" ? .truth(true) : text == "false" ? .truth(false) : nil
        case .count: value = SettingForm.digits(text[...]).map { .number($0) }
        case .bytes: value = SettingForm.number(text, SettingForm.sizes).map { .number($0) }
        case .duration: value = SettingForm.number(text, SettingForm.times).map { .number($0) }
        case .address, .path, .connection, .word: value = .text(text)
        }
        guard let value else { throw misfit(text) }
        if let misfit = misfit(value) { throw misfit }
        return value
    }

    /// Why it may not have this value; nil: it may.
    public func problem(of value: SettingValue) -> String? { misfit(value)?.text }

    private func misfit(_ value: SettingValue) -> Misfit? {
        switch (self, value) {
        case (.address, .text(let text)):
            do {
                _ = try SocketAddress(text)
                return nil
            } catch { return misfit(text) }
        case (.path, .text(let text)): return text.isEmpty ? misfit(text) : nil
        case (.connection, .text(let text)):
            // What is wrong is said without the text: a password may be in it.
            return Projector.problem(of: text).map { Misfit(text: "it can't be read: \($0)") }
        case (.word(let words), .text(let text)):
            guard !words.contains(text) else { return nil }
            let hint = NearestName.to(text, among: words).map { "; did you mean '\($0)'?" } ?? ""
            return Misfit(text: "must be \(expected), not \(Quoted.text(text))\(hint)")
        case (.count(let range), .number(let number)), (.bytes(let range), .number(let number)),
            (.duration(let range), .number(let number)):
            return range.contains(number) ? nil : misfit(text(value))
        default: return nil
        }
    }

    private func misfit(_ text: String) -> Misfit {
        Misfit(text: "must be \(expected), not \(text.isEmpty ? "nothing" : Quoted.text(text))")
    }

    private static func digits(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        // A number that begins with 0 means something else in YAML.
        guard text.utf8.count == 1 || text.utf8.first != 0x30 else { return nil }
        return Int(text)
    }

    private static func number(_ text: String, _ units: [(String, Int)]) -> Int? {
        let figure = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text[figure.endIndex...]
        guard let number = digits(figure), let factor = units.first(where: { $0.0 == unit })?.1
        else { return nil }
        let (product, isOver) = number.multipliedReportingOverflow(by: factor)
        return isOver ? nil : product
    }
}
