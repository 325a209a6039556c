// SPDX-License-Identifier: Apache-2.0

/// What somebody who mistyped a name meant.
public enum NearestName {
    /// A longer word is no slip of a finger, and isn't compared.
    private static let lengthMax = 64

    /// The known name that is a slip or two away; nil: none is.
    public static func to(_ word: String, among names: [String]) -> String? {
        guard word.utf8.count <= lengthMax else { return nil }
        var best: (name: String, slips: Int)?
        for name in names {
            let slips = slips(word, name)
            if slips <= max(1, name.utf8.count / 3), slips < best?.slips ?? .max {
                best = (name, slips)
            }
        }
        return best?.name
    }

    /// `; did you mean 'listen'?`, or what there is.
    static func hint(_ word: String, among names: [String]) -> String {
        to(word, among: names).map { "; did you mean '\($0)'?" }
            ?? "; known: \(names.joined(separator: ", "))"
    }

    /// `a, b or c`.
    static func list(_ names: [String]) -> String {
        guard names.count > 1, let last = names.last else { return names.first ?? "" }
        return names.dropLast().joined(separator: ", ") + " or " + last
    }

    /// How many letters were left out, added, replaced or swapped. Capitals, and - for _, are none.
    private static func slips(_ word: String, _ name: String) -> Int {
        func folded(_ text: String) -> [UInt8] {
            text.lowercased().utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }
        }
        let word = folded(word)
        let name = folded(name)
        var table = [[Int]](
            repeating: [Int](repeating: 0, count: name.count + 1), count: word.count + 1)
        for row in 0...word.count {
            for column in 0...name.count {
                guard row > 0, column > 0 else {
                    table[row][column] = row + column
                    continue
                }
                let isSame = word[row - 1] == name[column - 1]
                var least = table[row - 1][column - 1] + (isSame ? 0 : 1)
                least = min(least, table[row - 1][column] + 1, table[row][column - 1] + 1)
                if row > 1, column > 1, word[row - 1] == name[column - 2],
                    word[row - 2] == name[column - 1]
                {
                    least = min(least, table[row - 2][column - 2] + 1)
                }
                table[row][column] = least
            }
        }
        return table[word.count][name.count]
    }
}

/// Somebody else's words inside our sentences: short, and without what a terminal obeys.
enum Quoted {
    private static let lengthMax = 60

    static func text(_ text: String) -> String { "'\(bare(text))'" }

    static func bare(_ text: String) -> String {
        let scalars = text.unicodeScalars
        var shown = String.UnicodeScalarView()
        for scalar in scalars.prefix(lengthMax) {
            let isControl = scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value)
            shown.append(isControl ? "?" : scalar)
        }
        return "\(String(shown))\(scalars.count > lengthMax ? "…" : "")"
    }
}
