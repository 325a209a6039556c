// SPDX-License-Identifier: Apache-2.0

/// The little JSON that commands print with `-o json`.
indirect enum JSONText {
    case text(String)
    case number(Int)
    case truth(Bool)
    case list([JSONText])
    case object([(String, JSONText)])

    /// In one line.
    var line: String {
        switch self {
        case .text(let text): JSONText.quoted(text)
        case .number(let number): "\(number)"
        case .truth(let truth): truth ? "true" : "false"
        case .list(let list): "[\(list.map(\.line).joined(separator: ","))]"
        case .object(let pairs):
            "{\(pairs.map { "\(JSONText.quoted($0)):\($1.line)" }.joined(separator: ","))}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case _ where scalar.value < 0x20:
                let code = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - code.count) + code
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
