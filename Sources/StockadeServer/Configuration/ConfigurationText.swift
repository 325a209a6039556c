// SPDX-License-Identifier: Apache-2.0

/// The part of YAML that a configuration needs, read line by line: sections, and below each, indented,
/// a key and its value on one line. What it takes, any YAML reader takes, and reads the same; all the
/// rest of YAML is refused, with its place (decision 0019).
struct ConfigurationText {
    /// A page or two.
    static let bytesMax = 64 << 10

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

    /// What is wrong in a line.
    struct Fault: Error, Equatable {
        var place: Place
        var text: String
    }

    private(set) var entries: [Entry] = []
    /// Sections with their places, those without entries as well.
    private(set) var sections: [(name: String, place: Place)] = []
    private(set) var faults: [Fault] = []
    private var indent: Int?
    private var hasContent = false

    init(_ text: String) {
        var scalars = Array(text.unicodeScalars)
        // Some editors begin a file with this mark.
        if scalars.first == "\u{feff}" { scalars.removeFirst() }
        for (index, line) in scalars.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            var line = Array(line)
            if line.last == "\r" { line.removeLast() }
            do throws(Fault) {
                try read(Line(line, number: index + 1))
            } catch { faults.append(error) }
        }
    }

    private mutating func read(_ line: Line) throws(Fault) {
        var line = line
        try line.checkCharacters()
        line.skipSpaces()
        guard !line.isAtEnd else { return }
        if line.column == 1, line.isDocumentMark {
            // Before everything else it means nothing.
            guard !hasContent, line.peek == "-" else {
                throw line.fault("a configuration is one document: leave this line out")
            }
            line.skipMark()
            guard line.isAtEnd else { throw line.fault("nothing may follow on this line") }
            hasContent = true
            return
        }
        hasContent = true
        let place = line.place
        let key = try line.key()
        if place.column == 1 {
            try open(key, place, &line)
        } else {
            try enter(key, place, &line)
        }
    }

    private mutating func open(_ name: String, _ place: Place, _ line: inout Line) throws(Fault) {
        let former = sections.first { $0.name == name }
        sections.append((name, place))
        indent = nil
        if let former {
            throw Fault(
                place: place,
                text: "'\(name)' is written twice, first in line \(former.place.line): keep one")
        }
        line.skipSpaces()
        guard line.isAtEnd else {
            throw line.fault(
                "'\(name)' begins a section: write its keys below it, indented, one on a line")
        }
    }

    private mutating func enter(_ name: String, _ place: Place, _ line: inout Line) throws(Fault) {
        guard let section = sections.last?.name else {
            throw Fault(place: place, text: "this is indented and stands in no section")
        }
        guard place.column == indent ?? place.column else {
            throw Fault(
                place: place,
                text: "indented otherwise than the keys above: they begin in column \(indent ?? 0)")
        }
        indent = place.column
        line.skipSpaces()
        guard !line.isAtEnd else {
            throw Fault(
                place: place,
                text: "'\(name)' has no value: write one, or leave the line out for the default")
        }
        let value = try line.value()
        if let former = entries.first(where: { $0.section == section && $0.name == name }) {
            throw Fault(
                place: place,
                text: "'\(name)' is written twice, first in line \(former.place.line): keep one")
        }
        entries.append(Entry(section: section, name: name, place: place, value: value))
    }
}
