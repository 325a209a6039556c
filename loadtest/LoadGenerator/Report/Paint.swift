// SPDX-License-Identifier: Apache-2.0

/// Colours of a terminal, or none; the same in words either way.
struct Paint {
    enum Colour: Int {
        case red = 31
        case green = 32
        case yellow = 33
        case blue = 34
        case magenta = 35
        case cyan = 36
    }

    let isOn: Bool

    func `in`(_ colour: Colour, _ text: String) -> String {
        isOn ? "\u{1b}[\(colour.rawValue)m\(text)\u{1b}[39m" : text
    }

    func bold(_ text: String) -> String { isOn ? "\u{1b}[1m\(text)\u{1b}[22m" : text }

    func dim(_ text: String) -> String { isOn ? "\u{1b}[2m\(text)\u{1b}[22m" : text }

    /// It holds. The four are equally wide without colour, so that columns stay.
    var good: String { isOn ? self.in(.green, "✓") : "ok  " }
    /// It doesn't.
    var bad: String { isOn ? self.in(.red, "✗") : "FAIL" }
    /// It doesn't, and nothing follows.
    var warning: String { isOn ? self.in(.yellow, "!") : "warn" }
    /// Nobody looked.
    var unknown: String { isOn ? dim("–") : "-   " }
}
