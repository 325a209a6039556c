// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// The coding of `grpc-message`: printable ASCII but `%` stands for itself, any other byte of the
/// UTF-8 text is `%` and two hexadecimal digits.
extension ByteWriter {
    /// Writes `text` as the value of a `grpc-message` header.
    public mutating func appendPercentEncoded(_ text: Span<UInt8>) {
        for index in text.indices {
            let byte = text[index]
            if byte >= 0x20, byte <= 0x7e, byte != 0x25 {
                append(byte)
            } else {
                append(0x25)
                append(Self.upperHexDigit(byte >> 4))
                append(Self.upperHexDigit(byte & 0x0f))
            }
        }
    }

    /// Writes the text that `value`, a `grpc-message` header, stands for.
    ///
    /// A `%` without two digits behind it stands for itself: a text is never refused for its form.
    public mutating func appendPercentDecoded(_ value: Span<UInt8>) {
        var index = 0
        while index < value.count {
            if value[index] == 0x25, index + 2 < value.count,
                let high = Self.hexDigitValue(value[index + 1]),
                let low = Self.hexDigitValue(value[index + 2])
            {
                append(high << 4 | low)
                index += 3
            } else {
                append(value[index])
                index += 1
            }
        }
    }

    private static func upperHexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x37 + value
    }

    private static func hexDigitValue(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x37
        case 0x61...0x66: digit - 0x57
        default: nil
        }
    }
}
