// SPDX-License-Identifier: Apache-2.0

/// A command line cut into words as a shell does it: blanks between them, `'…'` and `"…"` around what
/// belongs together, `\` before a character that means itself. Nothing is expanded.
public struct CommandWords: Equatable, Sendable {
    /// The words; never empty.
    public let words: [String]

    /// Reads one; nil when a quote isn't closed, or there is no word.
    public init?(_ text: String) {
        var words: [String] = []
        var word = ""
        var isInWord = false
        var quote: Character?
        var isEscaped = false
        for character in text {
            if isEscaped {
                word.append(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
                isInWord = true
            } else if let open = quote {
                if character == open { quote = nil } else { word.append(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                isInWord = true
            } else if character == " " || character == "\t" || character == "\n" {
                if isInWord { words.append(word) }
                word = ""
                isInWord = false
            } else {
                word.append(character)
                isInWord = true
            }
        }
        guard quote == nil, !isEscaped else { return nil }
        if isInWord { words.append(word) }
        guard !words.isEmpty else { return nil }
        self.words = words
    }

    /// The same with something else in the place of `placeholder`; what is put there stays in its word.
    func replacing(_ placeholder: String, with text: String) -> CommandWords {
        CommandWords(words: words.map { $0.replacing(placeholder, with: text) })
    }

    private init(words: [String]) { self.words = words }

    /// The word after `flag`, or behind `flag=`.
    func value(of flag: String) -> String? {
        for (index, word) in words.enumerated() {
            if word == flag, index + 1 < words.count { return words[index + 1] }
            if word.hasPrefix(flag + "=") { return String(word.dropFirst(flag.count + 1)) }
        }
        return nil
    }
}
