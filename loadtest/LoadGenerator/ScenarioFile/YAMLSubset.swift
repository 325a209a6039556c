// SPDX-License-Identifier: Apache-2.0

/// The part of YAML that scenarios may use, checked before the parser sees a byte: keys and values on
/// one line, blocks, lists, braces, brackets, quotes, comments. What is refused is what makes YAML
/// dangerous (aliases that unfold to billions of nodes, nesting without end) or what nobody needs
/// here (tags, directives, texts over several lines).
///
/// It follows the parser's own scanner token by token; because a quoted or plain text can't go
/// over a line's end, the two can't get out of step.
struct YAMLSubset {
    /// A scenario is a page or two.
    static let bytesMax = 1 << 20
    /// Brackets within brackets.
    static let flowDepthMax = 48
    /// Where a key or a dash of a block may stand: that bounds the blocks within blocks.
    static let blockColumnMax = 100

    static let noAliases = "anchors and aliases (& and *) aren't read: write it out, or quote it"

    static let tooLong = "more than 1 MiB: that is no scenario"

    private let scalars: [Unicode.Scalar]
    private var index = 0
    private var place = Place()
    private var flowDepth = 0
    private var previous = Token.none
    /// Line and column of the latest key or dash in block context.
    private var opening = Place(line: 0)

    /// What came last, and where a text began.
    private enum Token {
        case none
        case indicator
        case quoted(Place)
        case plain(Place)
    }

    /// The first thing that a scenario may not contain; nil: none.
    static func fault(in text: String) -> PlacedFault? {
        guard text.utf8.count <= bytesMax else {
            return PlacedFault(place: Place(), text: tooLong)
        }
        var subset = YAMLSubset(text)
        do {
            try subset.check()
            return nil
        } catch {
            return error
        }
    }

    private init(_ text: String) {
        scalars = Array(text.unicodeScalars)
    }

    private mutating func check() throws(PlacedFault) {
        while index < scalars.count {
            try checkPrintable()
            advance()
        }
        index = 0
        place = Place()
        while skipToToken() { try token() }
    }

    // MARK: - Tokens

    private mutating func token() throws(PlacedFault) {
        try checkLineBreak()
        let scalar = peek(0)
        let isBeforeBlank = isBlank(peek(1))
        let isInFlow = flowDepth > 0
        if place.column == 1, isDocumentMark {
            for _ in 0..<3 { advance() }
            previous = .none
            return
        }
        switch scalar {
        case "[", "{":
            flowDepth += 1
            guard flowDepth <= YAMLSubset.flowDepthMax else {
                throw fault("brackets nested more than \(YAMLSubset.flowDepthMax) deep")
            }
            indicator()
        case "]", "}":
            flowDepth = max(flowDepth - 1, 0)
            indicator()
        case ",":
            indicator()
        case "-" where isBeforeBlank:
            if !isInFlow { try open(at: place) }
            indicator()
        case "?" where isInFlow || isBeforeBlank:
            throw fault("'?' isn't read: write key: value")
        case ":" where isInFlow || isBeforeBlank:
            try colon()
        case "*", "&":
            throw fault(YAMLSubset.noAliases)
        case "!":
            throw fault("tags (!) aren't read: leave it out, or quote it")
        case "|", ">":
            throw fault("texts over several lines (| and >) aren't read: write it on one line")
        case "%", "@", "`":
            throw fault("a value can't begin with \(Quoted.text(String(scalar))): quote it")
        case "'", "\"":
            try quotedText()
        default:
            try plainText()
        }
    }

    private mutating func indicator() {
        advance()
        previous = .indicator
    }

    /// The parser would go on with a text on the next line; we refuse that.
    private func checkLineBreak() throws(PlacedFault) {
        let isAfterLine: Bool
        switch previous {
        case .none, .indicator: return
        case .quoted(let start), .plain(let start): isAfterLine = start.line < place.line
        }
        guard isAfterLine else { return }
        if flowDepth > 0 {
            guard [",", "]", "}"].contains(peek(0)) else {
                throw fault("a comma or a closing bracket is missing before this")
            }
        } else if case .plain = previous, place.column > opening.column {
            throw fault("this goes on with the value above: a value stands on one line")
        }
    }

