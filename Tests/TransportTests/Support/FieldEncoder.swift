// SPDX-License-Identifier: Apache-2.0

/// HPACK's other side: header blocks as a client may code them, with a table of its own.
struct FieldEncoder {
    private var table: [(String, String)] = []
    private var capacity = 4_096

    /// Entries of the static table that requests use.
    private static let whole = [
        ":method POST": 3, ":method GET": 2, ":scheme http": 6, ":scheme https": 7, ":path /": 4,
    ]
    private static let names = [
        ":authority": 1, ":method": 2, ":path": 4, ":scheme": 6, "content-length": 28,
        "content-type": 31, "host": 38,
    ]
    private static let staticCount = 61

    /// A block that says these fields. `random` chooses among the ways to; blocks repeat when most of
    /// their fields are in the table.
    mutating func block(_ fields: [(String, String)], _ random: inout Generator) -> [UInt8] {
        var block: [UInt8] = []
        if random.next(40) == 0 { block += resized(to: [0, 100, 300, 4_096][random.next(4)]) }
        let indexes = random.next(10) == 0
        for (name, text) in fields { block += field(name, text, indexes: indexes, &random) }
        return block
    }

    /// Says that the table is smaller, or larger again.
    mutating func resized(to bytes: Int) -> [UInt8] {
        capacity = bytes
        evict()
        return RawFrame.number(bytes, prefix: 31, kind: 0x20)
    }

    /// One field; `indexes`: it is added to the table if it isn't there.
    mutating func field(
        _ name: String, _ text: String, indexes: Bool, _ random: inout Generator
    ) -> [UInt8] {
        if let index = Self.whole["\(name) \(text)"] {
            return RawFrame.number(index, prefix: 127, kind: 0x80)
        }
        if let place = table.firstIndex(where: { $0 == (name, text) }), random.next(50) > 0 {
            return RawFrame.number(Self.staticCount + 1 + place, prefix: 127, kind: 0x80)
        }
        let place = table.firstIndex { $0.0 == name }.map { Self.staticCount + 1 + $0 }
        let index = Self.names[name] ?? place ?? 0
        let (prefix, kind): (Int, UInt8) =
            indexes ? (63, 0x40) : (15, text.utf8.count % 2 == 0 ? 0 : 0x10)
        var bytes = RawFrame.number(index, prefix: prefix, kind: kind)
        if index == 0 { bytes += RawFrame.text(name.utf8) }
        bytes += RawFrame.text(text.utf8)
        if indexes {
            table.insert((name, text), at: 0)
            evict()
        }
        return bytes
    }

    private mutating func evict() {
        while table.reduce(0, { $0 + $1.0.utf8.count + $1.1.utf8.count + 32 }) > capacity {
            table.removeLast()
        }
    }
}
