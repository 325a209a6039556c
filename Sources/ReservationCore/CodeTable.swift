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
    /// A currency of a brand's credit.
    case currency = 5
    /// A promotion of a brand.
    case promotion = 6
}

/// Business codes and their numbers, append-only.
///
/// A code is keyed by (kind, brand, text). Look-ups are lock-free from any thread; definitions are
/// serialised by the core's class-0 lock, journaled before their first use, and bounded.
struct CodeTable: ~Copyable, Sendable {
    struct Row: BitwiseCopyable {
        var hash: UInt64 = 0
        var brand: UInt32 = 0
        /// Where a text that isn't short lies in the slab.
        var textStart: UInt32 = 0
        var textCount: UInt8 = 0
        var kind: UInt8 = 0
        var text = ShortText()
        /// Of a SKU: the first account that was made for it, and its warehouse (`noteFirstAccount`). Published
        /// once, read without a lock.
        var firstAccount: UInt64 = 0
    }

    private let rows: FixedTable<Row>
    private let index: PublishedIndex
    private let texts: TextSlab
    private let state: FixedTable<Filling>  // one row, guarded by the class-0 lock
    private let hash: KeyedHash

    struct Filling: BitwiseCopyable {
        var count = 0
        var textBytes = 0

        /// Counts a code in.
        mutating func add(_ text: Span<UInt8>) {
            count += 1
            textBytes += CodeTable.slabBytes(text)
        }
    }

    /// Bytes of long texts (over 30 bytes) per code that fits; together they are one bound.
    private static let textBytesPerCode = 8

    init(capacity: Int, hash: KeyedHash) {
        rows = FixedTable(capacity: capacity, repeating: Row())
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
            rows[number].hash == hash && rows[number].brand == brand
                && rows[number].kind == kind.rawValue && matches(UInt32(number), text)
        }
        return found.map { UInt32($0) }
    }

    /// The same through a memo: a code that was found lately is only compared.
    func find(
        _ kind: CodeKind, brand: UInt32, _ text: Span<UInt8>, memo: borrowing CodeMemo
    ) -> UInt32? {
        let place = memo.place(kind, brand: brand, text)
        if let number = memo[place], isCode(number, kind, of: brand, reading: text) {
            return number
        }
        let found = find(kind, brand: brand, text, hash: hash(kind, brand: brand, text))
        if let found { memo.note(found, at: place) }
        return found
    }

    private func isCode(
        _ number: UInt32, _ kind: CodeKind, of brand: UInt32, reading text: Span<UInt8>
    ) -> Bool {
        rows[Int(number)].brand == brand && rows[Int(number)].kind == kind.rawValue
            && matches(number, text)
    }

    /// The number that the next definition gets, or nil when the table or its text room is full.
    /// The caller holds the class-0 lock.
    func next(for text: Span<UInt8>) -> UInt32? {
        var wanted = Filling()
        wanted.add(text)
        return hasRoom(for: wanted) ? UInt32(state[0].count) : nil
    }

    /// Whether so many codes more, with so many bytes of text, can all be defined. The caller holds
    /// the class-0 lock.
    func hasRoom(for wanted: Filling) -> Bool {
        wanted.count <= rows.capacity - state[0].count
            && wanted.textBytes <= texts.capacity - state[0].textBytes
    }

    /// Bytes that a text takes beyond its row.
    private static func slabBytes(_ text: Span<UInt8>) -> Int {
        text.count <= ShortText.capacity ? 0 : text.count
    }

    /// Publishes a code under the number that `next` gave. The caller holds the class-0 lock.
    func define(_ kind: CodeKind, brand: UInt32, _ text: Span<UInt8>, hash: UInt64) {
        let filling = state[0]
        var row = Row()
        row.hash = hash
        row.brand = brand
        row.textStart = UInt32(filling.textBytes)
        row.textCount = UInt8(text.count)
        row.kind = kind.rawValue
        if text.count <= ShortText.capacity {
            row.text = ShortText(text)
        } else {
            texts.write(text, at: filling.textBytes)
        }
        rows[filling.count] = row
        state[0].add(text)
        index.insert(hash, row: filling.count)
    }

    /// Codes that were defined. The caller holds the class-0 lock or is alone.
    var definedCount: Int { state[0].count }

    /// Whether a number from a disk is a code of this kind and brand. The caller is alone.
    func isCode(_ number: UInt32, _ kind: CodeKind, of brand: UInt32) -> Bool {
        Int(number) < state[0].count && rows[Int(number)].kind == kind.rawValue
            && rows[Int(number)].brand == brand
    }

    /// The keyed hash of a code that was defined.
    func hash(of number: UInt32) -> UInt64 { rows[Int(number)].hash }

    /// Whether a code that was defined reads `text`.
    func matches(_ number: UInt32, _ text: Span<UInt8>) -> Bool {
        let count = Int(rows[Int(number)].textCount)
        guard count == text.count else { return false }
        guard count > ShortText.capacity else { return rows[Int(number)].text.matches(text) }
        return texts.matches(
            text, at: ByteRange(start: rows[Int(number)].textStart, count: UInt32(count)))
    }

    /// Appends the text of a code that was defined.
    func copyText(of number: UInt32, into writer: inout ByteWriter) {
        let count = Int(rows[Int(number)].textCount)
        guard count > ShortText.capacity else {
            return rows[Int(number)].text.copy(count: count, into: &writer)
        }
        texts.copy(
            ByteRange(start: rows[Int(number)].textStart, count: UInt32(count)), into: &writer)
    }

    /// Notes the account of a SKU in a warehouse, if it is the SKU's first: most SKUs lie in few
    /// warehouses, and then the index of accounts isn't needed. The caller holds the class-0 lock.
    func noteFirstAccount(_ account: UInt32, of sku: UInt32, in warehouse: UInt32) {
        let row = Int(sku)
        guard rows[row].firstAccount == 0 else { return }
        // SAFETY: a word in the table, which lives as long as self.
        unsafe PublishedWord.store(
            UInt64(warehouse) << 32 | UInt64(account + 1), to: &rows[row].firstAccount)
    }

    /// A SKU's first account, where the chain of all its accounts begins. Lock-free.
    func firstAccount(of sku: UInt32) -> UInt32? {
        // SAFETY: as above.
        let word = unsafe PublishedWord.load(&rows[Int(sku)].firstAccount)
        return word == 0 ? nil : UInt32(truncatingIfNeeded: word) - 1
    }

    /// The account of a SKU in a warehouse, if it is the SKU's first. Lock-free.
    func firstAccount(of sku: UInt32, in warehouse: UInt32) -> UInt32? {
        // SAFETY: as above.
        let word = unsafe PublishedWord.load(&rows[Int(sku)].firstAccount)
        guard word != 0, word >> 32 == UInt64(warehouse) else { return nil }
        return UInt32(truncatingIfNeeded: word) - 1
    }

    /// Fetches where a look-up of `hash` will begin.
    func prefetch(_ hash: UInt64) { index.prefetch(hash) }

    /// Fetches the row that a look-up of `hash` will find: worth it once its slot was fetched.
    func prefetchRow(_ hash: UInt64) {
        if let row = index.guess(hash) { rows.prefetch(row) }
    }
}