    private mutating func colon() throws(PlacedFault) {
        switch previous {
        case .quoted(let key) where key.line == place.line,
            .plain(let key) where key.line == place.line:
            if flowDepth == 0 { try open(at: key) }
            indicator()
        default: throw fault("a key is missing before this ':'")
        }
    }

    private mutating func open(at start: Place) throws(PlacedFault) {
        guard start.column <= YAMLSubset.blockColumnMax else {
            throw fault("a block begins beyond column \(YAMLSubset.blockColumnMax)")
        }
        opening = start
    }

    private mutating func quotedText() throws(PlacedFault) {
        let start = place
        let quote = peek(0)
        advance()
        while true {
            guard index < scalars.count, !isBreak(peek(0)) else {
                throw PlacedFault(
                    place: start, text: "the quotation isn't closed on its line")
            }
            let scalar = peek(0)
            if scalar == "\\", quote == "\"" {
                advance()
                guard index < scalars.count, !isBreak(peek(0)) else { continue }
            } else if scalar == quote {
                guard quote == "'", peek(1) == "'" else { break }
                advance()
            }
            advance()
        }
        advance()
        previous = .quoted(start)
    }

    private mutating func plainText() throws(PlacedFault) {
        let start = place
        let isInFlow = flowDepth > 0
        let ends: [Unicode.Scalar] = isInFlow ? [",", "[", "]", "{", "}"] : []
        words: while index < scalars.count, !isBreak(peek(0)) {
            // A comment begins at the beginning of a word.
            if peek(0) == "#", index > 0, isBlank(peek(-1)) { break }
            while !isBlank(peek(0)) {
                if ends.contains(peek(0)) || peek(0) == ":" && isBlank(peek(1)) { break words }
                advance()
            }
            while peek(0) == " " || peek(0) == "\t" { advance() }
        }
        if isInFlow, peek(0) == "{", peek(-1) == "$" {
            throw PlacedFault(
                place: start, text: "quote it: inside brackets ${...} has to be '${...}'")
        }
        // Where its key or dash stands tells whether the next line goes on with it.
        if !isInFlow, opening.line != start.line, peek(0) != ":" {
            let isFirst = if case .none = previous { opening.line == 0 } else { false }
            guard !isFirst else {
                // A text without a key is a value by itself: nothing may follow it.
                opening = Place(line: start.line, column: 0)
                previous = .plain(start)
                return
            }
            throw PlacedFault(
                place: start, text: "this has no key: write key: value on one line, or - item")
        }
        previous = .plain(start)
    }

    // MARK: - Characters

    /// Passes over blanks, line ends and comments; false at the end.
    private mutating func skipToToken() -> Bool {
        while index < scalars.count {
            let scalar = peek(0)
            if scalar == "#" {
                while index < scalars.count, !isBreak(peek(0)) { advance() }
            } else if isBlank(scalar) {
                advance()
            } else {
                return true
            }
        }
        return false
    }

    private func checkPrintable() throws(PlacedFault) {
        let value = peek(0).value
        let isPrintable =
            value == 9 || isBreak(peek(0)) || (0x20...0x7e).contains(value)
            || value >= 0xa0 && value != 0xfeff && value & 0xfffe != 0xfffe
        guard isPrintable else {
            throw fault("U+\(String(value, radix: 16, uppercase: true)) can't be in a scenario")
        }
    }

    private func fault(_ text: String) -> PlacedFault {
        PlacedFault(place: place, text: text)
    }

    private func peek(_ offset: Int) -> Unicode.Scalar {
        let position = index + offset
        return position < scalars.count ? scalars[position] : "\0"
    }

    private mutating func advance() {
        let scalar = peek(0)
        if isBreak(scalar), !(scalar == "\r" && peek(1) == "\n") {
            place.line += 1
            place.column = 1
        } else {
            place.column += 1
        }
        index += 1
    }

    private var isDocumentMark: Bool {
        let first = peek(0)
        return (first == "-" || first == ".") && peek(1) == first && peek(2) == first
            && isBlank(peek(3))
    }

    private func isBreak(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": true
        default: false
        }
    }

    /// Blank, line end, or the end of the text.
    private func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t" || scalar == "\0" || isBreak(scalar)
    }
}
