// SPDX-License-Identifier: Apache-2.0

public import Primitives

/// The coding of headers whose name ends in `-bin`: base64 with `+` and `/`.
extension ByteWriter {
    /// Writes `bytes` as base64 without padding, as gRPC wants it to be sent.
    public mutating func appendBase64(_ bytes: Span<UInt8>) {
        var index = 0
        while index + 6 <= bytes.count {
            let first =
                UInt64(bytes[index]) << 16 | UInt64(bytes[index + 1]) << 8
                | UInt64(bytes[index + 2])
            let second =
                UInt64(bytes[index + 3]) << 16 | UInt64(bytes[index + 4]) << 8
                | UInt64(bytes[index + 5])
            append(littleEndian: Self.base64Digits(second << 32 | first))
            index += 6
        }
        while index < bytes.count {
            let count = min(bytes.count - index, 3)
            var group = UInt64(bytes[index]) << 16
            if count > 1 { group |= UInt64(bytes[index + 1]) << 8 }
            if count > 2 { group |= UInt64(bytes[index + 2]) }
            let digits = Self.base64Digits(group)
            // One byte makes two digits, two make three, three make four.
            for place in 0...count { append(UInt8(truncatingIfNeeded: digits >> (8 * place))) }
            index += count
        }
    }

    /// Writes the bytes that `text` stands for, padded or not.
    ///
    /// - Returns: false when `text` isn't base64: a foreign character, padding elsewhere than at
    ///   the end or of the wrong length, a lone last digit, or bits beyond the last byte that aren't
    ///   0. Some bytes may have been written then.
    public mutating func appendBase64Decoded(_ text: Span<UInt8>) -> Bool {
        var length = text.count
        if length > 0, length % 4 == 0, text[length - 1] == 0x3d {
            length -= text[length - 2] == 0x3d ? 2 : 1
        }
        guard length % 4 != 1 else { return false }
        var word: UInt32 = 0
        var bits: UInt32 = 0
        for index in 0..<length {
            guard let value = Self.base64Value(text[index]) else { return false }
            word = word << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                append(UInt8(truncatingIfNeeded: word >> bits))
                word &= 1 << bits - 1
            }
        }
        return word == 0
    }

    /// The eight digits that stand for two groups of three bytes, the first one lowest.
    ///
    /// Eight at once, one in each byte of a word: a refusal's details are base64, and in a sale most
    /// answers are refusals.
    private static func base64Digits(_ groups: UInt64) -> UInt64 {
        let sixBits: UInt64 = 0x0000_003f_0000_003f
        let values =
            groups >> 18 & sixBits | (groups >> 12 & sixBits) << 8 | (groups >> 6 & sixBits) << 16
            | (groups & sixBits) << 24
        let ones: UInt64 = 0x0101_0101_0101_0101
        // In each byte 1 where its value is at least `bound`; values below 64 never carry over, and
        // no sum below leaves 0 to 255 in any byte, so nothing here can overflow.
        func atLeast(_ bound: UInt64) -> UInt64 {
            (values &+ (0x80 &- bound) &* ones) >> 7 & ones
        }
        // A-Z from 0, a-z from 26, 0-9 from 52, + at 62, / at 63: each step is what ASCII jumps by.
        let letters = values &+ 0x41 &* ones &+ atLeast(26) &* 6
        return letters &- atLeast(52) &* 75 &- atLeast(62) &* 15 &+ atLeast(63) &* 3
    }

    private static func base64Value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x41...0x5a: digit - 0x41
        case 0x61...0x7a: digit - 0x61 + 26
        case 0x30...0x39: digit - 0x30 + 52
        case 0x2b: 62
        case 0x2f: 63
        default: nil
        }
    }
}
