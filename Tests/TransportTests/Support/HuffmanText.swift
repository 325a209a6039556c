// SPDX-License-Identifier: Apache-2.0

/// HPACK's Huffman code (RFC 7541 appendix B) for printable ASCII. The code is canonical: lengths,
/// in the order of the characters, say everything.
enum HuffmanText {
    /// Bits of each character from blank to tilde.
    private static let lengths: [Int] = [
        6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8,
        15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8,
        7,
        8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7,
        7, 7, 7, 7, 15, 11, 14, 13,
    ]

    /// Character by length and code.
    private static let characters: [[Int]: UInt8] = {
        // NUL has 13 bits and comes before the printable ones of that length.
        let symbols = [(0, 13)] + lengths.enumerated().map { ($0.offset + 32, $0.element) }
        var table: [[Int]: UInt8] = [:]
        var code = 0
        var length = 5
        for (symbol, bits) in symbols.sorted(by: { ($0.1, $0.0) < ($1.1, $1.0) }) {
            code <<= bits - length
            length = bits
            table[[bits, code]] = UInt8(symbol)
            code += 1
        }
        return table
    }()

    static func decode(_ bytes: ArraySlice<UInt8>) -> String {
        var text: [UInt8] = []
        var (code, length) = (0, 0)
        for byte in bytes {
            for place in (0..<8).reversed() {
                code = code << 1 | Int(byte >> place & 1)
                length += 1
                if let character = characters[[length, code]] {
                    text.append(character)
                    (code, length) = (0, 0)
                }
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
