// SPDX-License-Identifier: Apache-2.0

/// Objects of JSON, one a line, appended to bytes. The caller sees to it that the parts come in order;
/// commas, quotes and escapes are seen to here.
struct JSONLines {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// Forgets what was written.
    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// Begins an object on a line of its own.
    mutating func beginLine(kind: StaticString) {
        begin(0x7b)
        field("kind", text: kind)
    }

    mutating func endLine() {
        end(0x7d)
        bytes.append(0x0a)
        needsComma = false
    }

    mutating func beginObject() {
        separate()
        begin(0x7b)
    }

    mutating func endObject() { end(0x7d) }

    mutating func beginList(_ name: StaticString) {
        key(name)
        begin(0x5b)
    }

    mutating func endList() { end(0x5d) }

    mutating func field<Number: FixedWidthInteger>(_ name: StaticString, _ number: Number) {
        key(name)
        bytes.append(contentsOf: String(number).utf8)
    }

    mutating func field(_ name: StaticString, flag: Bool) {
        key(name)
        append(flag ? "true" : "false")
    }

    mutating func field(_ name: StaticString, hex: String) {
        key(name)
        bytes.append(0x22)
        bytes.append(contentsOf: hex.utf8)
        bytes.append(0x22)
    }

    /// An element of a list.
    mutating func element(hex: String) {
        separate()
        bytes.append(0x22)
        bytes.append(contentsOf: hex.utf8)
        bytes.append(0x22)
    }

    mutating func field(_ name: StaticString, text: StaticString) {
        key(name)
        bytes.append(0x22)
        append(text)
        bytes.append(0x22)
    }

    /// A text of bytes as the journal has it. Codes are printable ASCII; any other byte is written as
    /// the character with its number.
    mutating func field(_ name: StaticString, code: [UInt8]) {
        key(name)
        bytes.append(0x22)
        for byte in code {
            switch byte {
            case 0x22, 0x5c:
                bytes.append(0x5c)
                bytes.append(byte)
            case 0x20...0x7e: bytes.append(byte)
            default:
                append("\\u00")
                bytes.append(JSONLines.digit(byte >> 4))
                bytes.append(JSONLines.digit(byte & 15))
            }
        }
        bytes.append(0x22)
    }

    mutating func nullField(_ name: StaticString) {
        key(name)
        append("null")
    }

    // MARK: - Parts

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x61 + value - 10
    }

    private mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
    }

    private mutating func key(_ name: StaticString) {
        separate()
        bytes.append(0x22)
        append(name)
        bytes.append(0x22)
        bytes.append(0x3a)
    }

    private mutating func separate() {
        if needsComma { bytes.append(0x2c) }
        needsComma = true
    }

    private mutating func begin(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }
}
