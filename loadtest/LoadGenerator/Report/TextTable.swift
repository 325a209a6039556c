// SPDX-License-Identifier: Apache-2.0

/// Columns of plain text: the first is flush left, the others right.
struct TextTable {
    private var rows: [[String]]

    init(_ header: [String]) { rows = [header] }

    mutating func add(_ row: [String]) { rows.append(row) }

    /// Its lines, each after `indent`.
    func lines(indent: String) -> [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? TextWidth.of($0[column]) : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = indent
            for (column, text) in row.enumerated() {
                line +=
                    column == 0
                    ? Self.left(text, widths[0]) : "  " + Self.right(text, widths[column])
            }
            return line
        }
    }

    static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - TextWidth.of(text)))
    }

    static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - TextWidth.of(text))) + text
    }
}

/// How many cells of a terminal a text takes.
enum TextWidth {
    static func of(_ text: String) -> Int { text.unicodeScalars.reduce(0) { $0 + cells($1) } }

    /// As much of a text as fits, with an ellipsis where something is missing.
    static func cut(_ text: String, to width: Int) -> String {
        guard of(text) > width else { return text }
        guard width > 0 else { return "" }
        var cut = String.UnicodeScalarView()
        var used = 1
        for scalar in text.unicodeScalars {
            used += cells(scalar)
            guard used <= width else { break }
            cut.append(scalar)
        }
        return String(cut) + "…"
    }

    /// East Asian and emoji take two cells, marks above a letter none.
    private static func cells(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case 0x0300...0x036f, 0x20d0...0x20f0, 0xfe00...0xfe0f, 0xfe20...0xfe2f: 0
        case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xa960...0xa97c, 0xac00...0xd7a3,
            0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6,
            0x1f000...0x1faff, 0x20000...0x3fffd:
            2
        default: 1
        }
    }
}
