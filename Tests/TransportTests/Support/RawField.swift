// SPDX-License-Identifier: Apache-2.0

/// A header field of any bytes.
struct RawField: CustomStringConvertible {
    var name: [UInt8]
    var text: [UInt8]

    init(_ name: [UInt8], _ text: [UInt8]) {
        self.name = name
        self.text = text
    }

    init(_ name: String, _ text: String) { self.init(Array(name.utf8), Array(text.utf8)) }

    /// As a literal that changes no table.
    var literal: [UInt8] { [0] + RawFrame.text(name) + RawFrame.text(text) }

    var description: String {
        "\(String(decoding: name, as: UTF8.self).debugDescription): "
            + String(decoding: text, as: UTF8.self).debugDescription
    }
}
