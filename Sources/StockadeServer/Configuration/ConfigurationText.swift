// SPDX-License-Identifier: Apache-2.0

internal import Yams

/// A configuration's sections, keys and values, as Yams reads them. Of YAML only what a configuration
/// needs is taken, `key: value` below a section; the rest is refused, with its place (decision 0019).
struct ConfigurationText {
    /// A page or two.
    static let bytesMax = 64 << 10
    /// Asterisks outside comment lines: a few aliases, used as keys, unfold to billions of nodes
    /// while Yams looks for duplicates. Nesting is bounded by libyaml (1,000 levels).
    static let asterisksMax = 16

    /// Where something stands, from 1; columns in Unicode scalars.
    struct Place: Hashable {
        var line: Int
        var column: Int
    }

    /// A value and how it was written.
    struct Scalar: Equatable {
        var text: String
        var isQuoted: Bool
        var place: Place
    }

    /// A key with its value, in a section.
    struct Entry: Equatable {
        var section: String
        var name: String
        var place: Place
        var value: Scalar
    }

    /// What is wrong, and where.
    struct Fault: Error, Equatable {
        var place: Place
        var text: String
    }

    private(set) var entries: [Entry] = []
    /// Sections with their places, those without entries as well.
    private(set) var sections: [(name: String, place: Place)] = []
    private(set) var faults: [Fault] = []
    private let lines: [Substring.UnicodeScalarView]

