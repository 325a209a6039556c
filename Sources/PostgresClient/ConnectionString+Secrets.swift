// SPDX-License-Identifier: Apache-2.0

private import CPostgres

extension PostgresConnection {
    /// A connection string as it may be shown to anybody: keywords and values, without the password
    /// and what else libpq itself hides. Nil when it can't be read.
    public static func shown(_ conninfo: String) -> (text: String, hadSecret: Bool)? {
        // SAFETY: libpq reads the text during the call and gives a list that ends with a null
        // keyword, freed below.
        let options = unsafe PQconninfoParse(conninfo, nil)
        defer { unsafe PQconninfoFree(options) }
        guard var option = unsafe options else { return nil }
        var words: [String] = []
        var hadSecret = false
        while let keyword = unsafe option.pointee.keyword {
            if let value = unsafe option.pointee.val {
                // "*" marks what is to be typed unseen.
                let isSecret = unsafe option.pointee.dispchar.map {
                    unsafe String(cString: $0) == "*"
                }
                if isSecret == true {
                    hadSecret = true
                } else {
                    words.append(
                        "\(unsafe String(cString: keyword))="
                            + quoted(unsafe String(cString: value)))
                }
            }
            unsafe option += 1
        }
        return (words.joined(separator: " "), hadSecret)
    }

    /// A value as a connection string has it.
    private static func quoted(_ value: String) -> String {
        let isPlain = !value.isEmpty && !value.contains { " '\\=".contains($0) }
        if isPlain { return value }
        let escaped = value.map { "'\\".contains($0) ? "\\\($0)" : String($0) }.joined()
        return "'\(escaped)'"
    }
}
