// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// Where a page ended, as text that means nothing to its reader: a version, the place, and a keyed
/// hash over the place and what was asked for.
///
/// So a token that was made up, or for another list, is told at once. The places of memory are
/// those of one run of the server, and so are its tokens.
struct PageToken {
    /// The token's form.
    private static let version: UInt8 = 0x31
    /// One digit for the version, 16 for the place, 16 for the hash.
    static let characterCount = 33

    let hash: KeyedHash

    /// Writes the token of `place` in the list that `filter` is the hash of.
    func append(_ place: UInt64, filter: UInt64, to writer: inout ByteWriter) {
        writer.append(PageToken.version)
        PageToken.append(place, to: &writer)
        PageToken.append(hash([place, filter]), to: &writer)
    }

    /// The place that a token stands for; nil: the token isn't of this list.
    func place(
        of token: ByteRange, filter: UInt64, in message: Span<UInt8>
    ) -> UInt64? {
        let text = message.extracting(token.indices)
        guard text.count == PageToken.characterCount, text[0] == PageToken.version,
            let place = PageToken.number(text.extracting(1..<17)),
            let check = PageToken.number(text.extracting(17..<33)),
            check == hash([place, filter])
        else { return nil }
        return place
    }

    private static func append(_ value: UInt64, to writer: inout ByteWriter) {
        for place in 0..<16 {
            let digit = UInt8(truncatingIfNeeded: value >> UInt64(60 - 4 * place)) & 0x0f
            writer.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
        }
    }

    private static func number(_ text: Span<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for index in text.indices {
            switch text[index] {
            case 0x30...0x39: value = value << 4 | UInt64(text[index] - 0x30)
            case 0x61...0x66: value = value << 4 | UInt64(text[index] - 0x57)
            default: return nil
            }
        }
        return value
    }
}