    init(_ text: String) {
        // Some editors begin a file with this mark; some end lines with a carriage return.
        let scalars = text.unicodeScalars.drop { $0 == "\u{feff}" }
        lines = scalars.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.last == "\r" ? $0.dropLast() : $0 }
        collect { text throws(Fault) in
            try text.checkCharacters()
            guard let root = try ConfigurationText.root(of: String(scalars)) else { return }
            let advice = "a configuration has sections: write section: and key: value below it"
            for (key, block) in try text.mapping(root, advice) {
                text.collect { text throws(Fault) in try text.open(key, block) }
            }
        }
    }

    private mutating func collect(_ step: (inout Self) throws(Fault) -> Void) {
        do throws(Fault) { try step(&self) } catch { faults.append(error) }
    }

    private mutating func open(_ key: Node, _ block: Node) throws(Fault) {
        let section = try name(key)
        sections.append((section, Place(key)))
        let advice =
            "\(Quoted.text(section)) begins a section: write its keys below it, indented, key: value"
        for (key, value) in try mapping(block, advice) {
            collect { text throws(Fault) in try text.enter(key, value, section) }
        }
    }

    private mutating func enter(_ key: Node, _ value: Node, _ section: String) throws(Fault) {
        let name = try name(key)
        try check(value)
        guard case .scalar(let scalar) = value, !ConfigurationText.isNothing(scalar),
            Place(value).line == Place(key).line
        else {
            throw Fault(
                key, "\(Quoted.text(name)) has no value: write one on its line, or leave it out")
        }
        let read = Scalar(
            text: scalar.string, isQuoted: scalar.style != .plain, place: Place(value))
        entries.append(Entry(section: section, name: name, place: Place(key), value: read))
    }

    // MARK: - Nodes

    private static func root(of text: String) throws(Fault) -> Node? {
        do {
            return try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
        } catch {
            switch error as? YamlError {
            case .scanner(let context, let problem, let mark, _),
                .parser(let context, let problem, let mark, _),
                .composer(let context, let problem, let mark, _):
                let start = context.map { "\($0.text) from \($0.mark) on, " } ?? ""
                throw Fault(
                    place: Place(mark),
                    text: "this can't be read: \(start)\(problem); write key: value on one line,"
                        + " and the value in quotes if it has other signs")
            case .duplicatedKeysInMapping(let names, let context):
                // The mark is the first one's.
                throw Fault(
                    place: Place(context.mark),
                    text: "\(Quoted.text(names.first ?? "")) is written here and again: keep one")
            default: throw Fault(place: Place(nil), text: "this isn't YAML")
            }
        }
    }

    /// A block's keys and values; none where nothing stands.
    private func mapping(_ node: Node, _ advice: String) throws(Fault) -> Node.Mapping {
        try check(node)
        if case .mapping(let mapping) = node { return mapping }
        guard case .scalar(let scalar) = node, ConfigurationText.isNothing(scalar) else {
            throw Fault(node, advice)
        }
        return [:]
    }

    private func name(_ node: Node) throws(Fault) -> String {
        try check(node)
        guard case .scalar(let key) = node, key.style == .plain, !key.string.isEmpty,
            source(node).starts(with: "\(key.string):".unicodeScalars)
        else {
            throw Fault(node, "expected here is a key, without quotes, and a colon: key: value")
        }
        return key.string
    }

    private static func isNothing(_ scalar: Node.Scalar) -> Bool {
        scalar.style == .plain && scalar.string.isEmpty
    }

    // MARK: - What nodes don't tell

    /// Tabs, line ends of other worlds, and what nobody sees; and too many aliases.
    private func checkCharacters() throws(Fault) {
        var asterisks = 0
        for (number, line) in lines.enumerated() {
            let isComment = line.first { $0 != " " } == "#"
            for (index, scalar) in line.enumerated() {
                let place = Place(line: number + 1, column: index + 1)
                let value = scalar.value
                let isRead =
                    (0x20...0x7e).contains(value)
                    || value >= 0xa0 && value & 0xfffe != 0xfffe
                        && ![0x2028, 0x2029, 0xfeff].contains(value)
                guard isRead else {
                    let code = String(value, radix: 16, uppercase: true)
                    let text =
                        value == 9 ? "a tab: write spaces" : "U+\(code) isn't read: leave it out"
                    throw Fault(place: place, text: text)
                }
                if scalar == "*", !isComment { asterisks += 1 }
                guard asterisks <= ConfigurationText.asterisksMax else {
                    throw Fault(
                        place: place,
                        text:
                            "more than \(ConfigurationText.asterisksMax) asterisks outside comment"
                            + " lines: aliases aren't read, write it out")
                }
            }
        }
    }

    /// Refuses a node that doesn't stand there as it is read. Yams tells neither a tag that says what
    /// is so anyway nor braces nor a text over several lines; the text at the node's mark does.
    private func check(_ node: Node) throws(Fault) {
        let source = source(node)
        switch source.first {
        case "&":
            throw Fault(node, "anchors and aliases aren't read: write it out, or put it in quotes")
        case "!": throw Fault(node, "tags aren't read: leave it out, or put it in quotes")
        case "{", "[":
            throw Fault(
                node, "braces and brackets aren't read: write section: and key: value below it")
        case "|", ">":
            throw Fault(node, "texts over several lines aren't read: write it on one line")
        default: break
        }
        switch node {
        case .mapping: break
        case .sequence, .alias: throw Fault(node, "lists aren't read: each setting has one value")
        case .scalar(let scalar):
            guard !source.starts(with: ConfigurationText.written(scalar)) else { break }
            throw Fault(
                node,
                "write it on one line, and of escapes only \\\\ and \\\": all others aren't read")
        }
    }

    /// A scalar as it has to be written.
    private static func written(_ scalar: Node.Scalar) -> String.UnicodeScalarView {
        let (quote, escapes): (String, [Unicode.Scalar: String]) =
            switch scalar.style {
            case .singleQuoted: ("'", ["'": "''"])
            case .doubleQuoted: ("\"", ["\"": "\\\"", "\\": "\\\\"])
            default: ("", [:])
            }
        let text = scalar.string.unicodeScalars.map { escapes[$0] ?? String($0) }.joined()
        return (quote + text + quote).unicodeScalars
    }

    /// What stands at a node's mark, up to the line's end.
    private func source(_ node: Node) -> Substring.UnicodeScalarView {
        let place = Place(node)
        guard place.line <= lines.count else { return Substring().unicodeScalars }
        return lines[place.line - 1].dropFirst(place.column - 1)
    }
}

extension ConfigurationText.Place {
    fileprivate init(_ mark: Mark?) { self.init(line: mark?.line ?? 1, column: mark?.column ?? 1) }

    fileprivate init(_ node: Node) { self.init(node.mark) }
}

extension ConfigurationText.Fault {
    fileprivate init(_ node: Node, _ text: String) { self.init(place: .init(node), text: text) }
}
