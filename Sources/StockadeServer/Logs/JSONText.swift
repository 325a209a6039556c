// SPDX-License-Identifier: Apache-2.0

/// Writes JSON, member by member.
struct JSONText {
    private(set) var text = ""
    private var needsComma = false

    mutating func beginObject(_ name: String? = nil) { open("{", name) }
    mutating func endObject() { close("}") }
    mutating func beginArray(_ name: String? = nil) { open("[", name) }
    mutating func endArray() { close("]") }

    mutating func member(_ name: String, _ value: String) {
        write(name)
        text += JSONText.quoted(value)
    }

    mutating func member(_ name: String, _ value: Bool) {
        write(name)
        text += value ? "true" : "false"
    }

    mutating func member(_ name: String, _ value: some BinaryInteger) {
        write(name)
        text += "\(value)"
    }

    /// A fraction; what JSON can't have becomes null.
    mutating func member(_ name: String, _ value: Double?) {
        write(name)
        text += JSONText.number(value)
    }

    mutating func element(_ value: Double?) {
        comma()
        text += JSONText.number(value)
    }

    mutating func element(_ value: String) {
        comma()
        text += JSONText.quoted(value)
    }

    private static func number(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "null" }
        return value == value.rounded() && value.magnitude < 1e15 ? "\(Int64(value))" : "\(value)"
    }

    private mutating func open(_ bracket: String, _ name: String?) {
        if let name { write(name) } else { comma() }
        text += bracket
        needsComma = false
    }

    private mutating func close(_ bracket: String) {
        text += bracket
        needsComma = true
    }

    private mutating func write(_ name: String) {
        comma()
        text += JSONText.quoted(name) + ":"
    }

    private mutating func comma() {
        if needsComma { text += "," }
        needsComma = true
    }

    /// A string in quotes. A slash stays as it is, so that paths can be searched for.
    static func quoted(_ value: String) -> String {
        var quoted = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            default:
                let code = scalar.value
                if code < 0x20 || (0x7f...0x9f).contains(code) || code == 0x2028 || code == 0x2029 {
                    let digits = String(code, radix: 16)
                    quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                } else {
                    quoted.unicodeScalars.append(scalar)
                }
            }
        }
        return quoted + "\""
    }
}
