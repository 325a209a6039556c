// SPDX-License-Identifier: Apache-2.0

/// Reads the header blocks that the server sends: HPACK with its dynamic table, and only so much of
/// the static table as a gRPC server needs.
struct HeaderReader {
    private var dynamic: [(String, String)] = []
    /// What the server said about the size of its table, in the order of its blocks.
    private(set) var tableSizes: [Int] = []

    private static let statuses = ["200", "204", "206", "304", "400", "404", "500"]

    mutating func read(_ block: [UInt8]) -> [String: String] {
        var fields: [String: String] = [:]
        var rest = block[...]
        while let first = rest.first {
            let field: (String, String)
            if first & 0x80 != 0 {
                field = entry(integer(&rest, prefix: 7))
            } else if first & 0xe0 == 0x20 {
                tableSizes.append(integer(&rest, prefix: 5))
                if tableSizes.last == 0 { dynamic.removeAll() }
                continue
            } else {
                let isIndexed = first & 0xc0 == 0x40
                let index = integer(&rest, prefix: isIndexed ? 6 : 4)
                let name = index == 0 ? text(&rest) : entry(index).0
                field = (name, text(&rest))
                if isIndexed { dynamic.insert(field, at: 0) }
            }
            fields[field.0] = field.1
        }
        return fields
    }

    private func entry(_ index: Int) -> (String, String) {
        switch index {
        case 8...14: (":status", Self.statuses[index - 8])
        case 31: ("content-type", "")
        case 62...: dynamic[index - 62]
        default: ("static-\(index)", "")
        }
    }

    private func integer(_ bytes: inout ArraySlice<UInt8>, prefix: Int) -> Int {
        let mask = 1 << prefix - 1
        var value = Int(bytes.removeFirst()) & mask
        guard value == mask else { return value }
        var shift = 0
        while true {
            let byte = bytes.removeFirst()
            value += Int(byte & 0x7f) << shift
            shift += 7
            if byte & 0x80 == 0 { return value }
        }
    }

    private func text(_ bytes: inout ArraySlice<UInt8>) -> String {
        let isHuffman = bytes.first! & 0x80 != 0
        let count = integer(&bytes, prefix: 7)
        let raw = bytes.prefix(count)
        bytes = bytes.dropFirst(count)
        return isHuffman ? HuffmanText.decode(raw) : String(decoding: raw, as: UTF8.self)
    }
}
