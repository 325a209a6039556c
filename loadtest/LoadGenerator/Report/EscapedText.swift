// SPDX-License-Identifier: Apache-2.0

/// Texts of a scenario or a server, made harmless where they are shown: nothing of them is markup, a
/// terminal's command, a formula, or turns the direction of what follows.
enum EscapedText {
    /// Characters of one text that a report shows.
    static let charactersMax = 1_000

    /// Whether a scalar moves a cursor, hides, or reorders its neighbours.
    private static func isUnseen(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f...0x9f, 0x061c, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f,
            0xfeff, 0xfff9...0xfffb, 0xfffe...0xffff, 0xe0000...0xe0fff:
            true
        default: false
        }
    }

    /// One line without anything unseen, at most `limit` scalars long.
    static func plain(_ text: String, limit: Int = charactersMax) -> String {
        var plain = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            guard plain.count < limit else { return String(plain) + "…" }
            plain.append(isUnseen(scalar) ? (scalar == "\n" || scalar == "\t" ? " " : "?") : scalar)
        }
        return String(plain)
    }

    /// For an HTML text or a quoted attribute.
    static func html(_ text: String, limit: Int = charactersMax) -> String {
        var escaped = ""
        for scalar in plain(text, limit: limit).unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// A JSON string with its quotes. Everything is kept; what is unseen is written as its number.
    static func json(_ text: String) -> String {
        var escaped = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": escaped += "\\\""
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\t": escaped += "\\t"
            case _ where isUnseen(scalar):
                // Beyond four digits there are two surrogates.
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped + "\""
    }

    /// A CSV field (RFC 4180) on one line; what a spreadsheet takes for a formula begins with an
    /// apostrophe.
    static func csv(_ text: String) -> String {
        var field = plain(text)
        if let first = field.unicodeScalars.first, "=+-@".unicodeScalars.contains(first) {
            field = "'" + field
        }
        // Scalars: a comma with an accent on it is another character, but ends a field all the same.
        guard field.unicodeScalars.contains(where: { ",\";".unicodeScalars.contains($0) }) else {
            return field
        }
        var quoted = "\""
        for scalar in field.unicodeScalars {
            if scalar == "\"" { quoted += "\"" }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }

    /// The same in ASCII, for terminals and logs that know nothing else.
    static func ascii(_ text: String) -> String {
        var ascii = ""
        for scalar in text.unicodeScalars {
            if scalar.isASCII {
                ascii.unicodeScalars.append(scalar)
            } else {
                ascii += substitutes[scalar] ?? "?"
            }
        }
        return ascii
    }

    private static let substitutes: [Unicode.Scalar: String] = [
        "µ": "u", "μ": "u", "×": "x", "–": "-", "—": "-", "−": "-", "·": "-", "…": "...",
        "≤": "<=", "≥": ">=", "→": "->", "’": "'", "‘": "'", "“": "\"", "”": "\"", "±": "+/-",
        "✓": "ok", "✗": "FAIL", "●": "*", "█": "#", "░": ".", "│": "|", "─": "-", "∞": "inf",
        "\u{a0}": " ",
        "▁": "_", "▂": ".", "▃": ":", "▄": "-", "▅": "=", "▆": "+", "▇": "*",
    ]
}
