// SPDX-License-Identifier: Apache-2.0

/// A JSON document before it is text; names keep their order.
indirect enum JSONTree {
    case null
    case flag(Bool)
    case integer(Int64)
    case unsigned(UInt64)
    /// What isn't finite becomes `null`.
    case number(Double)
    case string(String)
    case array([JSONTree])
    case object([(name: String, value: JSONTree)])

    static func count(_ value: Int) -> JSONTree { .integer(Int64(value)) }

    /// Two spaces per level, a newline at the end.
    var text: String {
        var text = ""
        write(to: &text, depth: 0)
        return text + "\n"
    }

    private func write(to text: inout String, depth: Int) {
        switch self {
        case .null: text += "null"
        case .flag(let flag): text += flag ? "true" : "false"
        case .integer(let value): text += String(value)
        case .unsigned(let value): text += String(value)
        case .number(let value): text += value.isFinite ? "\(value)" : "null"
        case .string(let value): text += EscapedText.json(value)
        case .array(let values):
            Self.block(values, "[", "]", to: &text, depth: depth) { $1.write(to: &$0, depth: $2) }
        case .object(let fields):
            Self.block(fields, "{", "}", to: &text, depth: depth) { text, field, depth in
                text += EscapedText.json(field.name) + ": "
                field.value.write(to: &text, depth: depth)
            }
        }
    }

    private static func block<Element>(
        _ elements: [Element], _ open: String, _ close: String, to text: inout String, depth: Int,
        _ write: (inout String, Element, Int) -> Void
    ) {
        text += open
        for (place, element) in elements.enumerated() {
            text += place == 0 ? "\n" : ",\n"
            text += String(repeating: "  ", count: depth + 1)
            write(&text, element, depth + 1)
        }
        if !elements.isEmpty { text += "\n" + String(repeating: "  ", count: depth) }
        text += close
    }
}
