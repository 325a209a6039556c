// SPDX-License-Identifier: Apache-2.0

internal import Primitives

/// What a code names.
public enum CodeKind: UInt8, Sendable {
    /// A brand: the outermost name, in which all others lie.
    case brand = 1
    /// A stock keeping unit of a brand.
    case sku = 2
    /// A warehouse of a brand.
    case warehouse = 3
    /// A dealer of a brand.
    case dealer = 4
}

/// Business codes and their numbers, append-only.
///
/// A code is keyed by (kind, brand, text). Look-ups are lock-free from any thread; definitions are
/// serialised by the core's class-0 lock, journaled before their first use, and bounded.
struct CodeTable: ~Copyable, Sendable {
    struct Row: BitwiseCopyable {
        var hash: UInt64
        var brand: UInt32
        var textStart: UInt32
        var textCount: UInt8
        var kind: UInt8
    }

    private let rows: FixedTable<Row>
    private let index: PublishedIndex
    private let texts: TextSlab
    private let state: FixedTable<Filling>  // one row, guarded by the class-0 lock
    private let hash: KeyedHash

    struct Filling: BitwiseCopyable {
        var count = 0
        var textBytes = 0
    }

    /// Bytes that a code's text takes on average at most; together they are one bound.
    private static let textBytesPerCode = 32

    init(capacity: Int, hash: KeyedHash) {
        rows = FixedTable(
            capacity: capacity,
            repeating: Row(hash: 0, brand: 0, textStart: 0, textCount: 0, kind: 0))
        index = PublishedIndex(rowsMax: capacity)
        texts = TextSlab(capacity: max(capacity * CodeTable.textBytesPerCode, 4_096))
        state = FixedTable(capacity: 1, repeating: Filling())
        self.hash = hash
    }

    static func byteCount(capacity: Int) -> Int {
        capacity * (MemoryLayout<Row>.stride + textBytesPerCode + 16)
    }

    /// The keyed hash of a code: where it lies in the index, and what identities are made of.
    func hash(_ kind: CodeKind, brand: UInt32, _ text: Span<UInt8>) -> UInt64 {
        // The text's hash is secret, so an odd multiple of (kind, brand) separates the kinds.
        hash(text) &+ (UInt64(kind.rawValue) << 32 | UInt64(brand)) &* 0x9e37_79b9_7f4a_7c15
    }

    /// The number of a code that was defined, or nil. Lock-free.
    func find(_ kind: CodeKind, brand: UInt32, _ text: Span<UInt8>, hash: UInt64) -> UInt32? {
        let found = index.find(hash) { number in
            let row = rows[number]
            return row.hash == hash && row.brand == brand && row.kind == kind.rawValue
                && texts.matches(
                    text, at: ByteRange(start: row.textStart, count: UInt32(row.textCount)))
        }
        return found.map { UInt32($0) }
    }

    /// The number that the next definition gets, or nil when the table or its text room is full.
    /// The caller holds the class-0 lock.
    func next(for text: Span<UInt8>) -> UInt32? {
        let filling = state[0]
        guard filling.count < rows.capacity, text.count <= texts.capacity - filling.textBytes
        else { return nil }
        return UInt32(filling.count)
    }

    /// Publishes a code under the number that `next` gave. The caller holds the class-0 lock.
    func define(_ kind: CodeKind, brand: UInt32, _ text: Span<UInt8>, hash: UInt64) {
        let filling = state[0]
        texts.write(text, at: filling.textBytes)
        rows[filling.count] = Row(
            hash: hash, brand: brand, textStart: UInt32(filling.textBytes),
            textCount: UInt8(text.count), kind: kind.rawValue)
        state[0] = Filling(count: filling.count + 1, textBytes: filling.textBytes + text.count)
        index.insert(hash, row: filling.count)
    }

    /// The keyed hash of a code that was defined.
    func hash(of number: UInt32) -> UInt64 { rows[Int(number)].hash }

    /// Whether a code that was defined reads `text`.
    func matches(_ number: UInt32, _ text: Span<UInt8>) -> Bool {
        let row = rows[Int(number)]
        return texts.matches(
            text, at: ByteRange(start: row.textStart, count: UInt32(row.textCount)))
    }

    /// Appends the text of a code that was defined.
    func copyText(of number: UInt32, into writer: inout ByteWriter) {
        let row = rows[Int(number)]
        texts.copy(
            ByteRange(start: row.textStart, count: UInt32(row.textCount)), into: &writer)
    }

    /// Fetches where a look-up of `hash` will begin.
    func prefetch(_ hash: UInt64) { index.prefetch(hash) }
}
