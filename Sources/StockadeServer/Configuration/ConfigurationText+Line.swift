// SPDX-License-Identifier: Apache-2.0

extension ConfigurationText {
    /// A line and how far it has been read.
    struct Line {
        private let scalars: [Unicode.Scalar]
        private let number: Int
        private var index = 0

        init(_ scalars: [Unicode.Scalar], number: Int) {
            self.scalars = scalars
            self.number = number
        }

        var column: Int { index + 1 }
        var place: Place { Place(line: number, column: column) }
        var peek: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

        /// Nothing follows but a comment.
        var isAtEnd: Bool {
            peek == nil || peek == "#" && (index == 0 || scalars[index - 1] == " ")
        }

        var isDocumentMark: Bool {
            let mark = scalars.prefix(3)
            return (mark.allSatisfy { $0 == "-" } || mark.allSatisfy { $0 == "." })
                && mark.count == 3 && (scalars.count == 3 || scalars[3] == " ")
        }

        func fault(_ text: String) -> Fault { Fault(place: place, text: text) }

        /// Passes over a document mark and the spaces behind it.
        mutating func skipMark() {
            index += 3
            skipSpaces()
        }

        mutating func skipSpaces() {
            while peek == " " { index += 1 }
        }

        /// Tabs, line ends of other worlds, and what nobody sees.
        func checkCharacters() throws(Fault) {
            for (index, scalar) in scalars.enumerated() {
                let value = scalar.value
                let isRead =
                    (0x20...0x7e).contains(value)
                    || value >= 0xa0 && value & 0xfffe != 0xfffe
                        && ![0x2028, 0x2029, 0xfeff].contains(value)
                guard !isRead else { continue }
                let code = String(value, radix: 16, uppercase: true)
                throw Fault(
                    place: Place(line: number, column: index + 1),
                    text: value == 9
                        ? "a tab: write spaces" : "the character U+\(code) isn't read: leave it out"
                )
            }
        }

        /// A word and the colon behind it.
        mutating func key() throws(Fault) -> String {
            let start = place
            if let reason = refusal() { throw fault(reason) }
            var name = String.UnicodeScalarView()
            while let scalar = peek, isWord(scalar) {
                name.append(scalar)
                index += 1
            }
            guard !name.isEmpty, peek == ":",
                index + 1 == scalars.count || scalars[index + 1] == " "
            else {
                throw Fault(
                    place: start, text: "expected here is a key, a colon and a space: key: value")
            }
            index += 1
            return String(name)
        }

        /// The value, up to the line's end or a comment.
        mutating func value() throws(Fault) -> Scalar {
            let start = place
            if let reason = refusal() { throw fault(reason) }
            guard let quote = peek, quote == "'" || quote == "\"" else { return try plain(start) }
            let text = try quoted(quote, start)
            let after = place
            skipSpaces()
            guard isAtEnd else {
                throw Fault(place: after, text: "something follows behind the closing quote")
            }
            return Scalar(text: text, isQuoted: true, place: start)
        }

        private mutating func plain(_ start: Place) throws(Fault) -> Scalar {
            var text = String.UnicodeScalarView()
            while !isAtEnd, let scalar = peek {
                if scalar == ":", index + 1 == scalars.count || scalars[index + 1] == " " {
                    throw fault("a colon with a space behind it: put the value in quotes")
                }
                text.append(scalar)
                index += 1
            }
            while text.last == " " { text.removeLast() }
            return Scalar(text: String(text), isQuoted: false, place: start)
        }

        private mutating func quoted(
            _ quote: Unicode.Scalar, _ start: Place
        ) throws(Fault) -> String {
            var text = String.UnicodeScalarView()
            index += 1
            while let scalar = peek {
                index += 1
                if scalar == quote {
                    guard quote == "'", peek == "'" else { return String(text) }
                    index += 1
                    text.append("'")
                } else if scalar == "\\", quote == "\"" {
                    guard let escaped = peek, escaped == "\\" || escaped == "\"" else {
                        throw fault(
                            "of the escapes only \\\\ and \\\" are read: use single quotes instead")
                    }
                    index += 1
                    text.append(escaped)
                } else {
                    text.append(scalar)
                }
            }
            throw Fault(place: start, text: "the quote isn't closed on its line")
        }

        /// Why nothing of ours begins like this.
        private func refusal() -> String? {
            let isMark = index + 1 == scalars.count || scalars[index + 1] == " "
            switch peek {
            case "&", "*":
                return "anchors and aliases aren't read: write it out, or put it in quotes"
            case "!": return "tags aren't read: leave it out, or put it in quotes"
            case "|", ">": return "texts over several lines aren't read: write it on one line"
            case "{", "}", "[", "]", ",":
                return "braces and brackets aren't read: write section: and key: value below it"
            case "-" where isMark: return "lists aren't read: each setting has one value"
            case "?" where isMark, ":" where isMark: return "write key: value"
            case "%", "@", "`": return "nothing can begin like this: put it in quotes"
            default: return nil
            }
        }

        private func isWord(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "_", "-", ".": true
            default: false
            }
        }
    }
}
